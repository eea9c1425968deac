using Sightline.Training;
using Sightline.Tuning;

namespace Sightline.Search;

/// <summary>How the trials of a study of trainings are run.</summary>
public sealed record ImageSearchOptions
{
    /// <summary>The recipe; configurations change it.</summary>
    public required TrainOptions Recipe { get; init; }

    /// <summary>What of a trial is compared before its end; by default the beginning of the full training.</summary>
    public FidelityMode Fidelity { get; init; } = FidelityMode.Prefix;

    /// <summary>The share of the training pictures that all trials learn from; above 0 to 1, the default. Smaller parts lie within larger ones.</summary>
    public double DataShare { get; init; } = 1;

    /// <summary>Prefix mode: how often a trial is looked at, the end included; 2 to 1,000, by default 25, which puts a look at each rung of 8, 24 and 72 %.</summary>
    public int Looks { get; init; } = 25;

    /// <summary>Prefix mode: how many validation pictures a look within an epoch takes; at least 10, by default 1,000. The end of each epoch takes all.</summary>
    public int LookPictures { get; init; } = 1000;

    /// <summary>US dollars per hour of the machine that a trial runs on; 0 by default, at least 0.</summary>
    public decimal PricePerHourUsd { get; init; }

    /// <summary>The GPU that trials run on, as in the GPU catalogue, for its speed; null, the default, takes multiply-accumulates for the time of a trial.</summary>
    public string? GpuId { get; init; }

    /// <summary>Bytes that a trial may use; null, the default, takes what this machine leaves.</summary>
    public long? MemoryLimitBytes { get; init; }

    /// <summary>Stages of restart mode: first rung and factor are those of the study's rule.</summary>
    public PrunerOptions Pruner { get; init; } = new();

    /// <summary>All problems of these settings; empty where they are sound.</summary>
    public IEnumerable<string> Check()
    {
        if (DataShare is not (> 0 and <= 1))
        {
            yield return $"DataShare is {DataShare}; it must be above 0 and at most 1.";
        }

        if (Looks is < 2 or > 1000)
        {
            yield return $"Looks is {Looks}; it must be from 2 to 1000.";
        }

        if (LookPictures < 10)
        {
            yield return $"LookPictures is {LookPictures}; it must be at least 10.";
        }

        if (PricePerHourUsd < 0)
        {
            yield return $"PricePerHourUsd is {PricePerHourUsd}; it must be at least 0 US dollars.";
        }

        if (MemoryLimitBytes is < 1)
        {
            yield return $"MemoryLimitBytes is {MemoryLimitBytes}; it must be above 0, or absent.";
        }

        foreach (var problem in Recipe.Check().Concat(Pruner.Check()))
        {
            yield return problem;
        }
    }
}
