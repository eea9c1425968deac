using Sightline.Augment;
using Sightline.Data;
using Sightline.Inference;
using Sightline.Native;
using Sightline.Training.Stability;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>One optimiser step: forward, loss and backward of one or more batches, then clip and update.</summary>
internal sealed class TrainStep(
    nn.Module<Tensor, Tensor> model, ModelInput input, ParameterOptimizer optimizer, TrainOptions options, TrainingObjective objective, TrainingMeter meter)
    : IDisposable
{
    // A pass leaves about half a megabyte of dead wrappers of tensors. Left to itself the collector waits until they fill a budget of the
    // processor's cache size times a factor, hundreds of megabytes on a server; a young collection takes about a millisecond.
    private const int PassesPerCollection = 50;

    private int _passes;

    /// <summary>How the model is run; may be exchanged between steps.</summary>
    public ModelPass Pass { get; set; } = new(model, ModelPass.TypeOf(options.Precision));

    /// <summary>Side that the model reads in training, where it is not the batch's (progressive resizing); null reads the batch as it is.</summary>
    public int? Size { get; set; }

    /// <summary>Average of the weights, moved after each step; null for none. Owned.</summary>
    public WeightAverage? Average { get; init; }

    /// <summary>The loss scale of fp16; null in other precisions.</summary>
    public LossScaler? Scaler { get; init; } = options.Precision == Precision.Fp16 ? new LossScaler() : null;

    /// <summary>What a checkpoint holds of this step beside weights and optimiser.</summary>
    public IReadOnlyList<ICheckpointPart> CheckpointParts => new ICheckpointPart?[] { Average, Scaler }.OfType<ICheckpointPart>().ToList();

    /// <summary>Judges each step before the weights change; null trusts all.</summary>
    public StepWatch? Watch { get; set; }

    /// <summary>Takes a step over one batch.</summary>
    public void Run(ImageBatch batch, double learningRate, BatchMix? mix = null, int parts = 1) => Run([batch], learningRate, [mix], parts);

    /// <summary>Takes a step whose gradient is that of all the batches as one. All tensors made on the way are freed before it returns.</summary>
    /// <param name="batches">Pictures and labels; the caller disposes them.</param>
    /// <param name="learningRate">Of this step.</param>
    /// <param name="mixes">MixUp or CutMix of each batch; null trains on its pictures as they are.</param>
    /// <param name="parts">
    /// Into how many parts each batch is divided on its way through the model. More need less memory and change nothing but the batch that
    /// norm layers see. A step that failed can be taken again with more parts: weights and meter change at the very end only.
    /// </param>
    public void Run(IReadOnlyList<ImageBatch> batches, double learningRate, IReadOnlyList<BatchMix?> mixes, int parts = 1)
    {
        using var scope = NewDisposeScope();

        // Gradients are dropped, not zeroed: backward then hands over its own buffers instead of adding to ours.
        optimizer.ClearGradients();
        Watch?.Begin();
        var divisors = batches.Zip(mixes, (batch, mix) => objective.Divisor(batch.Labels, mix is not null)).ToList();
        var whole = divisors.Sum();
        var results = batches.Select((batch, i) => Backward(batch, mixes[i], parts, divisors[i], whole)).ToList();
        var isSound = IsSound(results.Select(result => result.Loss), divisors.Select(divisor => divisor / whole));
        var norm = isSound ? optimizer.Step(learningRate) : null;
        if (isSound)
        {
            Watch?.Updated();
        }

        Average?.Update();

        // A step that is left out learned nothing, and its loss may be infinite: it is no part of the epoch's means.
        foreach (var (loss, logits, labels, mix) in isSound ? results : [])
        {
            meter.Add(loss, logits, labels, mix?.Share);
        }

        meter.AddStep(isSound ? norm ?? Watch?.Norm : null);
        _passes += batches.Count * parts;
        if (_passes >= PassesPerCollection)
        {
            _passes = 0;
            GC.Collect(1);
        }
    }

    public void Dispose() => Average?.Dispose();

    // A gradient that overflows fp16 is nothing to worry about: the scale adapts. All else is the watch's to judge.
    private bool IsSound(IEnumerable<Tensor> losses, IEnumerable<double> shares)
    {
        if (!(Scaler?.Unscale(optimizer.Gradients()) ?? true))
        {
            Watch?.LeaveOut();
            return false;
        }

        return Watch?.Allows(stack(losses.Zip(shares, (loss, share) => loss * share).ToList()).sum()) ?? true;
    }

    // Adds the gradient of a batch's share of the whole step.
    private (Tensor Loss, Tensor Logits, Tensor Labels, BatchMix? Mix) Backward(ImageBatch batch, BatchMix? mix, int parts, double ofBatch, double whole)
    {
        using var scope = NewDisposeScope();
        var images = input.Images(batch);
        var labels = input.Labels(batch);
        if (mix is { } mixed)
        {
            images = BatchMixing.Images(images, mixed);
        }

        if (Size is { } size && size != batch.Size)
        {
            var resized = nn.functional.interpolate(images, [size, size], mode: InterpolationMode.Bilinear, align_corners: false, antialias: true);
            images = ModelInput.Lay(resized, options.Layout);
        }

        Tensor? targets = null;
        var losses = new List<Tensor>();
        var logits = new List<Tensor>();
        foreach (var part in Parts(batch.Count, parts))
        {
            using var inner = NewDisposeScope();
            var count = part.End.Value - part.Start.Value;
            var read = count == batch.Count ? images : images.narrow(0, part.Start.Value, count);
            var output = Pass.Forward(read);
            // Soft targets are smoothed as one-hot ones are, which is timm's and torchvision's combination.
            targets ??= mix is { } shares ? BatchMixing.Targets(labels, (int)output.shape[1], shares).MoveToOuterDisposeScope() : labels;
            var loss = objective.Of(read, output, targets.narrow(0, part.Start.Value, count));
            var divisor = objective.Divisor(batch.Labels.AsSpan(part), mix is not null);
            var share = divisor / whole * (Scaler?.Scale ?? 1);
            Pass.Backward(share == 1 ? loss : loss * share);
            losses.Add((loss.detach() * (divisor / ofBatch)).MoveToOuterDisposeScope());
            logits.Add(output.detach().MoveToOuterDisposeScope());
        }

        return (stack(losses).sum().MoveToOuterDisposeScope(), cat(logits).MoveToOuterDisposeScope(), labels.MoveToOuterDisposeScope(), mix);
    }

    private static IEnumerable<Range> Parts(int count, int parts)
    {
        parts = Math.Min(parts, count);
        return Enumerable.Range(0, parts).Select(i => (count * i / parts)..(count * (i + 1) / parts));
    }
}
