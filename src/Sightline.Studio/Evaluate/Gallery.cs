using Sightline.Runs.Report;
using Sightline.Studio.Runs;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Evaluate;

/// <summary>A picture that was taken for another class.</summary>
internal sealed record Wrong(string Picture, string TrueClass, string PredictedClass, double Probability);

/// <summary>Mistakes as pictures; where it is asked for, beside each where the model looked.</summary>
internal static class Gallery
{
    public static void Write(Html html, RunRow run, IEnumerable<Wrong> mistakes, bool withHeat)
    {
        var address = $"/runs/{Figures.Url(run.Name)}";
        html.Markup(withHeat ? "<ul class=\"gallery triple\">" : "<ul class=\"gallery\">");
        foreach (var wrong in mistakes)
        {
            html.Add($"<li><figure><div class=\"shots\"><div class=\"shot\"><img src=\"{address}/picture?name={Figures.Url(wrong.Picture)}\" loading=\"lazy\" alt=\"{wrong.TrueClass}, {wrong.Picture}\"></div>");
            if (withHeat)
            {
                Heat(html, address, wrong.Picture, wrong.PredictedClass);
                Heat(html, address, wrong.Picture, wrong.TrueClass);
            }

            html.Add($"</div><figcaption><b>{wrong.TrueClass}</b> <span class=\"tag wrong\">taken for {wrong.PredictedClass}</span><br><span class=\"tabular\">{Words.Percent(wrong.Probability)} sure</span><br><span class=\"file\">{wrong.Picture}</span>");
            if (withHeat)
            {
                html.Add($"<br><span class=\"file\">The picture; what spoke for {wrong.PredictedClass}; what spoke for {wrong.TrueClass}</span>");
            }

            html.Markup("</figcaption></figure></li>");
        }

        html.Markup("</ul>");
    }

    /// <summary>Switches the heat on or off; an address without it.</summary>
    public static void Switch(Html html, string address, bool withHeat)
    {
        var join = address.Contains('?', StringComparison.Ordinal) ? "&" : "?";
        html.Add($"<p><a class=\"button\" href=\"{address}{(withHeat ? "" : $"{join}heat=1")}\">{(withHeat ? "Only the pictures" : "Show where the model looked")}</a> ");
        html.Markup("<span class=\"note\">Grad-CAM: bright where the last layer found what speaks for a class. Made when a picture comes into sight.</span></p>");
    }

    private static void Heat(Html html, string address, string picture, string name) =>
        html.Add($"<div class=\"shot\"><img src=\"{address}/heat?name={Figures.Url(picture)}&class={Figures.Url(name)}\" loading=\"lazy\" alt=\"What speaks for {name} in {picture}\"></div>");
}
