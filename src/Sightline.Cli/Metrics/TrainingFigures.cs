using System.Diagnostics.Metrics;
using Sightline.Training;

namespace Sightline.Cli.Metrics;

/// <summary>One figure as it is now.</summary>
/// <param name="Instrument">Its name, unit and description.</param>
/// <param name="Tags">Keys and values.</param>
/// <param name="Value">The last one of a gauge, the sum of a counter.</param>
/// <param name="At">When it changed.</param>
internal sealed record TrainingFigure(Instrument Instrument, IReadOnlyList<KeyValuePair<string, string>> Tags, double Value, DateTimeOffset At)
{
    /// <summary>Whether it is a sum.</summary>
    public bool IsCounter => Instrument is Counter<long>;
}

/// <summary>Listens to the training's meter and keeps its figures.</summary>
internal sealed class TrainingFigures : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly SortedDictionary<string, TrainingFigure> _figures = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;

    public TrainingFigures(TimeProvider time)
    {
        _time = time;
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

    /// <summary>All figures as they are now, by name.</summary>
    public IReadOnlyList<TrainingFigure> Now()
    {
        lock (_gate)
        {
            return [.. _figures.Values];
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var texts = new List<KeyValuePair<string, string>>();
        foreach (var (key, tag) in tags)
        {
            texts.Add(KeyValuePair.Create(key, $"{tag}"));
        }

        // A character that is in no name keeps the figures of one instrument together.
        var place = $"{instrument.Name}\0{string.Join('\0', texts)}";
        lock (_gate)
        {
            var before = instrument is Counter<long> && _figures.TryGetValue(place, out var known) ? known.Value : 0;
            _figures[place] = new TrainingFigure(instrument, texts, value + before, _time.GetUtcNow());
        }
    }
}
