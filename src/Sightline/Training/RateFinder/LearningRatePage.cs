using System.Globalization;
using Sightline.Runs.Report;

namespace Sightline.Training;

/// <summary>A learning-rate curve as one HTML page that needs nothing else.</summary>
public static class LearningRatePage
{
    /// <summary>The page: valid HTML without scripts or outside references, with the curve as SVG and as a table.</summary>
    public static string Html(LearningRateCurve curve, DateTimeOffset createdAt)
    {
        ArgumentNullException.ThrowIfNull(curve);
        var html = new Html();
        PageFrame.Begin(html, "Learning rate – Sightline", "Skip to the curve");
        html.Markup("<header>");
        PageFrame.Brand(html, "Learning rate");
        html.Add($"<h1>A learning rate for {curve.Model}</h1></header><main id=\"main\"><section aria-labelledby=\"h-rate\"><h2 id=\"h-rate\">Suggestion</h2><p>{Words(curve)}</p>");
        if (curve.Rates.Count > 0)
        {
            Chart(curve).Write(html);
        }

        html.Add($"</section></main><footer><p>Made by Sightline on {PageFrame.Date(createdAt)}.</p></footer></body></html>\n");
        return html.ToString();
    }

    /// <summary>The suggestion in one or two sentences.</summary>
    internal static string Words(LearningRateCurve curve) => curve.Valley is { } valley
        ? $"Use {Rate(valley)} as the peak learning rate; the loss falls fastest at {Rate(curve.Steepest ?? valley)}."
            + (curve.Diverged ? "" : " The loss did not diverge up to the highest rate, so a higher one may do as well.")
        : "The loss never fell: the sweep has too few steps, or the model cannot learn from this data with these settings. Try more steps.";

    internal static string Rate(double rate) => rate.ToString("0.##e0", CultureInfo.InvariantCulture);

    private static LineChart Chart(LearningRateCurve curve) => new()
    {
        Id = "sweep",
        Title = "Loss against learning rate",
        XName = "Learning rate",
        YName = "Loss, nats",
        X = [.. curve.Rates.Select(Math.Log10)],
        FormatX = log => Rate(Math.Pow(10, log)),
        Series =
        [
            new LineSeries("Smoothed loss", "smoothed", [.. curve.Smoothed.Select(value => (double?)value)]),
            new LineSeries("Loss of the batch", "batch", [.. curve.Losses.Select(value => (double?)value)]),
        ],
        Format = value => Runs.Report.Words.Number(value, 4),
        FormatTick = Runs.Report.Words.Short,
        LowIsGood = true,
        Mark = curve.Valley is { } valley ? (Math.Log10(valley), $"suggested: {Rate(valley)}") : null,
    };
}
