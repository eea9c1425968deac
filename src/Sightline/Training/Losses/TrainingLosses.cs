using static TorchSharp.torch;

namespace Sightline.Training.Losses;

/// <summary>What a loss may depend on besides its settings.</summary>
/// <param name="Options">Its settings.</param>
/// <param name="Smoothing">Label smoothing, 0 to below 1.</param>
/// <param name="Counts">Training pictures of each class.</param>
/// <param name="ClassWeights">float32 [K]; the loss owns them. null: all count 1.</param>
/// <param name="Device">Where the logits are.</param>
internal sealed record LossContext(LossOptions Options, double Smoothing, IReadOnlyList<long> Counts, Tensor? ClassWeights, Device Device);

/// <summary>A loss that can be chosen.</summary>
/// <param name="Kind">Its name.</param>
/// <param name="Smoothing">Label smoothing where the settings leave it open: the value its paper or the common recipes use.</param>
/// <param name="Create">Makes it.</param>
internal sealed record LossVariant(LossKind Kind, double Smoothing, Func<LossContext, ITrainingLoss> Create);

/// <summary>All losses. A new one is a file and a line here.</summary>
internal static class TrainingLosses
{
    private const double CommonSmoothing = 0.1;

    public static IReadOnlyList<LossVariant> All { get; } =
    [
        new(LossKind.CrossEntropy, CommonSmoothing, c => new CrossEntropyLoss(c.Smoothing, c.ClassWeights)),
        new(LossKind.Bce, CommonSmoothing, c => new BinaryCrossEntropyLoss(c.Smoothing, c.Options.TargetThreshold, c.Options.SumClasses, c.ClassWeights)),
        new(LossKind.Focal, 0, c => new FocalLoss(c.Options.FocalGamma, c.Options.FocalAlpha, c.Smoothing, c.Options.SumClasses, c.ClassWeights)),
        new(LossKind.Asymmetric, 0, c => new AsymmetricLoss(
            c.Options.PositiveGamma, c.Options.NegativeGamma, c.Options.NegativeMargin, c.Smoothing, c.Options.SumClasses, c.ClassWeights)),
        new(LossKind.LogitAdjusted, CommonSmoothing, c => new LogitAdjustedLoss(c.Options.Tau, c.Counts, c.Smoothing, c.Device)),
    ];

    public static LossVariant Find(LossKind kind) => All.Single(loss => loss.Kind == kind);

    /// <summary>The label smoothing of a run: what is set, else the loss's own.</summary>
    public static double Smoothing(TrainOptions options) => options.LabelSmoothing ?? Find(options.Loss.Kind).Smoothing;

    /// <summary>The loss of a run. The caller disposes it.</summary>
    /// <param name="options">All settings.</param>
    /// <param name="counts">Training pictures of each class.</param>
    /// <param name="device">Where the logits are.</param>
    public static ITrainingLoss Create(TrainOptions options, IReadOnlyList<long> counts, Device device) => Find(options.Loss.Kind).Create(
        new LossContext(options.Loss, Smoothing(options), counts, options.BalanceClasses ? Weights(counts, device) : null, device));

    // Inverse frequency, scaled so that the weights' mean over the pictures is 1 and the loss keeps its size.
    private static Tensor Weights(IReadOnlyList<long> counts, Device device)
    {
        var (total, present) = (counts.Sum(), counts.Count(count => count > 0));
        var weights = counts.Select(count => count > 0 ? (float)((double)total / (present * count)) : 0f);
        return tensor(weights.ToArray(), device: device).DetachFromDisposeScope();
    }
}
