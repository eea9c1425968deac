using System.Text.Json;
using Sightline.Compute.Monitoring;

namespace Sightline.Runs;

/// <summary>A run's <c>alerts.jsonl</c>: one alert per line, only ever appended to, shared by all who watch the run.</summary>
internal sealed class AlertLog(RunFolder run)
{
    // A job copies alerts.jsonl from the other machine by its length, so what is noticed here has a file of its own.
    private const string OfWatcher = "watch-alerts.jsonl";

    /// <summary>How long the same alert is not told again.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMinutes(30);

    private readonly LineTail[] _tails = [new(FileIn(run)), new(Path.Combine(run.Path, OfWatcher))];
    private readonly Dictionary<string, DateTimeOffset> _told = [];

    /// <summary>Where it lies in a run's folder.</summary>
    public static string FileIn(RunFolder run) => Path.Combine(run.Path, "alerts.jsonl");

    /// <summary>The alerts that came since the last call, whoever raised them.</summary>
    public IReadOnlyList<Alert> New()
    {
        var found = new List<Alert>();
        foreach (var line in _tails.SelectMany(tail => tail.New()))
        {
            try
            {
                if (JsonSerializer.Deserialize<Alert>(line, SightlineJson.Line) is { } alert)
                {
                    found.Add(alert);
                    _told[alert.Key] = alert.At;
                }
            }
            catch (JsonException)
            {
                // A line of a newer version, or one cut short.
            }
        }

        return found;
    }

    /// <summary>Writes an alert, unless the same was told within half an hour.</summary>
    public void Raise(Alert alert)
    {
        if (_told.TryGetValue(alert.Key, out var last) && alert.At - last < Quiet)
        {
            return;
        }

        _told[alert.Key] = alert.At;
        try
        {
            File.AppendAllText(RunJob.IsCopy(run) ? Path.Combine(run.Path, OfWatcher) : FileIn(run), JsonSerializer.Serialize(alert, SightlineJson.Line) + "\n");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A full disk is told by the training itself.
        }
    }
}
