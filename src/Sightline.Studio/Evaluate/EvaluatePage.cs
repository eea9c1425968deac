using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Sightline.Evaluation;
using Sightline.Runs.Report;
using Sightline.Studio.Access;
using Sightline.Studio.Runs;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Evaluate;

/// <summary><c>/runs/RUN/evaluate</c>: figures, confusion with the pictures behind each cell, calibration, mistakes.</summary>
internal sealed class EvaluatePage(StudioOptions options, RunIndex runs, RunPictures pictures, HeatStore heats)
{
    private const int LargestTable = 40;
    private const int PicturesShown = 60;

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public void Map(Endpoints pages)
    {
        pages.Get("/runs/{run}/evaluate", Show);
        pages.Get("/runs/{run}/mistakes", Mistakes);
        pages.Post("/runs/{run}/mistakes", Role.Editor, Judge);
        pages.Get("/runs/{run}/picture", Picture);
        pages.Get("/runs/{run}/heat", Heat);
    }

    private sealed record Report(string Split, EvaluationResult? Evaluation, IReadOnlyList<Mistake> Mistakes);

    private Task Show(HttpContext context)
    {
        var run = runs.Find(context.Part("run"));
        var report = Read(run);
        var evaluation = report.Evaluation ?? throw new NotFoundException($"The run '{run.Name}' has no evaluation yet.");
        var argument = Figures.Argument(Path.Combine(options.Runs, run.Name));
        var withHeat = context.Query("heat") is not null;
        return context.Page(new Page($"Evaluation of {run.Name}", "/runs", $"sightline eval run {argument}", $"sightline eval errors {argument}"), new { run = run.Name, report.Split, evaluation, report.Mistakes }, html =>
        {
            Layout.Heading(html, "Evaluation", $"{Words.Plural(evaluation.Examples, "picture", "pictures")} of the {report.Split} split that training did not see.", ("Runs", "/runs"), (run.Name, Address(run)));
            html.Add($"<nav class=\"tabs\" aria-label=\"Of this evaluation\"><ul><li><a href=\"{Address(run)}/thresholds\">Thresholds</a></li><li><a href=\"{Address(run)}/mistakes\">Mistakes</a></li></ul></nav>");
            Figures.Facts(html,
                ("Accuracy", $"{Words.Percent(evaluation.Accuracy, 2)} ({Words.Number(100 * evaluation.AccuracyInterval.Low, 1)} to {Words.Percent(evaluation.AccuracyInterval.High)})"),
                ("Macro F1", Words.Percent(evaluation.Macro.F1, 2)), ("Balanced accuracy", Words.Percent(evaluation.BalancedAccuracy, 2)),
                ("Loss", Words.Number(evaluation.Loss, 4)), ("Calibration error", Words.Percent(evaluation.Ece, 2)));
            html.Markup("<p class=\"note\">In brackets the 95 % interval: where the accuracy on many more such pictures would lie.</p>");
            Confusion(html, run, evaluation);
            Classes(html, evaluation);
            ReliabilitySection.Write(html, evaluation);
            html.Markup("<section aria-labelledby=\"h-worst\"><h2 id=\"h-worst\">Surest mistakes</h2>");
            Gallery.Switch(html, $"{Address(run)}/evaluate", withHeat);
            Gallery.Write(html, run, report.Mistakes.Take(24).Select(mistake => new Wrong(mistake.Name, mistake.TrueClass, mistake.PredictedClass, mistake.Probability)), withHeat);
            html.Add($"<p><a href=\"{Address(run)}/mistakes\">All mistakes</a></p></section>");
        });
    }

