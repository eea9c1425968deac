using static TorchSharp.torch;

namespace Sightline.Training.Losses;

/// <summary>BCE in which each answer counts by how wrong it is: (1 - p)^gamma.</summary>
/// <remarks>
/// Lin et al. 2017, equation 5; torchvision's sigmoid_focal_loss. Use it where most pictures are easy and drown the few that are not. It is no
/// cure for long tails by itself, and its probabilities are too low on purpose: calibrate before trusting them. Alpha 0.25 is the paper's, for
/// gamma 2; gamma 0 without alpha is BCE.
/// </remarks>
internal sealed class FocalLoss(double gamma, double? alpha, double smoothing, bool sumClasses, Tensor? classWeights)
    : OneVersusAllLoss(smoothing, sumClasses, classWeights)
{
    // Powers of probabilities are exponentials of their logarithms: no power of 0, whose gradient is infinite for gamma below 1.
    protected override Tensor Elements(Tensor logits, Tensor targets)
    {
        var (minusLogYes, minusLogNo) = (MinusLog(logits), MinusLog(-logits));
        var positive = (minusLogNo * -gamma).exp() * minusLogYes;
        var negative = (minusLogYes * -gamma).exp() * minusLogNo;
        return alpha is { } own ? Mixture(targets, positive * own, negative * (1 - own)) : Mixture(targets, positive, negative);
    }
}
