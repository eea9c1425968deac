namespace Sightline.Runs;

/// <summary>A change of settings that a running run has made; in <c>run.json</c>, so that the run can be resumed and repeated with it.</summary>
public sealed record RunAdjustment
{
    /// <summary>Of the request.</summary>
    public required string Id { get; init; }

    /// <summary>When it was applied, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who asked: <c>user@host</c>.</summary>
    public required string By { get; init; }

    /// <summary>Optimiser steps taken before it; the next one is the first under it.</summary>
    public required long Step { get; init; }

    /// <summary>What changed.</summary>
    public required AdjustableSettings Settings { get; init; }
}
