using System.Globalization;
using System.Text;

namespace Sightline.Cli.Metrics;

/// <summary>A training's figures in Prometheus' text format 0.0.4.</summary>
/// <remarks>prometheus/docs: content/docs/instrumenting/exposition_formats.md; names as OpenTelemetry translates them (dots to underscores, counters end with _total).</remarks>
internal static class MetricsText
{
    public static string Of(IReadOnlyList<TrainingFigure> figures)
    {
        var text = new StringBuilder();
        foreach (var family in figures.GroupBy(figure => figure.Instrument.Name))
        {
            var first = family.First();
            var name = family.Key.Replace('.', '_') + (first.IsCounter ? "_total" : "");
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {first.Instrument.Description}\n# TYPE {name} {(first.IsCounter ? "counter" : "gauge")}\n");
            foreach (var figure in family)
            {
                var labels = figure.Tags.Select(tag => $"{tag.Key}=\"{tag.Value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")}\"").ToList();
                text.Append(CultureInfo.InvariantCulture, $"{name}{(labels.Count == 0 ? "" : $"{{{string.Join(',', labels)}}}")} {Number(figure.Value)}\n");
            }
        }

        return text.ToString();
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}
