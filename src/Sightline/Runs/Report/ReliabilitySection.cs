using Sightline.Evaluation;

namespace Sightline.Runs.Report;

/// <summary>Whether the model's probabilities can be believed.</summary>
internal static class ReliabilitySection
{
    private const double Left = 64;
    private const double Top = 14;
    private const double Side = 300;
    private const double CountsTop = Top + Side + 46;
    private const double CountsHeight = 60;

    public static void Write(Html html, EvaluationResult result)
    {
        var summary = Summary(result);
        html.Markup("<section id=\"calibration\" aria-labelledby=\"h-calibration\"><h2 id=\"h-calibration\">Calibration</h2>");
        html.Markup("<div class=\"panel split\">");
        html.Add($"<figure class=\"chart\" id=\"reliability\"><figcaption><h3>Reliability diagram</h3><p class=\"summary\">{summary}");
        html.Markup("</p></figcaption>");
        html.Markup("<ul class=\"legend\"><li><i class=\"box right\"></i>Right in the bin</li><li><i class=\"box gap\">");
        html.Markup("</i>Distance to the stated probability</li><li><i class=\"dash\"></i>Perfect calibration</li></ul>");
        WritePicture(html, result, summary);
        html.Markup("</figure>");
        WriteTable(html, result);
        html.Markup("</div>");
        if (result.Calibrated is { } calibrated)
        {
            html.Add($"<p class=\"note\">Divided by the temperature {Words.Number(calibrated.Temperature, 3)}, fitted on the {calibrated.FittedOn} pictures ");
            html.Add($"(Guo et al. 2017), the logits give an expected calibration error of {Words.Percent(calibrated.Ece, 2)} and a loss of ");
            html.Add($"{Words.Number(calibrated.Loss, 4)} on these pictures, instead of {Words.Percent(result.Ece, 2)} and {Words.Number(result.Loss, 4)}. ");
            html.Markup("The predicted classes stay the same; <code>predict --calibrated</code> uses it.</p>");
        }

        html.Markup("</section>");
    }

    private static string Summary(EvaluationResult result)
    {
        var gap = result.MeanConfidence - result.Accuracy;
        var verdict = gap switch
        {
            > 0.01 => "states more than it holds (over-confident)",
            < -0.01 => "holds more than it states (under-confident)",
            _ => "holds what it states, on average",
        };
        return $"The model {verdict}: mean probability {Words.Percent(result.MeanConfidence)}, right {Words.Percent(result.Accuracy)}. "
            + $"Expected calibration error {Words.Percent(result.Ece, 2)}, largest in one bin {Words.Percent(result.MaximumCalibrationError)}.";
    }

