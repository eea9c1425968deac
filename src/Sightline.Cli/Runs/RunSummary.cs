using Sightline.Runs;

namespace Sightline.Cli.Runs;

/// <summary>A run in a few figures, from its settings and events.</summary>
internal sealed record RunSummary(
    string Run, string Name, string Model, DateTimeOffset CreatedAt, string State, int Epochs, int EpochsPlanned, double? ValidationAccuracy, double Seconds)
{
    public static RunSummary Of(RunFolder run, IReadOnlyList<RunEvent> events) => new(
        run.Path,
        Path.GetFileName(run.Path),
        run.Settings.Model,
        run.Settings.CreatedAt,
        events.Any(seen => seen.Kind == "end") ? "finished" : "unfinished",
        events.LastOrDefault(seen => seen.Kind == "epoch")?.Epoch ?? 0,
        run.Settings.Options.Epochs,
        events.Where(seen => seen.Kind == "epoch").Max(seen => seen.ValidationAccuracy),
        events.Count > 0 ? events[^1].Seconds : 0);
}