    private static void Confusion(Html html, RunRow run, EvaluationResult result)
    {
        html.Markup("<section aria-labelledby=\"h-confusion\"><h2 id=\"h-confusion\">Confusion</h2>");
        if (result.PerClass.Count <= LargestTable)
        {
            html.Markup("<div class=\"scroll card\" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-confusion\"><table class=\"confusion\"><caption>Rows: true class; columns: predicted class. Blue is right, orange wrong; a number leads to its pictures.</caption><thead><tr><th scope=\"col\" class=\"corner\">True class</th>");
            foreach (var entry in result.PerClass)
            {
                html.Add($"<th scope=\"col\" class=\"turned\"><span>{Words.Cut(entry.Name, 24)}</span></th>");
            }

            html.Markup("</tr></thead><tbody>");
            foreach (var (truth, row) in result.Confusion.Index())
            {
                html.Add($"<tr><th scope=\"row\">{result.PerClass[truth].Name}</th>");
                foreach (var (predicted, count) in row.Index())
                {
                    Cell(html, run, result, truth, predicted, count);
                }

                html.Markup("</tr>");
            }

            html.Markup("</tbody></table></div>");
        }

        html.Markup("<h3>Most often confused</h3><ol class=\"confused\">");
        foreach (var pair in ConfusedPair.Of(result).Take(10))
        {
            html.Add($"<li><a href=\"{Address(run)}/mistakes?true={Figures.Url(pair.TrueClass)}&predicted={Figures.Url(pair.PredictedClass)}\"><b>{pair.TrueClass}</b> taken for <b>{pair.PredictedClass}</b></a>: {Words.Count(pair.Count)} ({Words.Percent(pair.Share)})</li>");
        }

        html.Markup("</ol></section>");
    }

    private static void Cell(Html html, RunRow run, EvaluationResult result, int truth, int predicted, int count)
    {
        var share = result.PerClass[truth].Support == 0 ? 0 : (double)count / result.PerClass[truth].Support;
        var shade = count == 0 ? 0 : Math.Clamp((int)Math.Round(Palette.HeatSteps * (truth == predicted ? share : Math.Sqrt(share))), 1, Palette.HeatSteps);
        html.Add($"<td class=\"{(shade == 0 ? "z" : $"{(truth == predicted ? "h" : "m")}{shade}")}\">");
        if (truth != predicted && count > 0)
        {
            var (one, other) = (result.PerClass[truth].Name, result.PerClass[predicted].Name);
            html.Add($"<a href=\"{Address(run)}/mistakes?true={Figures.Url(one)}&predicted={Figures.Url(other)}\" aria-label=\"{count} of {one} taken for {other}\">{count}</a></td>");
        }
        else
        {
            html.Add($"{count}</td>");
        }
    }

    private static void Classes(Html html, EvaluationResult result)
    {
        html.Markup("<section aria-labelledby=\"h-classes\"><h2 id=\"h-classes\">Classes</h2><div class=\"scroll card flush\" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-classes\"><table class=\"list\"><thead><tr><th scope=\"col\">Class</th><th scope=\"col\" class=\"n\">Pictures</th>");
        html.Markup("<th scope=\"col\" class=\"n\">Recall</th><th scope=\"col\"><span class=\"hidden\">Recall as a bar</span></th><th scope=\"col\" class=\"n\">Precision</th><th scope=\"col\" class=\"n\">F1</th></tr></thead><tbody>");
        foreach (var entry in result.PerClass.OrderBy(entry => entry.F1))
        {
            html.Add($"<tr><th scope=\"row\">{entry.Name}</th><td class=\"n\">{Words.Count(entry.Support)}</td><td class=\"n\">{Words.Percent(entry.Recall)}</td><td class=\"wide-bar\">");
            Figures.Bar(html, entry.Recall);
            html.Add($"</td><td class=\"n\">{Words.Percent(entry.Precision)}</td><td class=\"n strong\">{Words.Percent(entry.F1)}</td></tr>");
        }

        html.Markup("</tbody></table></div><p class=\"note\">The weakest class first. Recall: of this class's pictures, how many were found. Precision: of those called so, how many were.</p></section>");
    }

