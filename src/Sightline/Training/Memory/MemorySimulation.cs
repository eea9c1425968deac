using Sightline.Models;
using Sightline.Native;
using Sightline.Runs;
using Sightline.Training.Distillation;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>Follows a training step through a network on the meta device and adds up what lives at each point.</summary>
internal sealed class MemorySimulation
{
    private const int FloatBytes = 4;
    private const int ShortBytes = 2;

    // oneDNN's compiled kernels and packed weights, by measurement: ResNet-50, DenseNet-121 and EfficientNet-B0 hold 50 to 90 MB more than
    // their tensors whatever the batch, in proportion to their 53, 120 and 81 convolutions.
    private const long ConvolutionBytes = 700_000;

    private readonly IReadOnlyList<PartCost> _measured;
    private readonly IReadOnlyList<PartCost> _parts;
    private readonly ModelProfile _profile;
    private readonly long _weights;
    private readonly long _gradients;
    private readonly long _optimizer;
    private readonly bool _accumulates;
    private readonly ModelProfile? _teacher;
    private readonly long _program;

    /// <summary>Measures the run's model.</summary>
    /// <param name="settings">A run's settings.</param>
    /// <param name="isMade">Whether this process holds the model and the optimiser already, so that they are no part of the program.</param>
    /// <param name="programBytes">What the program holds that will train; null takes what this process holds.</param>
    public MemorySimulation(RunSettings settings, bool isMade = false, long? programBytes = null)
    {
        NativeRuntime.EnsureLoaded();
        var variant = ModelCatalog.Find(settings.Model);
        var (size, classes) = (settings.Preprocessing.CropSize, settings.Classes.Count);
        _measured = PartCost.Measure(variant, size, classes);
        _profile = ModelProfile.Measure(variant, size, classes);
        _weights = _profile.WeightBytes;
        using var model = variant.Create(classes, META);
        _ = new Transfer(model, settings.Options.Transfer, settings.Model);
        var trained = model.named_parameters().Where(p => p.parameter.requires_grad).ToList();
        _gradients = trained.Sum(p => p.parameter.numel()) * FloatBytes;

        // What comes before the first layer that learns keeps nothing.
        var first = _measured.TakeWhile(part => !trained.Any(p => p.name.StartsWith(part.Name + ".", StringComparison.Ordinal))).Count();
        var regularised = settings.Options.Regularisation.DropBlock > 0
            ? PartCost.Measure(variant, size, classes, made => new Regulariser(made, settings.Options).At(1, 1)) // As at the end of the run.
            : _measured;
        _parts = regularised.Select((part, i) => i < first ? part with { Kept = 0, Layers = [], Parameters = 0 } : part).ToList();
        using var optimizer = ParameterOptimizer.Create(model, settings.Options.Optimizer);
        _optimizer = optimizer.State().Sum(state => state.Tensor.numel() * state.Tensor.element_size())
            + (settings.Options.Averaging.Kind == AveragingKind.None ? 0 : _weights);
        _accumulates = settings.Options.Accumulation > 1;
        _teacher = Teacher.Profile(settings);
        _program = programBytes ?? Math.Max(0, (ProcessMemory.Resident ?? Environment.WorkingSet) - (isMade ? _weights + _optimizer + (_teacher?.WeightBytes ?? 0) : 0));
    }

