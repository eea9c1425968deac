using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sightline.Evaluation;
using Sightline.Runs.Report;
using Sightline.Studio.Access;
using Sightline.Studio.Runs;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Evaluate;

/// <summary><c>/runs/RUN/thresholds</c>: a slider for the probability from which on the model may answer, with what that gives; the figures of <c>eval thresholds</c>.</summary>
internal sealed class ThresholdsPage(StudioOptions options, RunIndex runs, JudgedRuns judgements)
{
    private const double Usual = 0.5;

    private static readonly string[] Splits = ["test", "validation"];

    public void Map(Endpoints pages)
    {
        pages.Get("/runs/{run}/thresholds", Show);
        pages.Post("/runs/{run}/thresholds", Role.Editor, Judge);
    }

    /// <summary>What the page asks for.</summary>
    private sealed record Asked(string Split, string? Class, double At);

    /// <summary>What a threshold gives. Ratios without a denominator are null.</summary>
    private sealed record Given(int Kept, int Pictures, double Coverage, double? Accuracy, double? Precision, double? Recall, double? F1);

    private Task Show(HttpContext context)
    {
        var run = runs.Find(context.Part("run"));
        var asked = Read(context, run);
        var judged = run.HasWeights ? judgements.Known(run, asked.Split) : null;
        var given = judged is null ? null : At(judged, asked);
        var only = asked.Class is { } name ? $" --class {Figures.Argument(name)}" : "";
        var page = new Page($"Thresholds of {run.Name}", "/runs", $"sightline eval thresholds {Figures.Argument(Path.Combine(options.Runs, run.Name))} --split {asked.Split}{only}");
        var facts = new { run = run.Name, split = judged?.ShownSplit ?? asked.Split, asked.Class, asked.At, given, judged?.Tables.Value.Selective, rows = Row(judged, asked)?.Rows };
        return context.Page(page, facts, html =>
        {
            Layout.Heading(html, "Thresholds", "From which probability on should the model answer, and leave the rest to a person?", ("Runs", "/runs"), (run.Name, $"/runs/{Figures.Url(run.Name)}"), ("Evaluation", $"/runs/{Figures.Url(run.Name)}/evaluate"));
            Form(html, run, asked);
            if (judged is null || given is null)
            {
                Ask(html, context, run, asked);
                return;
            }

            Figure(html, asked, given);
            Curves(html, judged, asked);
            html.Markup("<p class=\"note\">A threshold chosen on the pictures it is judged on flatters: choose on validation, judge on test.</p>");
        });
    }

    private async Task Judge(HttpContext context)
    {
        var run = runs.Find(context.Part("run"));
        if (!run.HasWeights)
        {
            throw new NotFoundException($"The run '{run.Name}' has no weights yet: no epoch is finished.");
        }

        await judgements.Judge(run, Read(context, run).Split, context.RequestAborted);
        await context.Back($"{context.Request.Path}{context.Request.QueryString}");
    }

    private static Asked Read(HttpContext context, RunRow run)
    {
        var split = context.Query("split") ?? "test";
        if (!Splits.Contains(split))
        {
            throw new SettingsException($"The split is '{split}'; it must be test or validation.");
        }

        var name = context.Query("class");
        if (name is not null)
        {
            run.Folder.Settings.RequireClass(name);
        }

        var text = context.Query("at");
        var at = text is null ? Usual : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : double.NaN;
        return at is >= 0 and <= 1 ? new Asked(split, name, at) : throw new SettingsException($"The threshold is '{text}'; it must be a number from 0 to 1, such as 0.9.");
    }

    private static Given At(JudgedRuns.Judged judged, Asked asked)
    {
        var (predictions, pictures) = (judged.Predictions, judged.Scores.Length);
        if (asked.Class is not { } name)
        {
            var point = SelectivePrediction.At(predictions.Labels, judged.Scores, asked.At);
            return new Given(point.Kept, pictures, point.Coverage, point.Kept == 0 ? null : point.Accuracy, null, null, null);
        }

        var label = predictions.Classes.ToList().IndexOf(name);
        var row = ClassThresholds.At(predictions, judged.Scores, label, asked.At, temperature: 1);
        return new Given(row.Called, pictures, (double)row.Called / pictures, null, row.Called == 0 ? null : row.Precision, predictions.Labels.Contains(label) ? row.Recall : null, row.F1);
    }

    private static ClassThresholds? Row(JudgedRuns.Judged? judged, Asked asked) => judged?.Tables.Value.Classes.FirstOrDefault(entry => entry.Name == asked.Class);

