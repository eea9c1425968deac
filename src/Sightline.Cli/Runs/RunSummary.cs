using System.Text.Json.Serialization;
using Sightline.Runs;

namespace Sightline.Cli.Runs;

/// <summary>A run in a few figures, from its settings, events and heartbeat.</summary>
internal sealed record RunSummary(
    string Run, string Name, string Model, DateTimeOffset CreatedAt, string State, DateTimeOffset StateSince, string? StateReason, int Epochs, int EpochsPlanned,
    double? ValidationAccuracy, double Seconds)
{
    /// <summary>The state as one says it.</summary>
    [JsonIgnore]
    public string StateWords { get; init; } = State;

    public static RunSummary Of(RunFolder run, IReadOnlyList<RunEvent> events)
    {
        var status = RunStatus.Of(run, events, TimeProvider.System.GetUtcNow());
        return new RunSummary(
            run.Path,
            Path.GetFileName(run.Path),
            run.Settings.Model,
            run.Settings.CreatedAt,
            status.Name,
            status.Since,
            status.Why,
            events.LastOrDefault(seen => seen.Kind == "epoch")?.Epoch ?? 0,
            run.Settings.Adjusted.Epochs,
            events.Where(seen => seen.Kind == "epoch").Max(seen => seen.ValidationAccuracy),
            events.Count > 0 ? events[^1].Seconds : 0)
        {
            StateWords = status.Words,
        };
    }
}
