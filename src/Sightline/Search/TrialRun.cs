using Sightline.Data;
using Sightline.Runs;
using Sightline.Training;
using Sightline.Tuning;

namespace Sightline.Search;

/// <summary>The runs of one trial in its folder: replays what they have told, goes on where they stopped, and ends them when the study says so.</summary>
internal sealed class TrialRun(TrialContext context, IProgress<RunEvent>? progress)
{
    /// <summary>Seconds that the trial's runs took, over all attempts.</summary>
    public double Seconds { get; private set; }

    /// <summary>Whether anything was trained and not only read.</summary>
    public bool HasTrained { get; private set; }

    /// <summary>Trains a run to its end.</summary>
    /// <param name="name">The run folder's name within the trial's folder.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="data">Its parts.</param>
    /// <param name="probes">Where it is looked at before its end; null for nowhere.</param>
    /// <param name="end">The step that its end is.</param>
    /// <param name="cancel">Leaves a checkpoint.</param>
    /// <returns>Its best validation accuracy; null where the study ended the trial.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public double? Train(string name, TrainOptions options, ImageDataset data, ProbePlan? probes, long end, CancellationToken cancel)
    {
        var path = Path.Combine(context.CheckpointFolder, name);
        var before = Seconds;
        var known = File.Exists(Path.Combine(path, "run.json")) ? RunFolder.Open(path) : null;
        if (known is not null && Replay(known, end) is var verdict && verdict != Verdict.Continue)
        {
            Seconds = before + Time(known);
            return null;
        }

        if (known?.ReadEvents().Any(told => told.Kind == "end") != true)
        {
            HasTrained = true;
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var watch = new Watch(context, progress, stop);
            try
            {
                // What was decided when the run began is kept: a plan made now could come out otherwise.
                known = PartRun.Train(known?.Settings.Options ?? options, data, context.CheckpointFolder, name, watch, stop.Token, probes);
            }
            catch (StoppedException)
            {
                Seconds = before + Time(RunFolder.Open(path));
                if (watch.Lost is { } lost)
                {
                    throw lost;
                }

                if (watch.Verdict == Verdict.Stop)
                {
                    DropCheckpoints(path);
                }

                return watch.Verdict == Verdict.Continue ? throw new OperationCanceledException("The trial was cancelled; its checkpoint is written.", cancel) : null;
            }
        }

        Seconds = before + Time(known!); // Read or trained above.
        DropCheckpoints(path, keepBest: true);
        var accuracy = known!.ReadEvents().Last(told => told.Kind == "end").ValidationAccuracy ?? double.NaN;
        return context.Report(end, accuracy) == Verdict.Continue ? accuracy : null;
    }

    // The study may know these reports already; telling it again changes nothing.
    private Verdict Replay(RunFolder run, long end)
    {
        foreach (var told in run.ReadEvents().Where(told => told.Kind == "probe" && told.Pictures > (context.CheckpointStep ?? -1) && told.Pictures < end))
        {
            if (told is { Pictures: { } step, ValidationAccuracy: { } accuracy } && context.Report(step, accuracy) is var verdict && verdict != Verdict.Continue)
            {
                return verdict;
            }
        }

        return Verdict.Continue;
    }

    private static double Time(RunFolder run) => run.ReadEvents().Select(told => told.Seconds).DefaultIfEmpty().Max();

    // A stopped trial never goes on, and a finished one needs its best weights only.
    private static void DropCheckpoints(string path, bool keepBest = false)
    {
        var folder = Path.Combine(path, "checkpoints");
        foreach (var file in Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Where(file => !keepBest || Path.GetFileName(file) != "best.safetensors") : [])
        {
            File.Delete(file);
        }
    }

    /// <summary>Tells the study each look, on the training thread, and ends the run when it says so.</summary>
    private sealed class Watch(TrialContext context, IProgress<RunEvent>? progress, CancellationTokenSource stop) : IProgress<RunEvent>
    {
        public Verdict Verdict { get; private set; } = Verdict.Continue;

        public TrialLostException? Lost { get; private set; }

        public void Report(RunEvent value)
        {
            progress?.Report(value);
            if (value is not { Kind: "probe", Pictures: { } step, ValidationAccuracy: { } accuracy } || stop.IsCancellationRequested)
            {
                return;
            }

            try
            {
                context.KeepCheckpoint(step); // The checkpoint was written just before.
                Verdict = context.Report(step, accuracy);
            }
            catch (TrialLostException error)
            {
                Lost = error; // Thrown on when the run has closed its files.
            }

            if (Verdict != Verdict.Continue || Lost is not null)
            {
                stop.Cancel();
            }
        }
    }
}