    private static void Form(Html html, RunRow run, Asked asked)
    {
        html.Add($"<form method=\"get\" action=\"/runs/{Figures.Url(run.Name)}/thresholds\" class=\"filters\" id=\"thresholds\"><div><label for=\"split\">Split</label><select id=\"split\" name=\"split\">");
        foreach (var split in Splits)
        {
            Layout.Choice(html, split, split, split == asked.Split);
        }

        html.Markup("</select></div><div><label for=\"class\">Class</label><select id=\"class\" name=\"class\">");
        Layout.Choice(html, "", "All: answer only where it is sure", asked.Class is null);
        foreach (var name in run.Folder.Settings.Classes)
        {
            Layout.Choice(html, name, name, name == asked.Class);
        }

        var at = Text(asked.At);
        html.Add($"</select></div><div><label for=\"slider\">Probability from</label><input id=\"slider\" type=\"range\" min=\"0\" max=\"1\" step=\"0.005\" value=\"{at}\"></div>");
        html.Add($"<div><label for=\"at\">as a number</label><input id=\"at\" name=\"at\" type=\"number\" min=\"0\" max=\"1\" step=\"any\" value=\"{at}\"></div>");
        html.Markup("<div class=\"tools\" role=\"group\" aria-label=\"Move the threshold\"><button type=\"button\" data-move=\"-0.01\"><span aria-hidden=\"true\">−</span><span class=\"hidden\">0.01 less</span></button>");
        html.Markup("<button type=\"button\" data-move=\"0.01\"><span aria-hidden=\"true\">+</span><span class=\"hidden\">0.01 more</span></button></div><button>Show</button></form>");
    }

    private static void Ask(Html html, HttpContext context, RunRow run, Asked asked)
    {
        html.Markup("<div class=\"card\"><p>The model has to look at every picture of the split once, which takes seconds to minutes; then the slider answers at once.</p>");
        if (!run.HasWeights)
        {
            html.Markup("<p class=\"note\">The run has no weights yet: no epoch is finished.</p></div>");
            return;
        }

        if (context.Session().Role < Role.Editor)
        {
            html.Markup("<p class=\"note\">This needs the role of an editor.</p></div>");
            return;
        }

        html.Add($"<form method=\"post\" action=\"/runs/{Figures.Url(run.Name)}/thresholds{context.Request.QueryString.Value}\">");
        Layout.Token(html, context);
        html.Add($"<button class=\"primary\">Judge the {asked.Split} split</button></form></div>");
    }

    private static void Figure(Html html, Asked asked, Given given)
    {
        (string Key, string Name, double? Share)[] shares = asked.Class is null
            ? [("coverage", "Answered", given.Coverage), ("accuracy", "Right of the answered", given.Accuracy)]
            : [("coverage", "Called so", given.Coverage), ("precision", "Precision", given.Precision), ("recall", "Recall", given.Recall), ("f1", "F1", given.F1)];
        html.Markup("<div class=\"card\"><dl class=\"facts\" id=\"given\">");
        html.Add($"<div><dt>Pictures</dt><dd><span data-given=\"kept\">{Words.Count(given.Kept)}</span> of {Words.Count(given.Pictures)}</dd></div>");
        foreach (var (key, name, share) in shares)
        {
            html.Add($"<div><dt>{name}</dt><dd data-given=\"{key}\" data-share>{Words.Percent(share, 2)}</dd></div>");
        }

        html.Markup("</dl></div>");
    }

    private static void Curves(Html html, JudgedRuns.Judged judged, Asked asked)
    {
        var (_, selective) = judged.Tables.Value;
        html.Markup("<div class=\"charts\">");
        if (Row(judged, asked) is { } entry)
        {
            Chart(html, entry.Name, "of the class", [.. entry.Rows.Select(row => row.Threshold)], asked.At,
                new("Precision", "precision", [.. entry.Rows.Select(row => (double?)row.Precision)]),
                new("Recall", "recall", [.. entry.Rows.Select(row => (double?)row.Recall)]),
                new("F1", "F1", [.. entry.Rows.Select(row => (double?)row.F1)]));
        }
        else
        {
            SelectivePoint[] points = [.. selective.Points.OrderBy(point => point.Threshold)];
            Chart(html, "Answering only where it is sure", "of the pictures", [.. points.Select(point => point.Threshold)], asked.At,
                new("Answered", "answered", [.. points.Select(point => (double?)point.Coverage)]),
                new("Right of the answered", "right", [.. points.Select(point => (double?)point.Accuracy)]));
        }

        html.Markup("</div>");
        if (Row(judged, asked) is { BestThreshold: { } best } found)
        {
            html.Add($"<p>The highest F1 on these pictures, {Words.Percent(found.BestF1, 2)}, is at <a href=\"?split={asked.Split}&class={Figures.Url(found.Name)}&at={Text(best)}\">{Words.Number(best, 4)}</a>; average precision {Words.Percent(found.AveragePrecision, 2)}.</p>");
        }
    }

    private static void Chart(Html html, string title, string unit, double[] thresholds, double at, params LineSeries[] series) => new LineChart
    {
        Id = "threshold-curve",
        Title = title,
        XName = "Probability, percent",
        YName = unit,
        X = [.. thresholds.Select(threshold => 100 * threshold)],
        FormatX = x => Words.Number(x, x == Math.Round(x) ? 0 : 2),
        Series = series,
        Format = value => Words.Percent(value, 2),
        FormatTick = value => Words.Percent(value, 0),
        Ceiling = 1,
        Mark = (100 * at, Words.Number(at, 3)),
    }.Write(html);

    private static string Text(double at) => at.ToString("0.######", CultureInfo.InvariantCulture);
}
