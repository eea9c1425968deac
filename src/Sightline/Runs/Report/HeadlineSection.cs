using Sightline.Evaluation;

namespace Sightline.Runs.Report;

/// <summary>The figures that decide, and what they mean.</summary>
internal static class HeadlineSection
{
    public static void Write(Html html, RunReportInput input, IReadOnlyList<RunEvent> epochs, OverfittingVerdict verdict)
    {
        html.Markup("<section id=\"summary\" aria-labelledby=\"h-summary\"><h2 id=\"h-summary\" class=\"hidden\">Summary</h2>");
        if (input.Evaluation is { } result)
        {
            WriteCards(html, result, input.Split);
        }

        if (input.Evaluation is not null || epochs.Count > 0)
        {
            WriteFacts(html, input, epochs, verdict);
        }

        if (epochs.Count > 0)
        {
            WriteVerdict(html, verdict);
        }

        html.Markup("</section>");
    }

    private static void WriteCards(Html html, EvaluationResult result, string split)
    {
        html.Markup("<ul class=\"cards\">");
        var examples = Words.Plural(result.Examples, "picture", "pictures");
        html.Add($"<li class=\"first\"><p class=\"what\">{Capital(split)} accuracy</p>");
        html.Add($"<p class=\"figure\">{Words.Percent(result.Accuracy, 2)}</p>");
        WriteMeter(html, result.Accuracy, result.AccuracyInterval);
        html.Add($"<p class=\"note\">95&#160;% interval {Span(result.AccuracyInterval)}, from {examples}</p></li>");

        html.Add($"<li><p class=\"what\">Macro F1</p><p class=\"figure\">{Words.Percent(result.Macro.F1, 2)}</p>");
        if (result.MacroF1Interval is { } interval)
        {
            WriteMeter(html, result.Macro.F1, interval);
            html.Add($"<p class=\"note\">95&#160;% interval {Span(interval)}, every class counts the same</p></li>");
        }
        else
        {
            html.Markup("<p class=\"note\">Every class counts the same</p></li>");
        }

        var chance = Math.Log(result.PerClass.Count);
        html.Add($"<li><p class=\"what\">Loss</p><p class=\"figure\">{Words.Number(result.Loss, 4)}</p>");
        html.Add($"<p class=\"note\">Mean cross-entropy in nats; guessing evenly gives {Words.Number(chance, 2)}</p></li>");

        html.Markup("<li><p class=\"what\"><abbr title=\"Expected calibration error\">ECE</abbr></p>");
        html.Add($"<p class=\"figure\">{Words.Percent(result.Ece, 2)}</p>");
        html.Add($"<p class=\"note\">Mean probability {Words.Percent(result.MeanConfidence)}, right {Words.Percent(result.Accuracy)}: ");
        html.Add($"{Calibration(result)}{After(result)}</p></li>");
        html.Markup("</ul>");
    }

    /// <summary>A bar from 0 to 100 % with the interval drawn on it; the words beside it say the same.</summary>
    private static void WriteMeter(Html html, double share, Interval interval)
    {
        html.Markup("<svg class=\"meter\" viewBox=\"0 0 200 12\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
        html.Markup("<rect class=\"track\" y=\"4\" width=\"200\" height=\"4\" rx=\"2\"/>");
        html.Add($"<rect class=\"fill\" y=\"4\" width=\"{200 * share}\" height=\"4\" rx=\"2\"/>");
        html.Add($"<rect class=\"span\" x=\"{200 * interval.Low}\" y=\"1\" ");
        html.Add($"width=\"{Math.Max(1.5, 200 * (interval.High - interval.Low))}\" height=\"10\" rx=\"1\"/></svg>");
    }

    private static void WriteFacts(Html html, RunReportInput input, IReadOnlyList<RunEvent> epochs, OverfittingVerdict verdict)
    {
        html.Markup("<dl class=\"facts\">");
        if (input.Evaluation is { } result)
        {
            if (result.TopK > 1 && result.TopK < result.PerClass.Count)
            {
                Fact(html, $"Top-{result.TopK} accuracy", Words.Percent(result.Top5, 2));
            }

            Fact(html, "Balanced accuracy", Words.Percent(result.BalancedAccuracy, 2));
        }

        if (epochs.Count > 0)
        {
            Fact(html, "Epochs", Words.Count(epochs.Count));
            if (verdict.BestEpoch is { } best)
            {
                Fact(html, "Best epoch", Words.Count(best));
            }

            Fact(html, "Training time", Words.Duration(epochs[^1].Seconds));
            var speeds = epochs.Select(row => row.ImagesPerSecond).Where(speed => speed is { } value && double.IsFinite(value)).ToArray();
            if (speeds.Length > 0)
            {
                Fact(html, "Training speed", $"{Words.Number(speeds.Average(), 0)} pictures/s");
            }
        }

        html.Markup("</dl>");
    }

    private static void Fact(Html html, string name, string value) => html.Add($"<div><dt>{name}</dt><dd>{value}</dd></div>");

    private static void WriteVerdict(Html html, OverfittingVerdict verdict)
    {
        var (tone, sign, word) = verdict.Kind switch
        {
            FitKind.Good => ("good", "✓", "Good fit"),
            FitKind.StillImproving => ("info", "↗", "Still improving"),
            FitKind.Overfitting => ("warn", "!", "Overfitting"),
            FitKind.Underfitting => ("warn", "!", "Underfitting"),
            FitKind.Diverged => ("bad", "✕", "Diverged"),
            _ => ("info", "?", "Not clear yet"),
        };
        html.Add($"<div class=\"verdict {tone}\"><span class=\"sign\" aria-hidden=\"true\">{sign}</span><div><p class=\"word\">{word}</p>");

        // The sentence begins with the same word where it is a judgement; once is enough.
        var sentence = verdict.Sentence.StartsWith(word + ": ", StringComparison.Ordinal)
            ? Capital(verdict.Sentence[(word.Length + 2)..])
            : verdict.Sentence;
        html.Add($"<p>{sentence} {verdict.Advice}</p></div></div>");
    }

    private static string Calibration(EvaluationResult result) => (result.MeanConfidence - result.Accuracy) switch
    {
        > 0.01 => "over-confident",
        < -0.01 => "under-confident",
        _ => "calibrated on average",
    };

    private static string After(EvaluationResult result) =>
        result.Calibrated is { } calibrated ? $"; {Words.Percent(calibrated.Ece, 2)} after temperature scaling" : "";

    private static string Span(Interval interval) =>
        $"{Words.Number(100 * interval.Low, 2)} to {Words.Percent(interval.High, 2)}";

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
