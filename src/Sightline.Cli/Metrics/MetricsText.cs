using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Sightline.Training;

namespace Sightline.Cli.Metrics;

/// <summary>Listens to the training's meter and writes its figures in Prometheus' text format 0.0.4.</summary>
/// <remarks>prometheus/docs: content/docs/instrumenting/exposition_formats.md; names as OpenTelemetry translates them (dots to underscores, counters end with _total).</remarks>
internal sealed class MetricsText : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    public MetricsText()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == TrainingMetrics.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>All figures as they are now.</summary>
    public string Write()
    {
        var text = new StringBuilder();
        lock (_gate)
        {
            foreach (var (name, family) in _families)
            {
                text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {family.Help}\n# TYPE {name} {(family.IsCounter ? "counter" : "gauge")}\n");
                foreach (var (labels, value) in family.Values)
                {
                    text.Append(CultureInfo.InvariantCulture, $"{name}{labels} {Number(value)}\n");
                }
            }
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var isCounter = instrument is Counter<long>;
        var name = instrument.Name.Replace('.', '_') + (isCounter ? "_total" : "");
        var labels = new List<string>();
        foreach (var (key, label) in tags)
        {
            labels.Add($"{key}=\"{$"{label}".Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")}\"");
        }

        var place = labels.Count == 0 ? "" : $"{{{string.Join(',', labels)}}}";
        lock (_gate)
        {
            if (!_families.TryGetValue(name, out var family))
            {
                _families[name] = family = new Family(instrument.Description ?? "", isCounter, []);
            }

            family.Values[place] = value + (isCounter ? family.Values.GetValueOrDefault(place) : 0);
        }
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private sealed record Family(string Help, bool IsCounter, SortedDictionary<string, double> Values);
}
