namespace Sightline.Curation.Labels;

/// <summary>What confident learning says about the labels of a data set.</summary>
public sealed record ConfidentLearningResult
{
    /// <summary>
    /// Per class the mean probability of its own pictures, from which on a picture counts as confidently of that class; 2 for a class without
    /// pictures.
    /// </summary>
    public required IReadOnlyList<double> Thresholds { get; init; }

    /// <summary>The confident joint [K,K]: row = given label, column = confident class; the diagonal at least 1.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> ConfidentJoint { get; init; }

    /// <summary>The confident joint scaled so that each row sums to its class's number of pictures, in whole pictures.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> CalibratedJoint { get; init; }

    /// <summary>How many labels are wrong: the off-diagonal count of the confident joint, or with fewer than 4 classes of the calibrated one.</summary>
    public required int EstimatedErrors { get; init; }

    /// <summary>The flagged labels, the worst first.</summary>
    public required IReadOnlyList<LabelIssue> Issues { get; init; }

    /// <summary>The quality of every label, [N], 0..1; low is bad.</summary>
    public required IReadOnlyList<double> Quality { get; init; }

    /// <summary>Share of pictures whose most probable class is their label, 0..1.</summary>
    public required double Agreement { get; init; }
}
