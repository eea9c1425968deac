namespace Sightline.Training;

/// <summary>Settings of learning from another run's answers (Hinton et al. 2015).</summary>
public sealed record DistillOptions
{
    /// <summary>
    /// The teacher: folder of a finished run of the same classes and input size, or its name below the runs folder; null learns from labels alone.
    /// </summary>
    public string? Run { get; init; }

    /// <summary>Softens both models' answers; above 0, at most 100. Larger shows more of how the teacher ranks wrong classes.</summary>
    public double Temperature { get; init; } = 4;

    /// <summary>Share of the teacher in the loss; the labels have the rest. Above 0, at most 1.</summary>
    public double Weight { get; init; } = 0.9;

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (Run is { Length: 0 })
        {
            yield return "The teacher's run is empty. Pass --set distill.run=RUN, or null to learn from labels alone.";
        }

        if (Temperature is not (> 0 and <= 100))
        {
            yield return $"Temperature is {Temperature}; it must be above 0 and at most 100. Pass --set distill.temperature=4.";
        }

        if (Weight is not (> 0 and <= 1))
        {
            yield return $"Weight is {Weight}; the teacher's share must be above 0 and at most 1. Pass --set distill.weight=0.9, or --set distill.run=null to do without.";
        }
    }
}
