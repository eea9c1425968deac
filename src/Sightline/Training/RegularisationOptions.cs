namespace Sightline.Training;

/// <summary>Settings that keep a model from learning its pictures by heart, and from looking at all their pixels at once.</summary>
public sealed record RegularisationOptions
{
    /// <summary>
    /// Chance of the classifier's inputs to be zeroed (Srivastava et al. 2014); 0 to below 1; null takes the model's own: EfficientNet and MobileNetV3
    /// have 0.2 and more, the other families none.
    /// </summary>
    public double? Dropout { get; init; }

    /// <summary>
    /// Chance of the last residual branch to be left out, of earlier ones falling linearly to 0 at the first (Huang et al. 2016); 0 to below 1; null takes the
    /// model's own. All families but DenseNet have it.
    /// </summary>
    public double? StochasticDepth { get; init; }

    /// <summary>
    /// Share of the feature maps of the last two stages that is zeroed in squares (Ghiasi et al. 2018), rising linearly from 0 to this over the run; 0 (off) to
    /// below 1; the paper takes 0.1 for long runs. ResNet has it.
    /// </summary>
    public double DropBlock { get; init; }

    /// <summary>Drop block: side of a square on the feature map; odd, 1 to 31.</summary>
    public int DropBlockSide { get; init; } = 7;

    /// <summary>
    /// Progressive resizing: side of the input in the first epoch, growing in equal parts to the full size; below the full size, at least 8; null trains at full
    /// size throughout. Validation always reads the full size.
    /// </summary>
    public int? StartSize { get; init; }

    /// <summary>Progressive resizing: share of the run after which the input has its full size; above 0, at most 1.</summary>
    public double FullSizeAt { get; init; } = 0.8;

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (Dropout is < 0 or >= 1 or double.NaN || StochasticDepth is < 0 or >= 1 or double.NaN)
        {
            yield return $"Dropout and StochasticDepth are {Dropout?.ToString() ?? "null"} and {StochasticDepth?.ToString() ?? "null"}; both must be at least 0 and below 1, or null for " +
                "the model's own. Pass --set regularisation.dropout=0.2 --set regularisation.stochasticDepth=0.1.";
        }

        if (DropBlock is not (>= 0 and < 1) || DropBlockSide is < 1 or > 31 || DropBlockSide % 2 == 0)
        {
            yield return $"DropBlock and DropBlockSide are {DropBlock} and {DropBlockSide}; the share must be at least 0 and below 1, the side odd and from 1 to 31. " +
                "Pass --set regularisation.dropBlock=0.1 --set regularisation.dropBlockSide=7.";
        }

        if (StartSize is < 8 or > 4096 || FullSizeAt is not (> 0 and <= 1))
        {
            yield return $"StartSize and FullSizeAt are {StartSize?.ToString() ?? "null"} and {FullSizeAt}; the size must be from 8 to 4096 pixels or null, the share above 0 and at most " +
                "1. Pass --set regularisation.startSize=128 --set regularisation.fullSizeAt=0.8.";
        }
    }
}
