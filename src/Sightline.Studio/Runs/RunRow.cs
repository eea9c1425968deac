using System.Text.Json.Serialization;
using Sightline.Runs;

namespace Sightline.Studio.Runs;

/// <summary>A run in a few figures.</summary>
internal sealed record RunRow
{
    public required string Name { get; init; }

    public required string Model { get; init; }

    public required string Data { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required RunState State { get; init; }

    /// <summary>More on the state; null where there is no more to say.</summary>
    public required string? StateReason { get; init; }

    /// <summary>Whether a living process can be asked to pause, stop or change.</summary>
    public required bool IsLive { get; init; }

    public required int Epoch { get; init; }

    public required int Epochs { get; init; }

    public required double? ValidationAccuracy { get; init; }

    public required double? TestAccuracy { get; init; }

    public required double Seconds { get; init; }

    /// <summary>When its last heartbeat or event came; null before the first.</summary>
    public required DateTimeOffset? LastSignAt { get; init; }

    /// <summary>Share of the steps done, 0..1.</summary>
    public required double Done { get; init; }

    /// <summary>Seconds until the planned end at the pace so far; null where it does not run.</summary>
    public required double? SecondsLeft { get; init; }

    /// <summary>Whether it has weights that can be used.</summary>
    public required bool HasWeights { get; init; }

    /// <summary>Whether it has an evaluation.</summary>
    public required bool HasReport { get; init; }

    /// <summary>The run itself.</summary>
    [JsonIgnore]
    public RunFolder Folder { get; init; } = null!; // The index sets it; a required member cannot be left out of the JSON.
}
