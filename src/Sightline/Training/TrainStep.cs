using Sightline.Data;
using Sightline.Inference;
using Sightline.Native;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>One optimiser step: forward, loss, backward, clip, update.</summary>
internal sealed class TrainStep(
    nn.Module<Tensor, Tensor> model, ModelInput input, ParameterOptimizer optimizer, TrainOptions options, Tensor? classWeights, TrainingMeter meter)
{
    // A step leaves about half a megabyte of dead wrappers of tensors. Left to itself the collector waits until they fill a budget of the
    // processor's cache size times a factor, hundreds of megabytes on a server; a young collection takes about a millisecond.
    private const int StepsPerCollection = 50;

    private readonly ScalarType _type = options.Precision == Precision.Bf16 ? ScalarType.BFloat16 : ScalarType.Float32;
    private int _steps;

    /// <summary>Takes the step. All tensors made on the way are freed before it returns.</summary>
    public void Run(ImageBatch batch, double learningRate)
    {
        using var scope = NewDisposeScope();
        var images = input.Images(batch);
        var labels = input.Labels(batch);

        var logits = Forward(images);
        var loss = nn.functional.cross_entropy(logits, labels, classWeights, label_smoothing: options.LabelSmoothing);

        // Gradients are dropped, not zeroed: backward then hands over its own buffers instead of adding to ours.
        optimizer.ClearGradients();
        loss.backward();
        var norm = optimizer.Step(learningRate);

        meter.Add(loss, logits, labels, norm);
        if (++_steps % StepsPerCollection == 0)
        {
            GC.Collect(1);
        }
    }

    private Tensor Forward(Tensor images)
    {
        using var cast = Autocast.Begin(images.device, _type);
        return model.call(images).to(ScalarType.Float32);
    }
}
