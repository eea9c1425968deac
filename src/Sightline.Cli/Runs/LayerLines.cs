using Sightline.Cli.Output;
using Sightline.Runs;

namespace Sightline.Cli.Runs;

/// <summary>What a run's watch saw: its troubles, and the layers at its last reading.</summary>
internal static class LayerLines
{
    private const int TroublesShown = 5;
    private const int LayersShown = 6;

    public static void Write(IReadOnlyList<RunEvent> troubles, RunEvent? layers, TextWriter text)
    {
        if (troubles.Count > 0)
        {
            text.WriteLine();
            text.WriteLine($"Troubles{(troubles.Count > TroublesShown ? $" (the last {TroublesShown} of {troubles.Count})" : "")}");
            foreach (var trouble in troubles.TakeLast(TroublesShown))
            {
                text.WriteLine($"  {trouble.Message}");
            }
        }

        if (layers?.Layers is not { Count: > 0 } all)
        {
            return;
        }

        var learning = all.Where(layer => layer is { Gradient: not null, Weight: > 0 }).ToList();
        text.WriteLine();
        text.WriteLine($"Layers after step {layers.Step}: the first and last of {learning.Count} that learn; --json and the report have all");
        var table = new TextTable("LAYER", "ACTIVATION", "GRADIENT", "WEIGHT", "UPDATE/WEIGHT", "DEAD") { RightAligned = [1, 2, 3, 4, 5] };
        foreach (var layer in learning.Count <= 2 * LayersShown ? learning : [.. learning.Take(LayersShown), .. learning.TakeLast(LayersShown)])
        {
            table.Add(layer.Name, $"{layer.Activation:g3}", $"{layer.Gradient:g3}", $"{layer.Weight:g3}", $"{layer.Update:g2}", layer.Dead is { } dead ? Readable.Percent(dead) : "-");
        }

        table.Write(text);
    }
}
