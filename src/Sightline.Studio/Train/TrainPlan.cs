using Sightline.Compute.Offers;
using Sightline.Runs;
using Sightline.Training;

namespace Sightline.Studio.Train;

/// <summary>What a training would need, before it runs.</summary>
internal sealed record TrainPlan
{
    public required TrainForm Form { get; init; }

    /// <summary>What is wrong, by the field's name; under the empty name what belongs to none.</summary>
    public IReadOnlyDictionary<string, string> Problems { get; init; } = new Dictionary<string, string>();

    /// <summary>What to know, though it hinders nothing.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Where the data lie; null where they were not found.</summary>
    public string? Location { get; init; }

    /// <summary>Pictures of each split.</summary>
    public (int Train, int Validation, int Test) Pictures { get; init; }

    /// <summary>All settings, as a run would begin; null where something is wrong.</summary>
    public RunSettings? Settings { get; init; }

    /// <summary>The memory here; null as above.</summary>
    public MemoryOutlook? Memory { get; init; }

    /// <summary>Images per second here; null where no run and no measurement tells.</summary>
    public SpeedHere? Speed { get; init; }

    /// <summary>What it costs on rented machines, the cheapest first.</summary>
    public IReadOnlyList<RankedOffer> Offers { get; init; } = [];

    /// <summary>Optimiser steps of the whole run.</summary>
    public long Steps => Settings is { Options: var options } ? options.Epochs * (long)Math.Ceiling(Pictures.Train / (double)(Math.Min(options.BatchSize, Pictures.Train) * options.Accumulation)) : 0;

    /// <summary>Seconds of all training steps here; null where the speed is not known.</summary>
    public double? SecondsHere => Speed is { } speed && Settings is { } settings ? (double)Pictures.Train * settings.Options.Epochs / speed.ImagesPerSecond : null;

    /// <summary>Whether it can begin here.</summary>
    public bool CanStart => Settings is not null && Problems.Count == 0 && Memory is { IsPossible: true };
}

/// <summary>How fast training is on this machine.</summary>
/// <param name="ImagesPerSecond">Of training steps.</param>
/// <param name="Source">How that is known.</param>
internal sealed record SpeedHere(double ImagesPerSecond, string Source);
