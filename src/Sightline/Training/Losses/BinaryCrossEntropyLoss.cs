using static TorchSharp.torch;

namespace Sightline.Training.Losses;

/// <summary>A yes-or-no question for each class.</summary>
/// <remarks>
/// Beyer et al. 2020; Wightman et al. 2021 (timm's BinaryCrossEntropy). Use it with strong MixUp or CutMix, where a picture truly shows two
/// classes and a threshold of 0.2 makes both right; and where a picture may show several classes or none, since probabilities need not sum to 1. It
/// learns slower than cross-entropy at first: give it a warm-up.
/// </remarks>
internal sealed class BinaryCrossEntropyLoss(double smoothing, double? threshold, bool sumClasses, Tensor? classWeights)
    : OneVersusAllLoss(smoothing, sumClasses, classWeights)
{
    protected override Tensor Elements(Tensor logits, Tensor targets)
    {
        var asked = threshold is { } above ? targets.gt(above).to(ScalarType.Float32) : targets;
        return nn.functional.binary_cross_entropy_with_logits(logits, asked, reduction: nn.Reduction.None);
    }
}
