using Sightline.Evaluation;

namespace Sightline.Runs.Report;

/// <summary>Loss, accuracy, learning rate and speed over the run, and what the run said.</summary>
internal static class CurvesSection
{
    private const int MaximumMessages = 50;

    public static void Write(Html html, RunReportInput input, IReadOnlyList<RunEvent> epochs, OverfittingVerdict verdict)
    {
        if (epochs.Count == 0)
        {
            return;
        }

        double[] x = [.. epochs.Select(row => (double)row.Epoch)];
        (double, string)? mark = verdict.BestEpoch is { } best && epochs.Count > 1 ? (best, $"best: epoch {best}") : null;
        html.Markup("<section id=\"curves\" aria-labelledby=\"h-curves\"><h2 id=\"h-curves\">Training curves</h2><div class=\"charts\">");
        new LineChart
        {
            Id = "loss",
            Title = "Loss",
            XName = "Epoch",
            YName = "Loss, nats",
            X = x,
            Series =
            [
                new LineSeries("Training loss", "training", [.. epochs.Select(row => row.TrainLoss)]),
                new LineSeries("Validation loss", "validation", [.. epochs.Select(row => row.ValidationLoss)]),
            ],
            Format = value => Words.Number(value, 4),
            FormatTick = Words.Short,
            LowIsGood = true,
            Mark = mark,
        }.Write(html);
        new LineChart
        {
            Id = "accuracy",
            Title = "Accuracy",
            XName = "Epoch",
            YName = "Pictures right",
            X = x,
            Series =
            [
                new LineSeries("Training accuracy", "training", [.. epochs.Select(row => row.TrainAccuracy)]),
                new LineSeries("Validation accuracy", "validation", [.. epochs.Select(row => row.ValidationAccuracy)]),
            ],
            Format = value => Words.Percent(value, 2),
            FormatTick = value => $"{Words.Short(100 * value)}\u00a0%",
            LowIsGood = false,
            Ceiling = 1,
            Mark = mark,
        }.Write(html);
        WriteLearningRate(html, input, epochs, x);
        if (epochs.Any(row => row.ImagesPerSecond is not null))
        {
            new LineChart
            {
                Id = "speed",
                Title = "Speed",
                XName = "Epoch",
                YName = "Pictures per second",
                X = x,
                Series = [new LineSeries("Training pictures per second", "training", [.. epochs.Select(row => row.ImagesPerSecond)])],
                Format = value => Words.Number(value, 0),
                FormatTick = Words.Short,
                LowIsGood = false,
                FromZero = true,
            }.Write(html);
        }

        html.Markup("</div><p class=\"note\">Training figures are means over the epoch while the weights change, on augmented pictures; ");
        html.Markup("validation figures are taken after it, on plain ones. Training may therefore look worse than validation.</p>");
        WriteLog(html, input.Events);
        html.Markup("</section>");
    }

    /// <summary>From the steps where they are logged, since a rate moves within an epoch; else from the epochs.</summary>
    private static void WriteLearningRate(Html html, RunReportInput input, IReadOnlyList<RunEvent> epochs, double[] epochX)
    {
        var steps = new SortedDictionary<long, double?>();
        foreach (var entry in input.Events.Where(entry => entry is { Kind: "step", LearningRate: not null }))
        {
            steps[entry.Step] = entry.LearningRate;
        }

        var bySteps = steps.Count > 2;
        if (!bySteps && epochs.All(row => row.LearningRate is null))
        {
            return;
        }

        new LineChart
        {
            Id = "rate",
            Title = "Learning rate",
            XName = bySteps ? "Step" : "Epoch",
            YName = "Learning rate",
            X = bySteps ? [.. steps.Keys.Select(step => (double)step)] : epochX,
            Series = [new LineSeries("Learning rate", "rate", bySteps ? [.. steps.Values] : [.. epochs.Select(row => row.LearningRate)])],
            Format = Words.Short,
            FormatTick = Words.Short,
            LowIsGood = false,
        }.Write(html);
    }

    private static void WriteLog(Html html, IReadOnlyList<RunEvent> events)
    {
        var entries = events.Where(entry => entry.Message is not null).ToArray();
        if (entries.Length == 0)
        {
            return;
        }

        html.Add($"<details><summary>What the run said ({Words.Plural(entries.Length, "message", "messages")})</summary>");
        html.Markup("<div class=\"scroll\"><table>");
        html.Add($"<caption>Messages of the run{(entries.Length > MaximumMessages ? $", the last {MaximumMessages}" : "")}</caption>");
        html.Markup("<thead><tr><th scope=\"col\">After</th><th scope=\"col\">Epoch</th><th scope=\"col\">Kind</th>");
        html.Markup("<th scope=\"col\">Message</th></tr></thead><tbody>");
        foreach (var entry in entries.TakeLast(MaximumMessages))
        {
            html.Add($"<tr><th scope=\"row\">{Words.Duration(entry.Seconds)}</th><td>{entry.Epoch}</td><td>{entry.Kind}</td>");
            html.Add($"<td>{entry.Message}</td></tr>");
        }

        html.Markup("</tbody></table></div></details>");
    }
}
