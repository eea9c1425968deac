using static TorchSharp.torch;

namespace Sightline.Training.Losses;

/// <summary>Softmax cross-entropy with label smoothing, soft targets and class weights.</summary>
/// <remarks>
/// Use it unless there is a reason not to: one class per picture, classes of similar size. Smoothing (Szegedy et al. 2016, section 7) helps
/// accuracy and calibration on all but tiny or very noisy sets, and hurts a teacher whose soft answers are to be distilled (Müller et al. 2019).
/// Class weights help where classes differ in size by up to about ten times; beyond, prefer <see cref="LogitAdjustedLoss"/>. LibTorch's form: with
/// hard labels and weights the sum is divided by the weights of the labels, with soft targets by the number of pictures.
/// </remarks>
internal sealed class CrossEntropyLoss(double smoothing, Tensor? classWeights) : ITrainingLoss
{
    private readonly float[]? _weights = classWeights?.cpu().data<float>().ToArray();

    public Tensor Of(Tensor logits, Tensor targets) => nn.functional.cross_entropy(logits, targets, classWeights, label_smoothing: smoothing);

    public double Divisor(ReadOnlySpan<long> labels, bool areSoft)
    {
        if (_weights is null || areSoft)
        {
            return labels.Length;
        }

        var sum = 0.0;
        foreach (var label in labels)
        {
            sum += _weights[label];
        }

        return sum;
    }

    public void Dispose() => classWeights?.Dispose();
}