    /// <summary>Plans a run of the model.</summary>
    /// <param name="batch">Pictures in a batch.</param>
    /// <param name="state">Parts, checkpointing and precision are read.</param>
    /// <param name="pictureBytes">What the loaders hold.</param>
    public MemoryPlan Plan(int batch, MemoryState state, long pictureBytes)
    {
        var (parts, checkpointing, precision) = (state.Parts, state.Checkpointing, state.Precision);
        var together = (batch + parts - 1) / parts;
        var bytes = precision != Precision.Fp32 ? ShortBytes : FloatBytes;
        var kernels = _parts.Sum(part => part.Convolutions) * ConvolutionBytes;
        var steady = _program + kernels + _weights + _optimizer + (_teacher?.WeightBytes ?? 0) + pictureBytes + BatchBytes(batch, together, bytes);
        var allGradients = _accumulates || parts > 1;
        var cuts = CheckpointCuts.Of(_measured, checkpointing);
        var points = Points(cuts, bytes).ToList();
        var peak = points.MaxBy(point => Size(point));
        // The teacher answers when all that the student keeps is there: without gradients, and under autocast with short copies of its weights.
        var answer = _teacher is null ? 0
            : (points.Max(point => point.Kept) * together * bytes) + Short() + (allGradients ? _gradients : 0)
                + ((_teacher.InferenceBytes - _teacher.WeightBytes) * together * bytes / FloatBytes) + (bytes < FloatBytes ? _teacher.Parameters * ShortBytes : 0);
        var most = Math.Max(Size(peak), Math.Max(answer, _gradients));
        // LibTorch keeps the short copies of the weights for the backward pass.
        long Short() => precision != Precision.Fp32 ? _profile.Parameters * ShortBytes : 0;
        long Size(Point point) => (point.Elements * together * bytes) + Short() + (allGradients ? _gradients : point.GradientValues * FloatBytes);
        return new MemoryPlan
        {
            Batch = batch,
            Parts = parts,
            Checkpointing = checkpointing,
            Precision = precision,
            ProgramBytes = _program,
            WeightBytes = _weights,
            GradientBytes = _gradients,
            OptimizerBytes = _optimizer,
            TeacherBytes = _teacher?.WeightBytes ?? 0,
            ActivationBytes = (points.Max(point => point.Kept) * together * bytes) + Short() + BatchBytes(batch, together, bytes),
            WorkspaceBytes = kernels + (most == Size(peak) ? peak.Running * together * bytes : 0),
            PictureBytes = pictureBytes,
            PeakBytes = steady + most,
            PeakAt = most == Size(peak) ? $"the backward pass of {_parts[peak.Part].Name}" : most == answer ? "the teacher's answer" : "the update of the weights",
            ValidationBytes = _program + kernels + _weights + _optimizer + (_teacher?.WeightBytes ?? 0) + _gradients + pictureBytes + BatchBytes(batch, 0, FloatBytes)
                + ((_profile.InferenceBytes - _profile.WeightBytes) * ((batch + state.ValidationParts - 1) / state.ValidationParts)),
        };
    }

    // The whole batch as float32, and a part of it in the type of the pass where that is shorter.
    private long BatchBytes(int batch, int together, int bytes) =>
        _parts[0].Input * ((batch * FloatBytes) + (bytes < FloatBytes ? together * bytes : 0));

    // From the last part back to the first: what stretches before it left, what its own stretch keeps up to it, and what is under way. In elements
    // of the pass's type: those that are float32 all the same count as often as that type goes into four bytes.
    private IEnumerable<Point> Points(IReadOnlyList<int> cuts, int bytes)
    {
        var full = bytes < FloatBytes ? FloatBytes / bytes : 0;
        var gradients = 0L;
        var inputs = cuts.Skip(1).Sum(cut => _parts[cut].Input);
        for (var s = cuts.Count - 1; s >= 0; s--)
        {
            var end = s + 1 < cuts.Count ? cuts[s + 1] : _parts.Count;
            var kept = 0L;
            for (var i = cuts[s]; i < end; i++)
            {
                kept += _parts[i].Layers.Sum(KeptBy);
            }

            for (var i = end - 1; i >= cuts[s]; i--)
            {
                gradients += _parts[i].Parameters;
                foreach (var layer in _parts[i].Layers.Reverse())
                {
                    yield return new Point(i, inputs + kept, layer.Width + (full * layer.FullWidth) + _parts[i].Waiting, gradients);
                    kept -= KeptBy(layer);
                }
            }

            inputs -= s > 0 ? _parts[cuts[s]].Input : 0;
        }

        long KeptBy(LayerCost layer) => layer.Kept + (full * layer.FullKept);
    }

    private readonly record struct Point(int Part, long Kept, long Running, long GradientValues)
    {
        public long Elements => Kept + Running;
    }
}
