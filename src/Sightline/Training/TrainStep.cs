using Sightline.Augment;
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
    /// <param name="batch">Pictures and labels.</param>
    /// <param name="learningRate">Of this step.</param>
    /// <param name="mix">MixUp or CutMix of this step; null trains on the pictures as they are.</param>
    public void Run(ImageBatch batch, double learningRate, BatchMix? mix = null)
    {
        using var scope = NewDisposeScope();
        var images = input.Images(batch);
        var labels = input.Labels(batch);

        var logits = Forward(mix is { } mixed ? BatchMixing.Images(images, mixed) : images);
        // With soft targets LibTorch smooths the mixed rows as it smooths one-hot ones, which is timm's and torchvision's combination.
        var targets = mix is { } shares ? BatchMixing.Targets(labels, (int)logits.shape[1], shares) : labels;
        var loss = nn.functional.cross_entropy(logits, targets, classWeights, label_smoothing: options.LabelSmoothing);

        // Gradients are dropped, not zeroed: backward then hands over its own buffers instead of adding to ours.
        optimizer.ClearGradients();
        loss.backward();
        var norm = optimizer.Step(learningRate);

        meter.Add(loss, logits, labels, mix?.Share, norm);
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
