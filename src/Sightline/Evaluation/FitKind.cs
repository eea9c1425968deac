namespace Sightline.Evaluation;

/// <summary>How a model fits its data, judged by its epochs.</summary>
public enum FitKind
{
    /// <summary>Too few judged epochs to say.</summary>
    Unclear,

    /// <summary>Training and validation figures are close, and validation has settled.</summary>
    Good,

    /// <summary>Validation was still getting better when the run ended.</summary>
    StillImproving,

    /// <summary>The training pictures are learnt far better than the validation pictures, or validation got worse.</summary>
    Overfitting,

    /// <summary>Even the training pictures are not learnt.</summary>
    Underfitting,

    /// <summary>The loss became infinite or not a number.</summary>
    Diverged,
}
