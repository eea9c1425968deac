using Sightline.Data;
using Sightline.Runs;
using Sightline.Training.Distillation;
using Sightline.Training.Losses;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>What a step makes small: the loss against the labels and, where there is a teacher, against its answers.</summary>
/// <param name="loss">Owned.</param>
/// <param name="teacher">Owned; null learns from labels alone.</param>
internal sealed class TrainingObjective(ITrainingLoss loss, Teacher? teacher = null) : IDisposable
{
    /// <summary>The objective of a run.</summary>
    public static TrainingObjective Create(RunSettings settings, ImageDataset data, Device device)
    {
        var counts = new long[settings.Classes.Count];
        foreach (var example in data.Train)
        {
            counts[example.Label]++;
        }

        return new TrainingObjective(TrainingLosses.Create(settings.Options, counts, device), Teacher.Load(settings, device));
    }

    /// <summary>The value to differentiate, a sum over the pictures divided by <see cref="Divisor"/>.</summary>
    /// <param name="images">float32 [N,3,S,S] as the model read them.</param>
    /// <param name="logits">float32 [N,K].</param>
    /// <param name="targets">int64 [N], or float32 [N,K] where pictures are mixed.</param>
    public Tensor Of(Tensor images, Tensor logits, Tensor targets) => teacher is null
        ? loss.Of(logits, targets)
        : teacher.Blend(images, logits, loss.Of(logits, Soft(targets, logits.shape[1])));

    /// <summary>What a sum over these pictures is divided by.</summary>
    public double Divisor(ReadOnlySpan<long> labels, bool isMixed) => loss.Divisor(labels, isMixed || teacher is not null);

    public void Dispose()
    {
        loss.Dispose();
        teacher?.Dispose();
    }

    // Both parts of a taught loss are then means over the pictures, also with class weights.
    private static Tensor Soft(Tensor targets, long classes) =>
        targets.dim() == 2 ? targets : nn.functional.one_hot(targets, classes).to(ScalarType.Float32);
}
