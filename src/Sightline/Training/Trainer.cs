using Sightline.Augment;
using Sightline.Data;
using Sightline.Models;
using Sightline.Native;
using Sightline.Runs;
using Sightline.Training.Distillation;
using Sightline.Training.Losses;
using Sightline.Training.Stability;

namespace Sightline.Training;

/// <summary>Trains a classifier on the caller's thread and leaves a run folder.</summary>
public static class Trainer
{
    private const int SmallPicture = 64;

    /// <summary>Starts a run and trains it to its end.</summary>
    /// <param name="options">All settings; checked here.</param>
    /// <param name="data">What to learn.</param>
    /// <param name="runsFolder">The folder below which the run folder is made.</param>
    /// <param name="progress">Told each event on the calling thread; null for silence.</param>
    /// <param name="cancel">Stops after the current step, with a checkpoint.</param>
    /// <param name="name">The run folder's name; null takes time and model.</param>
    /// <exception cref="SettingsException">A setting is out of its range; the message lists all.</exception>
    /// <exception cref="StoppedException">The token was cancelled.</exception>
    public static TrainResult Run(
        TrainOptions options, ImageDataset data, string runsFolder, IProgress<RunEvent>? progress, CancellationToken cancel, string? name = null) =>
        Repeat(options, [], data, runsFolder, progress, cancel, name);

    /// <summary>As <see cref="Run"/>, with the adjustments that an earlier run made, at the same steps.</summary>
    internal static TrainResult Repeat(
        TrainOptions options, IReadOnlyList<RunAdjustment> adjustments, ImageDataset data, string runsFolder, IProgress<RunEvent>? progress,
        CancellationToken cancel, string? name)
    {
        var problems = options.Check().ToList();
        if (problems.Count > 0)
        {
            throw new SettingsException(string.Join(Environment.NewLine, problems));
        }

        NativeRuntime.EnsureLoaded();
        var settings = PassProbe.Decide(Teacher.Locate(Resolve(options, data), runsFolder), options.Precision);
        return Train(RunFolder.Create(runsFolder, settings with { Adjustments = adjustments }, data, name), data, progress, cancel);
    }

    /// <summary>Goes on with a run from its last checkpoint; on the CPU with the same number of threads the result is bit-identical.</summary>
    /// <param name="runFolder">The run's folder.</param>
    /// <param name="progress">Told each event on the calling thread; null for silence.</param>
    /// <param name="cancel">Stops after the current step, with a checkpoint.</param>
    /// <exception cref="SettingsException">The run is finished, or a process trains it.</exception>
    /// <exception cref="DataException">The data is no longer what the run began with.</exception>
    /// <exception cref="StoppedException">The token was cancelled.</exception>
    public static TrainResult Resume(string runFolder, IProgress<RunEvent>? progress, CancellationToken cancel)
    {
        var run = RunFolder.Open(runFolder);
        var events = run.ReadEvents();
        if (events.Any(e => e.Kind == "end"))
        {
            throw new SettingsException($"The run '{runFolder}' is finished. Start another with 'sightline train', with more --epochs if it should learn longer.");
        }

        if (RunStatus.Of(run, events, TimeProvider.System.GetUtcNow()) is { IsLive: true } status)
        {
            throw new SettingsException(
                $"Process {status.Heartbeat?.Process.Pid} on {status.Heartbeat?.Process.Host} trains the run '{runFolder}' already (it is {status.Words}). " +
                $"Look with 'sightline run watch {runFolder}'; a paused run goes on with 'sightline run resume {runFolder}'.");
        }

        NativeRuntime.EnsureLoaded();
        return Train(run, OpenData(run), progress, cancel);
    }

    // A roll-back is a new session: it takes up the last checkpoint, or begins anew where there is none, as a resumed run does.
    internal static TrainResult Train(RunFolder run, ImageDataset data, IProgress<RunEvent>? progress, CancellationToken cancel, ProbePlan? probes = null)
    {
        using var control = new RunControl(run, TimeProvider.System);
        return control.Around(() =>
        {
            RollBackException? rollBack = null;
            while (true)
            {
                using var session = new TrainingSession(run, data, progress, TimeProvider.System, control, rollBack, probes);
                try
                {
                    return session.Run(cancel);
                }
                catch (RollBackException asked)
                {
                    rollBack = asked;
                }
            }
        });
    }

    /// <summary>Opens the data of a run and makes sure that it is still the same.</summary>
    internal static ImageDataset OpenData(RunFolder run)
    {
        var data = ImageDatasets.Open(run.Settings.DataLocation, Split(run.Settings.Options));
        return data.Version == run.Settings.DataVersion ? (run.Settings.HasOwnSplit ? SplitFile.Apply(run.SplitJson, data) : data) : throw new DataException(
            $"The data in '{run.Settings.DataLocation}' changed since the run began (version {data.Version[..12]}, then {run.Settings.DataVersion[..12]}). " +
            "Restore it, or start a new run.");
    }

    /// <summary>How a data set without splits is split in a run.</summary>
    internal static SplitOptions Split(TrainOptions options) =>
        new() { Seed = options.Seed, ValidationShare = options.ValidationShare, TestShare = options.TestShare };

    // As a run would begin, but for the layout where nothing else is left to measurement: it changes times, and no more.
    internal static RunSettings ResolvePrecision(TrainOptions options, ImageDataset data, string runsFolder)
    {
        var settings = Teacher.Locate(Resolve(options, data), runsFolder);
        return options.Precision == Precision.Auto ? PassProbe.Decide(settings, options.Precision) : settings;
    }

    // Choices that depend on the data are made once, here, and written down.
    internal static RunSettings Resolve(TrainOptions options, ImageDataset data)
    {
        var first = data.Images.Decode(data.Train[0].Index, 0);
        var pictureSide = Math.Min(first.Width, first.Height);
        var start = StartingWeights.Of(options);
        // Published weights have learned from pictures of their own size, so small ones are enlarged unless a size is given.
        var isSmall = (options.Size ?? start?.Published?.Preprocessing.CropSize ?? pictureSide) <= SmallPicture;
        var variant = ModelCatalog.Find(options.Model ?? start?.Published?.Model ?? (isSmall ? "resnet18_small" : "resnet18"));
        var published = start?.Published?.Preprocessing ?? variant.Preprocessing;
        var size = options.Size ?? (isSmall ? Math.Max(pictureSide, 8) : published.CropSize);
        Regulariser.Check(variant, options.Regularisation, size);
        var preprocessing = published with
        {
            CropSize = size,
            ResizeSize = isSmall ? size : (int)Math.Round((double)size * published.ResizeSize / published.CropSize),
        };

        return new RunSettings
        {
            CreatedAt = DateTimeOffset.UtcNow,
            Model = variant.Name,
            Classes = data.Classes,
            Preprocessing = preprocessing,
            DataLocation = Path.GetFullPath(data.Location),
            DataVersion = data.Version,
            WeightsSha256 = start?.Sha256,
            Options = options with
            {
                Model = variant.Name,
                Size = size,
                Weights = start?.Path,
                Pretrained = start?.Published?.Name,
                Augment = (options.Augment ?? new AugmentOptions()).For(size),
                LabelSmoothing = TrainingLosses.Smoothing(options),
                Precision = Devices.Choose(options.Precision, Devices.Choose(options.Device)),
                Threads = options.Threads ?? Environment.ProcessorCount,
            },
        };
    }
}
