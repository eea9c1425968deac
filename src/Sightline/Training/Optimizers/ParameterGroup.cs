namespace Sightline.Training;

/// <summary>Parameters that learn at a rate of their own: a pre-trained stage, the new head.</summary>
internal sealed record ParameterGroup
{
    /// <summary>Names as in <c>named_parameters()</c>. A parameter may be in one group only; one that is in none stays as it is.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Share of the step's learning rate; 0 or more.</summary>
    public double RateScale { get; init; } = 1;

    /// <summary>Weight decay of the group's weights; null takes the optimiser's. Vectors (norms, biases) have none in any group.</summary>
    public double? WeightDecay { get; init; }
}
