using Sightline.Data;
using Sightline.Inference;
using Sightline.Models;
using Sightline.Native;
using Sightline.Runs;
using Sightline.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training.Distillation;

/// <summary>A finished run's model that answers the batches of another run: in evaluation mode, without gradients.</summary>
/// <remarks>
/// It reads the student's batch as it is, augmented and mixed (Beyer et al. 2022 call this consistent teaching), normalised as its own training
/// was, and its classes are put in the student's order.
/// </remarks>
internal sealed class Teacher : IDisposable
{
    private readonly nn.Module<Tensor, Tensor> _model;
    private readonly ScalarType _type;
    private readonly DistillOptions _options;
    private readonly Tensor? _order;
    private readonly (Tensor Scale, Tensor Shift)? _normalisation;

    private Teacher(nn.Module<Tensor, Tensor> model, ScalarType type, DistillOptions options, Tensor? order, (Tensor, Tensor)? normalisation)
    {
        _model = model;
        _type = type;
        _options = options;
        _order = order;
        _normalisation = normalisation;
    }

    /// <summary>The settings with the teacher's absolute path, after making sure that it can teach this run.</summary>
    /// <param name="student">The new run.</param>
    /// <param name="runsFolder">Where a teacher given by name is looked for.</param>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    /// <exception cref="SettingsException">It is not finished, or has other classes or another input size.</exception>
    public static RunSettings Locate(RunSettings student, string runsFolder)
    {
        if (student.Options.Distill.Run is not { } named)
        {
            return student;
        }

        var below = Path.Combine(runsFolder, named);
        var run = RunFolder.Open(!File.Exists(Path.Combine(named, "run.json")) && Directory.Exists(below) ? below : named);
        Check(run, student);
        return student with { Options = student.Options with { Distill = student.Options.Distill with { Run = run.Path } } };
    }

    /// <summary>Loads the teacher that a located run names; null where it names none.</summary>
    /// <param name="student">The run that learns.</param>
    /// <param name="device">Where its batches are.</param>
    public static Teacher? Load(RunSettings student, Device device)
    {
        if (student.Options.Distill.Run is not { } path)
        {
            return null;
        }

        var run = RunFolder.Open(path);
        Check(run, student);
        var model = ModelCatalog.Find(run.Settings.Model).Create(run.Settings.Classes.Count);
        WeightsLoader.Load(model, run.BestWeights);
        model.to(device);
        ModelInput.MatchLayout(model, student.Options.Layout);
        model.eval();
        foreach (var parameter in model.parameters())
        {
            parameter.requires_grad = false;
        }

        var places = student.Classes.Select(name => (long)run.Settings.Classes.ToList().IndexOf(name)).ToArray();
        var isSameOrder = places.Select((place, i) => place == i).All(same => same);
        return new Teacher(
            model,
            ModelPass.TypeOf(student.Options.Precision),
            student.Options.Distill,
            isSameOrder ? null : tensor(places, device: device).DetachFromDisposeScope(),
            Renormalise(student.Preprocessing, run.Settings.Preprocessing, device));
    }

    /// <summary>What the teacher that a located run names costs at the student's size; null where it names none.</summary>
    public static ModelProfile? Profile(RunSettings student)
    {
        if (student.Options.Distill.Run is not { } path)
        {
            return null;
        }

        var run = RunFolder.Open(path).Settings;
        return ModelProfile.Measure(ModelCatalog.Find(run.Model), student.Preprocessing.CropSize, run.Classes.Count);
    }

    /// <summary>Both parts of the loss of a batch; see the other form.</summary>
    /// <param name="images">float32 [N,3,S,S] as the student read them.</param>
    /// <param name="logits">The student's, float32 [N,K].</param>
    /// <param name="fromLabels">The loss against the labels, a mean over N.</param>
    public Tensor Blend(Tensor images, Tensor logits, Tensor fromLabels)
    {
        using var answer = Answer(images);
        return Blend(answer, logits, fromLabels, _options);
    }

