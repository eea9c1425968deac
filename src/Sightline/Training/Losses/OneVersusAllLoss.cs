using static TorchSharp.torch;

namespace Sightline.Training.Losses;

/// <summary>What losses have in common that ask each class for itself: smoothed targets, a weight per picture, the sum or mean over classes.</summary>
/// <param name="smoothing">Share of each target that is spread over all classes.</param>
/// <param name="sumClasses">Sum over classes, else their mean.</param>
/// <param name="classWeights">
/// float32 [K]: a picture counts by the weight of its class, a mixed one by the mixture of its classes' weights (Cui et al. 2019). null: all count 1.
/// </param>
internal abstract class OneVersusAllLoss(double smoothing, bool sumClasses, Tensor? classWeights) : ITrainingLoss
{
    public Tensor Of(Tensor logits, Tensor targets)
    {
        using var scope = NewDisposeScope();
        var classes = logits.shape[1];
        var given = targets.dim() == 1 ? nn.functional.one_hot(targets, classes).to(ScalarType.Float32) : targets;
        var smooth = smoothing == 0 ? given : (given * (1 - smoothing)) + (smoothing / classes);
        var elements = Elements(logits, smooth);
        var rows = sumClasses ? elements.sum(1) : elements.mean([1]);
        return (classWeights is null ? rows : rows * given.matmul(classWeights)).mean().MoveToOuterDisposeScope();
    }

    public double Divisor(ReadOnlySpan<long> labels, bool areSoft) => labels.Length;

    public void Dispose() => classWeights?.Dispose();

    /// <summary>The loss of each picture and class.</summary>
    /// <param name="logits">float32 [N,K].</param>
    /// <param name="targets">float32 [N,K], 0..1, smoothed.</param>
    /// <returns>float32 [N,K] of the current scope, at least 0.</returns>
    protected abstract Tensor Elements(Tensor logits, Tensor targets);

    /// <summary>
    /// The targets' mixture of what a whole yes and a whole no would cost. Linear in the targets, as MixUp defines the loss of a mixture.
    /// </summary>
    protected static Tensor Mixture(Tensor targets, Tensor positive, Tensor negative) => (targets * positive) + ((1 - targets) * negative);

    /// <summary>-log p, from the logit of p, without overflow.</summary>
    protected static Tensor MinusLog(Tensor logits) => nn.functional.softplus(-logits, 1, Threshold);

    // LibTorch's softplus is the identity above this; exp(-30) is below float32's resolution of 1.
    private const double Threshold = 30;
}
