namespace Sightline.Training;

/// <summary>What training makes small.</summary>
public enum LossKind
{
    /// <summary>Softmax cross-entropy: one class per picture, classes of similar size. The right choice unless there is a reason against it.</summary>
    CrossEntropy,

    /// <summary>
    /// A yes-or-no question for each class (Beyer et al. 2020; Wightman et al. 2021): with strong MixUp or CutMix, and where several classes may
    /// be in a picture or none.
    /// </summary>
    Bce,

    /// <summary>BCE that turns away from what is already right (Lin et al. 2017): many easy pictures hide few hard ones.</summary>
    Focal,

    /// <summary>
    /// BCE that forgives easy negatives and drops very easy ones (Ben-Baruch et al. 2021): each picture has few of many classes, or labels are
    /// missing.
    /// </summary>
    Asymmetric,

    /// <summary>
    /// Cross-entropy with the classes' frequencies taken out (Menon et al. 2021): long tails, where each class counts the same in use.
    /// </summary>
    LogitAdjusted,
}

/// <summary>Settings of the loss.</summary>
public sealed record LossOptions
{
    /// <summary>Cross-entropy by default.</summary>
    public LossKind Kind { get; init; } = LossKind.CrossEntropy;

    /// <summary>
    /// BCE: targets above this are 1, all others 0, so that both halves of a mixed picture count fully; null leaves targets soft. Above 0, below 1;
    /// timm's recipes use 0.2.
    /// </summary>
    public double? TargetThreshold { get; init; }

    /// <summary>
    /// BCE, focal and asymmetric: add the classes up, which keeps gradients at cross-entropy's size; false takes their mean as timm's BCE does,
    /// for LAMB or Adam and many classes.
    /// </summary>
    public bool SumClasses { get; init; } = true;

    /// <summary>Focal: how far well-judged pictures fade; 0 (not at all) to 10.</summary>
    public double FocalGamma { get; init; } = 2;

    /// <summary>Focal: weight of a picture's own class against the others; above 0, below 1; null weighs both alike.</summary>
    public double? FocalAlpha { get; init; } = 0.25;

    /// <summary>Asymmetric: fading of positives; 0 to 10.</summary>
    public double PositiveGamma { get; init; }

    /// <summary>Asymmetric: fading of negatives; 0 to 10, usually above that of positives.</summary>
    public double NegativeGamma { get; init; } = 4;

    /// <summary>Asymmetric: negatives of a probability below this count nothing; 0 to below 1.</summary>
    public double NegativeMargin { get; init; } = 0.05;

    /// <summary>Logit adjustment: 1 makes mean accuracy over classes best, 0 is plain cross-entropy; 0 to 10.</summary>
    public double Tau { get; init; } = 1;

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (!Enum.IsDefined(Kind))
        {
            yield return $"Loss is {Kind}; it must be one of {string.Join(", ", Enum.GetNames<LossKind>())}.";
        }

        if (TargetThreshold is <= 0 or >= 1 or double.NaN)
        {
            yield return $"TargetThreshold is {TargetThreshold}; it must be above 0 and below 1. Pass --set loss.targetThreshold=0.2, or null to leave targets soft.";
        }

        if (TargetThreshold is not null && Kind != LossKind.Bce)
        {
            yield return $"TargetThreshold is {TargetThreshold}, and only BCE has one; the loss is {Kind}. Pass --set loss.kind=bce, or leave the threshold out.";
        }

        if (FocalGamma is not (>= 0 and <= 10) || FocalAlpha is <= 0 or >= 1 or double.NaN)
        {
            yield return $"FocalGamma and FocalAlpha are {FocalGamma} and {FocalAlpha}; gamma must be from 0 to 10, alpha above 0 and below 1 or null. " +
                "Pass --set loss.focalGamma=2 --set loss.focalAlpha=0.25.";
        }

        if (PositiveGamma is not (>= 0 and <= 10) || NegativeGamma is not (>= 0 and <= 10) || NegativeMargin is not (>= 0 and < 1))
        {
            yield return $"PositiveGamma, NegativeGamma and NegativeMargin are {PositiveGamma}, {NegativeGamma} and {NegativeMargin}; the gammas must be from 0 to 10, the " +
                "margin at least 0 and below 1. Pass --set loss.positiveGamma=0 --set loss.negativeGamma=4 --set loss.negativeMargin=0.05.";
        }

        if (Tau is not (>= 0 and <= 10))
        {
            yield return $"Tau is {Tau}; it must be from 0 to 10. Pass --set loss.tau=1.";
        }
    }
}
