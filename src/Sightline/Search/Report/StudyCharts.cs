using Sightline.Runs.Report;
using Sightline.Tuning;

namespace Sightline.Search.Report;

/// <summary>The study's charts: each trial in turn, the best so far against what it cost, and one slice per parameter.</summary>
internal static class StudyCharts
{
    /// <summary>Every trial and the best so far.</summary>
    public static void History(Html html, StudyReportInput input)
    {
        if (input.Complete.Count == 0)
        {
            return;
        }

        html.Markup("<section id=\"history\"><h2>History</h2><div class=\"panel\">");
        Legend(html);
        var lead = Lead(input, trial => trial.Number);
        new ScatterPlot
        {
            Id = "history-chart",
            Title = $"{input.ValueName} of each trial",
            XName = "Trial",
            YName = input.ValueName,
            FormatY = value => input.Format(value),
            FormatX = value => Words.Count((long)value),
            Points = [.. input.Trials.Select(trial => Point(input, trial, trial.Number)).OfType<ScatterPoint>()],
            Lead = [.. lead, (input.Trials[^1].Number, lead[^1].Y)],
            Summary = $"{Words.Plural(input.Complete.Count, "trial is", "trials are")} complete; the best so far went from {input.Format(lead[0].Y)} to {input.Format(lead[^1].Y)}, " +
                $"which trial {input.Best?.Number} reached.",
        }.Write(html);
        html.Markup("</div></section>");
    }

    /// <summary>The best so far against dollars, or hours where trials cost nothing.</summary>
    public static void Cost(Html html, StudyReportInput input)
    {
        var inDollars = input.Trials.Sum(trial => trial.CostUsd ?? 0) > 0;
        var spent = new Dictionary<int, double>();
        var total = 0.0;
        foreach (var trial in input.Trials)
        {
            total += inDollars ? (double)(trial.CostUsd ?? 0) : trial.Hours ?? 0;
            spent[trial.Number] = total;
        }

        var (unit, name) = inDollars || total >= 2 ? (1.0, inDollars ? "US dollars" : "Hours") : (60.0, "Minutes");
        var lead = Lead(input, trial => spent[trial.Number] * unit);
        html.Markup("<section id=\"cost\"><h2>Cost</h2><div class=\"panel\">");
        new ScatterPlot
        {
            Id = "cost-chart",
            Title = $"Best {input.ValueName} so far against what it cost",
            XName = $"{name} spent on all trials so far",
            YName = $"Best {input.ValueName}",
            FormatY = value => input.Format(value),
            Points = [.. input.Complete.Select(trial => Point(input, trial, spent[trial.Number] * unit)).OfType<ScatterPoint>()],
            Lead = [.. lead, (total * unit, lead[^1].Y)],
            Summary = $"In all {StudyReportInput.Compact(total * unit)} {name.ToLowerInvariant()}; the best trial was found after {StudyReportInput.Compact(lead[^1].X)}.",
        }.Write(html);
        html.Markup("</div></section>");
    }

    /// <summary>The value over each parameter by itself.</summary>
    public static void Slices(Html html, StudyReportInput input)
    {
        if (input.Complete.Count == 0)
        {
            return;
        }

        html.Markup("<section id=\"slices\"><h2>Slices</h2><div class=\"slices\">");
        var number = 0;
        foreach (var parameter in input.Space.Parameters.Where(parameter => parameter.Count != 1))
        {
            var there = input.Complete.Where(trial => trial.Configuration.Has(parameter.Name) && parameter.Contains(trial.Configuration.Values[parameter.Name])).ToList();
            var best = there.MinBy(trial => input.Loss(trial.Value ?? double.NaN));
            new ScatterPlot
            {
                Id = $"slice-{number++}",
                Title = parameter.Name,
                XName = parameter.Name,
                YName = input.ValueName,
                Width = 380,
                Height = 240,
                IsLog = NumericParameter.RangeOf(parameter)?.Log == true,
                Choices = (parameter as CategoricalParameter)?.Choices,
                FormatY = value => input.Format(value),
                Points = [.. there.Select(trial => Point(input, trial, parameter.Code(trial.Configuration.Values[parameter.Name]))).OfType<ScatterPoint>()],
                Summary = best is null ? "No complete trial has it." : $"Best at {StudyPage.Text(best.Configuration.Values[parameter.Name])}.",
            }.Write(html);
        }

        html.Markup("</div></section>");
    }

    private static void Legend(Html html) => html.Markup(
        "<ul class=\"legend\"><li><span class=\"box a\"></span>complete</li><li><span class=\"box pruned\"></span>stopped early, at its last report</li>" +
        "<li><span class=\"box b\"></span>best so far</li></ul>");

    private static ScatterPoint? Point(StudyReportInput input, ReportTrial trial, double x)
    {
        var value = trial.Value ?? (trial.Reports.Count > 0 ? trial.Reports[^1].Value : null);
        return value is { } y && double.IsFinite(y)
            ? new ScatterPoint(x, y, trial.Number == input.Best?.Number ? "best" : trial.State == TrialState.Complete ? "" : "pruned",
                $"Trial {trial.Number}: {input.Format(y)}; {string.Join(", ", trial.Configuration.Values.Select(pair => $"{pair.Key} {StudyPage.Text(pair.Value)}"))}")
            : null;
    }

    private static List<(double X, double Y)> Lead(StudyReportInput input, Func<ReportTrial, double> at)
    {
        var lead = new List<(double X, double Y)>();
        foreach (var trial in input.Complete)
        {
            if (trial.Value is { } value && (lead.Count == 0 || input.IsBetter(value, lead[^1].Y)))
            {
                lead.Add((at(trial), value));
            }
        }

        return lead;
    }
}