    private Task Mistakes(HttpContext context)
    {
        var run = runs.Find(context.Part("run"));
        var (truth, predicted, withHeat) = (context.Query("true"), context.Query("predicted"), context.Query("heat") is not null);
        var report = Read(run);
        var known = pictures.Known(run);
        var all = known is not null
            ? known.Mistakes.Select(mistake => new Wrong(Name(run, mistake.Path), mistake.TrueClass, mistake.PredictedClass, mistake.Probability))
            : report.Mistakes.Select(mistake => new Wrong(mistake.Name, mistake.TrueClass, mistake.PredictedClass, mistake.Probability));
        var matching = all.Where(wrong => (truth is null || wrong.TrueClass == truth) && (predicted is null || wrong.PredictedClass == predicted)).ToList();
        var inAll = report.Evaluation is { } evaluation ? Expected(evaluation, truth, predicted) : matching.Count;
        var pagesInAll = Math.Max(1, (matching.Count + PicturesShown - 1) / PicturesShown);
        var at = context.Query("page", 1, 1, pagesInAll);
        var shown = matching.Skip((at - 1) * PicturesShown).Take(PicturesShown).ToList();
        var pair = truth is not null && predicted is not null ? $" --pair {Figures.Argument(truth)} {Figures.Argument(predicted)}" : "";
        return context.Page(new Page($"Mistakes of {run.Name}", "/runs", $"sightline eval errors {Figures.Argument(Path.Combine(options.Runs, run.Name))}{pair}"), new { run = run.Name, truth, predicted, total = inAll, mistakes = matching }, html =>
        {
            Layout.Heading(html, truth is not null && predicted is not null ? $"{truth} taken for {predicted}" : "Mistakes", $"{Words.Plural(inAll, "picture", "pictures")} of the {report.Split} split, the surest first.", ("Runs", "/runs"), (run.Name, Address(run)), ("Evaluation", $"{Address(run)}/evaluate"));
            var filtered = $"{Address(run)}/mistakes?true={Figures.Url(truth ?? "")}&predicted={Figures.Url(predicted ?? "")}";
            Gallery.Switch(html, $"{filtered}&page={at}", withHeat);
            Gallery.Write(html, run, shown, withHeat);
            Layout.Pager(html, at, pagesInAll, page => $"{filtered}&page={page}{(withHeat ? "&heat=1" : "")}");
            if (matching.Count < inAll && context.Session().Role >= Role.Editor)
            {
                html.Add($"<form method=\"post\" action=\"{Address(run)}/mistakes{context.Request.QueryString.Value}\" class=\"card row\"><p>The report keeps {Words.Count(matching.Count)} of these {Words.Count(inAll)}. The model can judge the split again to show all of them, which takes some seconds to minutes.</p>");
                Layout.Token(html, context);
                html.Markup("<button class=\"primary\">Judge again and show all</button></form>");
            }
        });
    }

    private async Task Judge(HttpContext context)
    {
        await pictures.Mistakes(runs.Find(context.Part("run")), context.RequestAborted);
        await context.Back($"{context.Request.Path}{context.Request.QueryString}");
    }

    private async Task Picture(HttpContext context)
    {
        var picture = await pictures.Picture(runs.Find(context.Part("run")), context.Query("name") ?? "", Thumbnails.Small, context.RequestAborted);
        var (type, content) = Thumbnails.Encode(picture, Thumbnails.Small);
        await context.Immutable(type, content);
    }

    private async Task Heat(HttpContext context)
    {
        var (type, content) = await heats.Of(runs.Find(context.Part("run")), context.Query("name") ?? "", context.Query("class") ?? "", context.RequestAborted);
        context.Response.ContentType = type;
        await context.Response.Body.WriteAsync(content, context.RequestAborted);
    }

    private static int Expected(EvaluationResult result, string? truth, string? predicted)
    {
        var names = result.PerClass.Select(entry => entry.Name).ToList();
        return result.Confusion.Index().SelectMany(row => row.Item.Index().Select(cell => (Truth: row.Index, Predicted: cell.Index, Count: cell.Item)))
            .Where(cell => cell.Truth != cell.Predicted && (truth is null || names[cell.Truth] == truth) && (predicted is null || names[cell.Predicted] == predicted))
            .Sum(cell => cell.Count);
    }

    // Mistakes carry a path where the picture is a file below the data's folder.
    private static string Name(RunRow run, string path) =>
        Path.IsPathRooted(path) && Path.GetRelativePath(run.Folder.Settings.DataLocation, path) is var relative && !relative.StartsWith("..", StringComparison.Ordinal) ? relative.Replace('\\', '/') : path;

    private static string Address(RunRow run) => $"/runs/{Figures.Url(run.Name)}";

    private static Report Read(RunRow run)
    {
        if (Confined.Resolve(run.Folder.Path, run.Folder.ReportJson) is not { } file)
        {
            throw new NotFoundException($"The run '{run.Name}' has no report yet; it comes with the end of the training.");
        }

        try
        {
            return JsonSerializer.Deserialize<Report>(File.ReadAllText(file), _json) ?? throw new JsonException("The file is empty.");
        }
        catch (JsonException error)
        {
            throw new DataException($"The report of '{run.Name}' cannot be read: {error.Message}", error);
        }
    }
}
