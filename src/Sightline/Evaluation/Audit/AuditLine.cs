namespace Sightline.Evaluation.Audit;

/// <summary>What a model makes of one operator at one strength.</summary>
public sealed record AuditLine
{
    /// <summary>The operator; <c>policy</c> for the run's own augmentation as a whole.</summary>
    public required string Operator { get; init; }

    /// <summary>Share of the operator's range; null where it is applied or not.</summary>
    public double? Strength { get; init; }

    /// <summary>The same in the operator's unit, for people; empty where there is none.</summary>
    public required string Magnitude { get; init; }

    /// <summary>Label preservation: of the validation pictures that the model classifies rightly as they are, the share that it still does; 0..1.</summary>
    public required double Preserved { get; init; }

    /// <summary>Wilson interval of <see cref="Preserved"/>, 95 %.</summary>
    public required Interval PreservedInterval { get; init; }

    /// <summary>Mean distance that the embedding of a validation picture (what the last linear layer gets) moves, over the mean distance between two pictures of different classes.</summary>
    public required double Shift { get; init; }

    /// <summary>Accuracy on changed training pictures, 0..1.</summary>
    public required double TrainAccuracy { get; init; }

    /// <summary>Accuracy on changed validation pictures, 0..1.</summary>
    public required double ValidationAccuracy { get; init; }

    /// <summary>Training accuracy less validation accuracy, both on changed pictures.</summary>
    public double Gap => TrainAccuracy - ValidationAccuracy;

    /// <summary>The verdict.</summary>
    public required AuditVerdict Verdict { get; init; }

    /// <summary>Why, in figures.</summary>
    public required string Reason { get; init; }
}
