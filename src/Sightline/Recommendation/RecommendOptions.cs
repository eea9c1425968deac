using Sightline.Training;

namespace Sightline.Recommendation;

/// <summary>For what a model is sought.</summary>
public sealed record RecommendOptions
{
    /// <summary>The training planned: batch, epochs, size, precision, optimiser and device count; its model does not.</summary>
    public TrainOptions Training { get; init; } = new();

    /// <summary>Memory that the training may take, bytes; null takes nine tenths of what this process may use.</summary>
    public long? MaxMemoryBytes { get; init; }

    /// <summary>Minutes that the training may take; null sets no limit, and weighs time against accuracy.</summary>
    public double? MaxMinutes { get; init; }

    /// <summary>Seconds for measuring all models together, 0 to 3,600; 0 measures none and estimates all. Default 60.</summary>
    public double ProbeSeconds { get; init; } = 60;

    /// <summary>Points of top-1 that a doubling of the training time must bring where no time limit is set; above 0. Default 1.</summary>
    public double PointsPerDoubling { get; init; } = 1;

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (MaxMemoryBytes is <= 0)
        {
            yield return $"MaxMemoryBytes is {MaxMemoryBytes}; it must be above 0. Pass --max-memory 8GiB.";
        }

        if (MaxMinutes is not (null or (> 0 and < double.PositiveInfinity)))
        {
            yield return $"MaxMinutes is {MaxMinutes}; it must be above 0. Pass --max-minutes 60.";
        }

        if (ProbeSeconds is not (>= 0 and <= 3600))
        {
            yield return $"ProbeSeconds is {ProbeSeconds}; it must be from 0 to 3600. Pass --probe-seconds 60.";
        }

        if (PointsPerDoubling is not (> 0 and <= 100))
        {
            yield return $"PointsPerDoubling is {PointsPerDoubling}; it must be above 0 and at most 100.";
        }

        foreach (var problem in Training.Check())
        {
            yield return problem;
        }
    }
}
