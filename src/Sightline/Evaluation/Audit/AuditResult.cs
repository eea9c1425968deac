using Sightline.Augment;

namespace Sightline.Evaluation.Audit;

/// <summary>An audit of augmentation with a trained model.</summary>
public sealed record AuditResult
{
    /// <summary>The run whose model judged.</summary>
    public required string Run { get; init; }

    /// <summary>Validation pictures looked at.</summary>
    public required int ValidationPictures { get; init; }

    /// <summary>Training pictures looked at.</summary>
    public required int TrainPictures { get; init; }

    /// <summary>Accuracy on those validation pictures as they are, 0..1.</summary>
    public required double ValidationAccuracy { get; init; }

    /// <summary>Accuracy on those training pictures as they are, 0..1.</summary>
    public required double TrainAccuracy { get; init; }

    /// <summary>Training accuracy less validation accuracy on pictures as they are.</summary>
    public double Gap => TrainAccuracy - ValidationAccuracy;

    /// <summary>The run without augmentation that was given to compare with, on the same pictures; null where none was.</summary>
    public AuditGap? Plain { get; init; }

    /// <summary>The run's own augmentation as a whole; its verdict is <see cref="AuditVerdict.NoEffect"/> where it is too weak.</summary>
    public required AuditLine Policy { get; init; }

    /// <summary>Each operator at each strength.</summary>
    public required IReadOnlyList<AuditLine> Lines { get; init; }

    /// <summary>What the figures say as a whole.</summary>
    public required string Summary { get; init; }

    /// <summary>A policy of what is useful at the largest strength that is not too strong; <c>train</c> accepts it under <c>augment</c>.</summary>
    public required AugmentOptions Proposed { get; init; }

    /// <summary>The thresholds that were used.</summary>
    public required AuditOptions Options { get; init; }
}