    private static void WritePicture(Html html, EvaluationResult result, string summary)
    {
        double X(double share) => Left + Side * share;
        double Y(double share) => Top + Side * (1 - share);

        html.Add($"<svg class=\"plot reliability\" viewBox=\"0 0 {Left + Side + 20} {CountsTop + CountsHeight + 44}\" role=\"img\" ");
        html.Markup("aria-labelledby=\"rel-t rel-d\">");
        html.Markup("<title id=\"rel-t\">Reliability diagram</title><desc id=\"rel-d\">Share of right pictures by stated probability, ");
        html.Add($"and pictures in each bin below. {summary}</desc>");
        html.Markup("<defs><pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" ");
        html.Markup("patternTransform=\"rotate(45)\"><path class=\"hatch\" d=\"M0 0V6\"/></pattern></defs><g class=\"grid\">");
        for (var tick = 0; tick <= 5; tick++)
        {
            html.Add($"<path d=\"M{Left} {Y(tick / 5.0)}H{Left + Side}\"/>");
        }

        html.Markup("</g>");
        foreach (var bin in result.Reliability)
        {
            if (bin is not { Accuracy: { } accuracy, Confidence: { } confidence })
            {
                continue;
            }

            var (x, width) = (X(bin.Low) + 1, X(bin.High) - X(bin.Low) - 2);
            var (upper, lower) = (Math.Max(accuracy, confidence), Math.Min(accuracy, confidence));
            html.Add($"<g><title>{Range(bin)}: right {Words.Percent(accuracy)}, stated {Words.Percent(confidence)}, ");
            html.Add($"{Words.Plural(bin.Count, "picture", "pictures")}</title>");
            html.Add($"<rect class=\"right\" x=\"{x}\" y=\"{Y(accuracy)}\" width=\"{width}\" height=\"{Side * accuracy}\"/>");
            html.Add($"<rect class=\"gap\" x=\"{x}\" y=\"{Y(upper)}\" width=\"{width}\" height=\"{Side * (upper - lower)}\"/></g>");
        }

        html.Add($"<path class=\"ideal\" d=\"M{X(0)} {Y(0)}L{X(1)} {Y(1)}\"/>");
        html.Add($"<path class=\"axis\" d=\"M{Left} {Top}V{Top + Side}H{Left + Side}\"/><g class=\"ticks\">");
        for (var tick = 0; tick <= 5; tick++)
        {
            html.Add($"<text x=\"{Left - 8}\" y=\"{Y(tick / 5.0) + 4}\" text-anchor=\"end\">{20 * tick}&#160;%</text>");
            html.Add($"<text x=\"{X(tick / 5.0)}\" y=\"{Top + Side + 18}\" text-anchor=\"middle\">{20 * tick}&#160;%</text>");
        }

        html.Add($"<text transform=\"translate(12 {Top + Side / 2}) rotate(-90)\" text-anchor=\"middle\">Right</text></g>");
        WriteCounts(html, result, X);
        html.Markup("</svg>");
    }

    private static void WriteCounts(Html html, EvaluationResult result, Func<double, double> atX)
    {
        var most = result.Reliability.Max(bin => bin.Count);
        html.Markup("<g class=\"counts\">");
        foreach (var bin in result.Reliability.Where(bin => bin.Count > 0))
        {
            // A bin with few pictures still shows as a hair.
            var height = Math.Max(1, CountsHeight * bin.Count / most);
            html.Add($"<rect x=\"{atX(bin.Low) + 1}\" y=\"{CountsTop + CountsHeight - height}\" ");
            html.Add($"width=\"{atX(bin.High) - atX(bin.Low) - 2}\" height=\"{height}\"/>");
        }

        html.Add($"</g><path class=\"axis\" d=\"M{Left} {CountsTop}V{CountsTop + CountsHeight}H{Left + Side}\"/><g class=\"ticks\">");
        html.Add($"<text x=\"{Left - 8}\" y=\"{CountsTop + 8}\" text-anchor=\"end\">{Words.Count(most)}</text>");
        html.Add($"<text x=\"{Left - 8}\" y=\"{CountsTop + CountsHeight}\" text-anchor=\"end\">0</text>");
        html.Add($"<text transform=\"translate(12 {CountsTop + CountsHeight / 2}) rotate(-90)\" text-anchor=\"middle\">Pictures</text>");
        html.Add($"<text x=\"{Left + Side / 2}\" y=\"{CountsTop + CountsHeight + 24}\" text-anchor=\"middle\">Stated probability of ");
        html.Markup("the predicted class</text></g>");
    }

    private static void WriteTable(Html html, EvaluationResult result)
    {
        html.Markup("<div class=\"scroll\"><table><caption>Bins of the reliability diagram, empty ones left out</caption><thead><tr>");
        html.Markup("<th scope=\"col\">Stated probability</th><th scope=\"col\" class=\"n\">Pictures</th>");
        html.Markup("<th scope=\"col\" class=\"n\">Stated</th><th scope=\"col\" class=\"n\">Right</th><th scope=\"col\" class=\"n\">Gap");
        html.Markup("</th></tr></thead><tbody>");
        foreach (var bin in result.Reliability.Where(bin => bin.Count > 0))
        {
            html.Add($"<tr><th scope=\"row\">{Range(bin)}</th><td class=\"n\">{Words.Count(bin.Count)}</td>");
            html.Add($"<td class=\"n\">{Words.Percent(bin.Confidence)}</td>");
            html.Add($"<td class=\"n\">{Words.Percent(bin.Accuracy)}</td><td class=\"n\">{Signed(bin.Accuracy - bin.Confidence)}</td>");
            html.Markup("</tr>");
        }

        html.Markup("</tbody></table></div>");
    }

    private static string Range(ReliabilityBin bin) => $"{Words.Number(100 * bin.Low, 1)} to {Words.Percent(bin.High)}";

    private static string Signed(double? difference) =>
        difference is >= 0 ? $"+{Words.Number(100 * difference, 1)}" : $"−{Words.Number(-100 * difference, 1)}";
}