    /// <summary>(1 - weight) x the loss against the labels + weight x T² x KL(teacher || student) at temperature T, means over N.</summary>
    /// <remarks>Without T² the soft part's gradient would shrink as 1/T² (Hinton et al. 2015, section 2).</remarks>
    internal static Tensor Blend(Tensor teacher, Tensor student, Tensor fromLabels, DistillOptions options)
    {
        using var scope = NewDisposeScope();
        var theirs = nn.functional.log_softmax(teacher / options.Temperature, 1);
        var ours = nn.functional.log_softmax(student / options.Temperature, 1);
        var divergence = (theirs.exp() * (theirs - ours)).sum(1).mean();
        var soft = divergence * (options.Weight * options.Temperature * options.Temperature);
        return (options.Weight == 1 ? soft : (fromLabels * (1 - options.Weight)) + soft).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _model.Dispose();
        _order?.Dispose();
        _normalisation?.Scale.Dispose();
        _normalisation?.Shift.Dispose();
    }

    /// <summary>Its logits, float32 [N,K] in the student's order of classes, without gradient.</summary>
    internal Tensor Answer(Tensor images)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var cast = Autocast.Begin(images.device, _type);
        var seen = _normalisation is { } own ? (images * own.Scale) + own.Shift : images;
        var logits = _model.call(seen).to(ScalarType.Float32);
        return (_order is null ? logits : logits.index_select(1, _order)).MoveToOuterDisposeScope();
    }

    private static void Check(RunFolder run, RunSettings student)
    {
        if (!File.Exists(run.BestWeights) || !run.ReadEvents().Any(seen => seen.Kind == "end"))
        {
            throw new SettingsException(
                $"The teacher '{run.Path}' is not finished, so its weights would still change. Finish it with 'sightline train resume {run.Path}', or choose another.");
        }

        var missing = student.Classes.Except(run.Settings.Classes).ToList();
        var extra = run.Settings.Classes.Except(student.Classes).ToList();
        if (missing.Count + extra.Count > 0)
        {
            throw new SettingsException(
                $"The teacher '{run.Path}' has other classes than the data: {Side("it lacks", missing)}{(missing.Count > 0 && extra.Count > 0 ? "; " : "")}" +
                $"{Side("only it has", extra)}. Choose a teacher that was trained on the same classes.");
        }

        if (run.Settings.Preprocessing.CropSize != student.Preprocessing.CropSize)
        {
            throw new SettingsException(
                $"The teacher '{run.Path}' reads pictures of {run.Settings.Preprocessing.CropSize} pixels and this run {student.Preprocessing.CropSize}; both " +
                $"must read the same. Pass --size {run.Settings.Preprocessing.CropSize}, or choose another teacher.");
        }
    }

    private static string Side(string words, List<string> names) =>
        names.Count == 0 ? "" : $"{words} {string.Join(", ", names.Take(5).Select(name => $"'{name}'"))}{(names.Count > 5 ? $" and {names.Count - 5} more" : "")}";

    // From the student's normalisation to the teacher's in one multiplication and addition; null where they are the same.
    private static (Tensor, Tensor)? Renormalise(Preprocessing student, Preprocessing teacher, Device device)
    {
        if (student.Mean.SequenceEqual(teacher.Mean) && student.Std.SequenceEqual(teacher.Std))
        {
            return null;
        }

        var scale = student.Std.Zip(teacher.Std, (own, theirs) => own / theirs).ToArray();
        var shift = Enumerable.Range(0, 3).Select(i => (student.Mean[i] - teacher.Mean[i]) / teacher.Std[i]).ToArray();
        return (Channels(scale), Channels(shift));

        Tensor Channels(float[] values) => tensor(values, [1, 3, 1, 1], device: device).DetachFromDisposeScope();
    }
}
