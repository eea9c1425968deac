using System.Text.Json;
using Sightline.Data;
using Sightline.Native;
using Sightline.Runs;
using Sightline.Training.Distillation;

namespace Sightline.Training;

/// <summary>Runs on parts of a data set that are not its own splits, such as folds. Made again by the same name, they go on where they stopped.</summary>
internal static class PartRun
{
    /// <summary>Trains, goes on with, or finds the finished run.</summary>
    /// <param name="options">All settings; the data must have been opened with their seed and shares.</param>
    /// <param name="data">The parts: trained on, validated by, tested by.</param>
    /// <param name="runsFolder">The folder below which the run folder is.</param>
    /// <param name="name">The run folder's name.</param>
    /// <param name="progress">Told each event; null for silence.</param>
    /// <param name="cancel">Stops after the current step, with a checkpoint.</param>
    /// <param name="probes">Where to look at the accuracy within epochs; null for nowhere.</param>
    /// <exception cref="SettingsException">A run of that name has other settings or other parts.</exception>
    /// <exception cref="StoppedException">The token was cancelled.</exception>
    public static RunFolder Train(
        TrainOptions options, ImageDataset data, string runsFolder, string name, IProgress<RunEvent>? progress, CancellationToken cancel,
        ProbePlan? probes = null)
    {
        var problems = options.Check().ToList();
        if (problems.Count > 0)
        {
            throw new SettingsException(string.Join(Environment.NewLine, problems));
        }

        NativeRuntime.EnsureLoaded();
        var settings = Teacher.Locate(Trainer.Resolve(options, data), runsFolder) with { HasOwnSplit = true };
        var path = Path.Combine(runsFolder, name);
        var run = File.Exists(Path.Combine(path, "run.json"))
            ? Same(path, settings, data, options.Precision)
            : RunFolder.Create(runsFolder, PassProbe.Decide(settings, options.Precision), data, name);
        if (!run.ReadEvents().Any(seen => seen.Kind == "end"))
        {
            try
            {
                Trainer.Train(run, data, progress, cancel, probes);
            }
            catch (StoppedException)
            {
                throw new StoppedException($"Stopped in {name}; nothing is lost. Run the same command again with the same --name to go on.");
            }
        }

        return run;
    }

    private static RunFolder Same(string path, RunSettings settings, ImageDataset data, Precision precision)
    {
        var run = RunFolder.Open(path);

        // What was measured when the run began may come out otherwise now, and would be no other run.
        var (asked, before) = (settings.Options, run.Settings.Options);
        asked = asked with
        {
            Layout = asked.Layout == MemoryLayout.Auto ? before.Layout : asked.Layout,
            Precision = precision == Precision.Auto ? before.Precision : asked.Precision,
        };
        var isSame = run.Settings.HasOwnSplit && run.Settings.DataVersion == settings.DataVersion
            && Text(run.Settings.Options) == Text(asked) && run.HasSplitOf(data);
        return isSame ? run : throw new SettingsException(
            $"The run folder '{path}' exists already, with other settings, data or parts. Choose another --name, or remove it.");
    }

    private static string Text(TrainOptions options) => JsonSerializer.Serialize(options, SightlineJson.Line);
}
