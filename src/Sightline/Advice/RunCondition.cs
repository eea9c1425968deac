namespace Sightline.Advice;

/// <summary>What can limit a run.</summary>
public enum RunCondition
{
    /// <summary>The network's first answers are far too certain: it starts from weights of the wrong size.</summary>
    BadInitialisation,

    /// <summary>The gradient fades on its way back to the first layers.</summary>
    VanishingGradients,

    /// <summary>Steps are too large: the loss jumps, or is no number any more.</summary>
    RateTooHigh,

    /// <summary>Steps are too small for the epochs planned.</summary>
    RateTooLow,

    /// <summary>Many labels of the data look wrong.</summary>
    LabelNoise,

    /// <summary>Pictures of the training split are in validation or test too.</summary>
    Leakage,

    /// <summary>Rare classes are learnt worse than common ones.</summary>
    Imbalance,

    /// <summary>Training pictures are changed so much that they are harder than real ones.</summary>
    AugmentationTooStrong,

    /// <summary>Training pictures are learnt by heart, and nothing changes them.</summary>
    AugmentationTooWeak,

    /// <summary>Training pictures are learnt far better than others, or validation got worse.</summary>
    Overfitting,

    /// <summary>Even the training pictures are not learnt.</summary>
    Underfitting,

    /// <summary>The training waits for pictures.</summary>
    LoaderStarving,

    /// <summary>The GPU is larger than the training needs: it mostly stands still, or its memory is mostly empty.</summary>
    GpuWasted,
}
