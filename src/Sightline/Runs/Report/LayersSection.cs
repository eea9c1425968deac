namespace Sightline.Runs.Report;

/// <summary>Every layer's gradient over the run as a heat table, with its last figures.</summary>
internal static class LayersSection
{
    private const int MaximumColumns = 12;
    private const int OpenRows = 30;

    public static bool IsThere(IReadOnlyList<RunEvent> events) => events.Any(told => told is { Kind: "layers", Layers.Count: > 0 });

    public static void Write(Html html, IReadOnlyList<RunEvent> events)
    {
        var all = events.Where(told => told is { Kind: "layers", Layers.Count: > 0 }).ToList();
        if (all.Count == 0)
        {
            return;
        }

        var shown = Enumerable.Range(0, Math.Min(MaximumColumns, all.Count))
            .Select(i => all[all.Count <= MaximumColumns ? i : (int)((long)i * (all.Count - 1) / (MaximumColumns - 1))])
            .Select(told => (told.Step, Layers: told.Layers!.ToDictionary(layer => layer.Name))) // Asked for above.
            .ToList();
        var last = all[^1].Layers!; // Asked for above.
        var learning = last.Where(layer => layer.Gradient is not null).ToList();
        var sizes = shown.SelectMany(told => told.Layers.Values).Select(Share).OfType<double>().Where(share => share > 0 && double.IsFinite(share)).Select(Math.Log10).ToList();
        var (low, high) = sizes.Count > 0 ? (sizes.Min(), sizes.Max()) : (0, 0);

        html.Markup("<section id=\"layers\" aria-labelledby=\"h-layers\"><h2 id=\"h-layers\">Layers</h2><div class=\"panel\">");
        html.Markup(learning.Count <= OpenRows ? "<details open=\"open\">" : "<details>");
        html.Add($"<summary>{Words.Plural(learning.Count, "layer", "layers")} that learn, over the run</summary>");
        html.Markup("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"c-layers\"><table class=\"confusion dense\">");
        html.Markup("<caption id=\"c-layers\">Gradient over weight, by step; the deeper the blue, the larger, each shade the same factor. A gradient that fades from ");
        html.Markup("the last rows to the first vanishes. Activation, update over weight and dead channels are those of the last reading.</caption>");
        html.Markup("<thead><tr><th scope=\"col\" class=\"corner\">Layer</th>");
        foreach (var (step, _) in shown)
        {
            html.Add($"<th scope=\"col\" class=\"n\">{Words.Count(step)}</th>");
        }

        html.Markup("<th scope=\"col\">Activation</th><th scope=\"col\">Update</th><th scope=\"col\">Dead</th></tr></thead><tbody>");
        foreach (var layer in learning)
        {
            html.Add($"<tr><th scope=\"row\" title=\"{layer.Name}\">{Words.Cut(layer.Name, 40)}</th>");
            foreach (var (_, layers) in shown)
            {
                var share = layers.TryGetValue(layer.Name, out var reading) ? Share(reading) : null;
                var shade = share is > 0 && double.IsFinite(share.Value) ? Shade(Math.Log10(share.Value), low, high) : 0;
                html.Add($"<td class=\"{(shade == 0 ? "z" : $"h{shade}")}\">{Words.Short(share)}</td>");
            }

            html.Add($"<td class=\"z\">{Words.Short(layer.Activation)}</td><td class=\"z\">{Words.Short(layer.Update)}</td>");
            html.Add($"<td class=\"{(layer.Dead > 0.5 ? "m4" : "z")}\">{(layer.Dead is { } dead ? Words.Percent(dead) : "–")}</td></tr>");
        }

        html.Markup("</tbody></table></div></details></div></section>");
    }

    private static double? Share(LayerReading layer) => layer is { Gradient: { } gradient, Weight: > 0 } ? gradient / layer.Weight : null;

    private static int Shade(double size, double low, double high) =>
        high <= low ? 1 : Math.Clamp(1 + (int)Math.Round((Palette.HeatSteps - 1) * (size - low) / (high - low)), 1, Palette.HeatSteps);
}
