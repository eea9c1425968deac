using static TorchSharp.torch;

namespace Sightline.Training.Losses;

/// <summary>Cross-entropy of logits to which tau times the logarithm of each class's share of the training pictures is added.</summary>
/// <remarks>
/// Menon et al. 2021, equation 10. Use it for long tails (the largest class tens of times the smallest) when all classes matter alike: with tau 1 it
/// is consistent for the mean of the classes' accuracies, while class weights only move where training passes through. The addition is for training
/// alone; the model's own logits are then free of the class frequencies. Not with class weights or a balanced sampler, which correct the same thing.
/// </remarks>
internal sealed class LogitAdjustedLoss : ITrainingLoss
{
    private readonly CrossEntropyLoss _inner;
    private readonly Tensor _shift;

    /// <param name="counts">Training pictures of each class; a class without any counts as one.</param>
    public LogitAdjustedLoss(double tau, IReadOnlyList<long> counts, double smoothing, Device device)
    {
        var total = (double)counts.Sum(count => Math.Max(count, 1));
        _shift = tensor(counts.Select(count => (float)(tau * Math.Log(Math.Max(count, 1) / total))).ToArray(), device: device).DetachFromDisposeScope();
        _inner = new CrossEntropyLoss(smoothing, null);
    }

    public Tensor Of(Tensor logits, Tensor targets) => _inner.Of(logits + _shift, targets);

    public double Divisor(ReadOnlySpan<long> labels, bool areSoft) => labels.Length;

    public void Dispose() => _shift.Dispose();
}
