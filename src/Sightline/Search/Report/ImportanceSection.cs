using Sightline.Runs.Report;
using Sightline.Tuning;

namespace Sightline.Search.Report;

/// <summary>Which parameters mattered, by two measures.</summary>
internal static class ImportanceSection
{
    public static void Write(Html html, StudyReportInput input)
    {
        var trials = input.Complete.Select(trial => (trial.Configuration, Loss: input.Loss(trial.Value ?? double.NaN))).ToList();
        var top = PedAnova.Of(input.Space, trials);
        var whole = Fanova.Of(input.Space, trials);
        html.Markup("<section id=\"importance\"><h2>Importance</h2><div class=\"panel\"><ul class=\"legend\"><li><span class=\"box a\"></span>for being among the best tenth (PED-ANOVA)</li>");
        html.Markup("<li><span class=\"box b\"></span>share of the variance over the whole space (fANOVA)</li></ul>");
        foreach (var (name, share) in top.OrderByDescending(entry => entry.Value))
        {
            var variance = whole.TryGetValue(name, out var known) ? known : 0;
            html.Add($"<div class=\"share\"><span class=\"name\"><code>{name}</code></span><svg viewBox=\"0 0 400 18\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
            html.Add($"<rect class=\"track\" width=\"400\" height=\"18\" rx=\"2\"/><rect class=\"a\" width=\"{400 * share}\" height=\"9\"/><rect class=\"b\" y=\"9\" width=\"{400 * Math.Min(1, variance)}\" height=\"9\"/></svg>");
            html.Add($"<span class=\"n\">{Words.Percent(share, 0)}<span class=\"hidden\">, {Words.Percent(variance, 0)} of the variance</span></span></div>");
        }

        html.Add($"<p class=\"note\">From {Words.Plural(trials.Count, "complete trial", "complete trials")}. The first says what tells the best tenth from the rest; the second also counts what only tells bad ");
        html.Markup("from very bad. Where they disagree, a parameter has a region to keep out of and a wide one in which it hardly matters. With fewer than 50 trials both are rough.</p></div></section>");
    }
}
