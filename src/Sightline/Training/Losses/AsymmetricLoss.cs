using static TorchSharp.torch;

namespace Sightline.Training.Losses;

/// <summary>BCE that fades positives and negatives differently, and shifts the probability of negatives down by a margin.</summary>
/// <remarks>
/// Ben-Baruch et al. 2021, equations 4 to 6. Use it where each picture shows few of many classes, so that negatives outnumber positives, or where
/// labels may be missing: negatives below the margin count nothing. Positives keep their full weight (gamma 0), which focal loss takes from them.
/// </remarks>
internal sealed class AsymmetricLoss(
    double positiveGamma, double negativeGamma, double margin, double smoothing, bool sumClasses, Tensor? classWeights)
    : OneVersusAllLoss(smoothing, sumClasses, classWeights)
{
    // Keeps the power's gradient finite for a gamma below 1 where the shifted probability is 0.
    private const double Least = 1e-12;

    protected override Tensor Elements(Tensor logits, Tensor targets)
    {
        var (minusLogYes, minusLogNo) = (MinusLog(logits), MinusLog(-logits));
        var positive = positiveGamma == 0 ? minusLogYes : (minusLogNo * -positiveGamma).exp() * minusLogYes;
        if (margin == 0)
        {
            return Mixture(targets, positive, (minusLogYes * -negativeGamma).exp() * minusLogNo);
        }

        // Above 0 by the margin, so the logarithm is finite without its stable form.
        var shiftedNo = (sigmoid(-logits) + margin).clamp_max(1);
        var shiftedYes = (sigmoid(logits) - margin).clamp_min(Least);
        return Mixture(targets, positive, -shiftedYes.pow(negativeGamma) * shiftedNo.log());
    }
}
