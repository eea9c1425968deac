namespace Sightline.Curation.Labels;

/// <summary>How likely a label is to be right, as a number from 0 (certainly wrong) to 1: the order of the review queue.</summary>
public enum LabelQuality
{
    /// <summary>(p[label] - largest other p + 1) / 2.</summary>
    NormalizedMargin,

    /// <summary>p[label].</summary>
    SelfConfidence,

    /// <summary>
    /// log(1 + r) / r with r the row's entropy, as a share of its largest value log K, divided by p[label]: low where the model is undecided
    /// or the label improbable.
    /// </summary>
    ConfidenceWeightedEntropy,
}
