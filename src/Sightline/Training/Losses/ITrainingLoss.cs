using static TorchSharp.torch;

namespace Sightline.Training.Losses;

/// <summary>From logits and targets to one number.</summary>
internal interface ITrainingLoss : IDisposable
{
    /// <summary>The loss of a batch, nats.</summary>
    /// <param name="logits">float32 [N,K]; not normalised; any finite size.</param>
    /// <param name="targets">int64 [N], or float32 [N,K] of rows that sum to 1 (mixed pictures).</param>
    /// <returns>float32 scalar of the current scope: a sum over the pictures divided by <see cref="Divisor"/>.</returns>
    Tensor Of(Tensor logits, Tensor targets);

    /// <summary>What a sum over these pictures is divided by, so that parts of a batch add up to the whole.</summary>
    /// <param name="labels">Of the pictures.</param>
    /// <param name="areSoft">Whether their targets are given as [N,K].</param>
    double Divisor(ReadOnlySpan<long> labels, bool areSoft);
}
