using Sightline.Models;
using Sightline.Runs;
using Sightline.Search;
using Sightline.Training;
using Sightline.Tuning;
using Xunit;

namespace Sightline.Tests.Search;

/// <summary>Trials that are real trainings, of a few steps.</summary>
[Collection("Alone")]
public sealed class ImageObjectiveTests : IDisposable
{
    private readonly TinyTrainingData _tiny = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-test-").FullName;

    public void Dispose()
    {
        _tiny.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_trial_reports_at_pictures_seen_and_ends_with_the_best_accuracy()
    {
        var objective = Objective();
        var reports = new List<(long Step, double Value)>();

        var outcome = objective.Run(Context("whole", (step, value) => { reports.Add((step, value)); return Verdict.Continue; }), CancellationToken.None);

        // 144 of 192 pictures are trained on, twice; eight looks, the last of which is the end.
        Assert.Equal(288, objective.FullStep);
        Assert.Equal([36L, 72, 108, 144, 180, 216, 252, 288], reports.Select(report => report.Step));
        Assert.Equal(TrialState.Complete, outcome.State);
        Assert.Equal(reports[^1].Value, outcome.Values[0]);
        Assert.True(outcome.Values[0] > 0.34, $"The accuracy is {outcome.Values[0]}: nothing was learned.");
        Assert.True(outcome.CostUsd > 0);
        Assert.True(outcome.PeakMemoryBytes > 0);
    }

    [Fact]
    public void A_paused_trial_goes_on_with_the_same_bits_and_a_stopped_one_leaves_no_checkpoint()
    {
        var objective = Objective();
        objective.Run(Context("whole", (_, _) => Verdict.Continue), CancellationToken.None);
        long? kept = null;

        var paused = objective.Run(Context("paused", (step, _) => step == 108 ? Verdict.Pause : Verdict.Continue, step => kept = step), CancellationToken.None);
        var resumed = new List<long>();
        var outcome = objective.Run(Context("paused", (step, _) => { resumed.Add(step); return Verdict.Continue; }, at: kept), CancellationToken.None);
        objective.Run(Context("stopped", (step, _) => step == 72 ? Verdict.Stop : Verdict.Continue), CancellationToken.None);

        Assert.Equal((TrialState.Pruned, 108L), (paused.State, kept));
        Assert.Equal([144L, 180, 216, 252, 288], resumed);
        Assert.Equal(TrialState.Complete, outcome.State);
        Assert.Equal(End("whole").LastWeightsSha256, End("paused").LastWeightsSha256);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(_folder, "stopped", "run", "checkpoints")));
    }

    [Fact]
    public void A_finished_trial_is_read_and_not_trained_again()
    {
        var objective = Objective();
        var first = objective.Run(Context("again", (_, _) => Verdict.Continue), CancellationToken.None);
        var written = File.GetLastWriteTimeUtc(Path.Combine(_folder, "again", "run", "metrics.jsonl"));
        var replayed = new List<long>();

        var second = objective.Run(Context("again", (step, _) => { replayed.Add(step); return Verdict.Continue; }), CancellationToken.None);

        Assert.Equal(first.Values, second.Values);
        Assert.Equal(8, replayed.Count);
        Assert.Equal(written, File.GetLastWriteTimeUtc(Path.Combine(_folder, "again", "run", "metrics.jsonl")));
    }

    [Fact]
    public void Restart_mode_trains_a_whole_short_training_at_each_rung()
    {
        var objective = Objective(FidelityMode.Restart);
        var reports = new List<long>();

        objective.Run(Context("restart", (step, _) => { reports.Add(step); return step < 288 * 0.5 ? Verdict.Continue : Verdict.Stop; }), CancellationToken.None);

        Assert.Equal([23L, 69, 207], reports);
        Assert.Equal([1, 1, 2], Enumerable.Range(1, 3).Select(i => RunFolder.Open(Path.Combine(_folder, "restart", $"stage-{i}")).Settings.Options.Epochs));
        Assert.False(Directory.Exists(Path.Combine(_folder, "restart", "stage-4")));
    }

    [Fact]
    public void Settings_that_do_not_go_together_and_memory_that_is_not_there_are_infeasible()
    {
        var bad = Objective().Run(Context("bad", (_, _) => Verdict.Continue, configuration: Configuration.Of(("optimizer.momentum", 0))), CancellationToken.None);
        var large = Objective(limit: 1_000_000).Run(Context("large", (_, _) => Verdict.Continue), CancellationToken.None);

        Assert.Equal(TrialState.Infeasible, bad.State);
        Assert.Contains("Nesterov needs a momentum above 0", bad.Reason, StringComparison.Ordinal);
        Assert.Equal(TrialState.Infeasible, large.State);
        Assert.Equal("By the memory plan it does not fit, even in parts of 4 pictures and with checkpointing.", large.Reason);
    }

    [Fact]
    public void A_trial_that_runs_out_of_memory_is_infeasible_and_its_like_are_planned_smaller_or_not_at_all()
    {
        var configuration = Configuration.Of(("optimizer.learningRate", 0.02));
        // Its plan fits with room to spare; then the training finds that it was wrong.
        var objective = Objective(limit: 2 * Objective().PlannedMemory(configuration)!.Value, progress: new Failing());
        var planned = objective.PlannedMemory(configuration)!.Value;

        var outcome = objective.Run(Context("oom", (_, _) => Verdict.Continue), CancellationToken.None);

        Assert.Equal((TrialState.Infeasible, "The memory ran out."), (outcome.State, outcome.Reason));
        Assert.True(outcome.CostUsd >= 0);
        Assert.True(objective.PlannedMemory(Configuration.Of(("optimizer.learningRate", 0.03))) is not { } next || next < planned);
    }

    private sealed class Failing : IProgress<RunEvent>
    {
        public void Report(RunEvent value)
        {
            if (value.Kind == "probe")
            {
                throw new MemoryException("The memory ran out.");
            }
        }
    }

    [Fact]
    public void The_best_are_trained_again_with_three_seeds_beside_the_recipe()
    {
        var objective = Objective();
        var best = new[] { (4, Configuration.Of(("optimizer.learningRate", 0.02))) };

        var rows = WinnerCheck.Run(objective, best, seed: 1, _folder, withRecipe: true, tell: null, CancellationToken.None);

        Assert.Equal([null, 4], rows.Select(row => row.Number).Order());
        Assert.All(rows, row => Assert.Equal((3, 3), (row.Validation.Count, row.Test.Count)));
        Assert.True(rows[0].Validation.Average() >= rows[1].Validation.Average());
        Assert.Equal(2, RunFolder.Open(Path.Combine(_folder, "winner-4-seed-2")).Settings.Options.Seed);
    }

    private ImageObjective Objective(FidelityMode mode = FidelityMode.Prefix, long? limit = null, IProgress<RunEvent>? progress = null) => new(
        new ImageSearchOptions
        {
            Recipe = new TrainOptions { Model = "resnet10_small", Size = 8, Epochs = 2, BatchSize = 12, Threads = 1, Workers = 1, Layout = MemoryLayout.Nchw, ValidationShare = 0.25 },
            Fidelity = mode,
            Looks = 8,
            LookPictures = 48,
            PricePerHourUsd = 2m,
            MemoryLimitBytes = limit,
        }, _tiny.Data, progress);

    private TrialContext Context(string name, Func<long, double, Verdict> report, Action<long>? checkpoint = null, long? at = null, Configuration? configuration = null)
    {
        var folder = Path.Combine(_folder, name);
        Directory.CreateDirectory(folder);
        return new TrialContext(report, checkpoint ?? (_ => { }))
        {
            Study = "test", Number = 0, Configuration = configuration ?? Configuration.Of(("optimizer.learningRate", 0.02)), CheckpointFolder = folder, CheckpointStep = at,
        };
    }

    private RunEvent End(string name) => RunFolder.Open(Path.Combine(_folder, name, "run")).ReadEvents().Last(told => told.Kind == "end");
}
