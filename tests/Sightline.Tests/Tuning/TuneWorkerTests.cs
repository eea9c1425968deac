using Sightline.Tuning;
using Xunit;

namespace Sightline.Tests.Tuning;

public sealed class TuneWorkerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-worker-").FullName;

    [Fact]
    public void What_goes_wrong_with_a_trial_ends_that_trial_alone()
    {
        using var study = New(trials: 8);

        var ended = Work(study, (context, _) => context.Number switch
        {
            0 => throw new InvalidOperationException("no more disk"),
            1 => TrialOutcome.Complete(double.NaN),
            2 => TrialOutcome.Complete(double.NegativeInfinity),
            3 => TrialOutcome.Complete(1, 2),
            4 => throw new MemoryException("12 GiB are not there"),
            5 => TrialOutcome.Infeasible("too large"),
            6 => TrialOutcome.Stopped,
            _ => TrialOutcome.Complete(7),
        });

        Assert.Equal(8, ended);
        Assert.Equal(
            [
                (TrialState.Failed, "no more disk"),
                (TrialState.Failed, "The objective is not a number (NaN)."),
                (TrialState.Failed, "The objective is infinite."),
                (TrialState.Failed, "It gave 2 values; the study has 1 objectives."),
                (TrialState.Infeasible, "Out of memory: 12 GiB are not there"),
                (TrialState.Infeasible, "too large"),
                (TrialState.Failed, "The objective ended without a value, though it was told to go on."),
                (TrialState.Complete, null),
            ],
            study.Trials.Select(trial => (trial.State, trial.Reason)));
    }

    [Theory]
    [InlineData(true, "It took longer than the limit of 1 seconds.")]
    [InlineData(false, "It took longer than the limit of 1 seconds. It did not heed the cancellation within 0 seconds; its thread was left behind.")]
    public void A_trial_that_hangs_is_failed_at_its_limit(bool heeds, string reason)
    {
        using var study = New(trials: 2);
        using var never = new ManualResetEventSlim();

        Work(study, (context, token) =>
        {
            if (context.Number == 0)
            {
                never.Wait(heeds ? token : CancellationToken.None);
            }

            return TrialOutcome.Complete(1);
        }, new TuneWorkerOptions { TrialLimit = TimeSpan.FromSeconds(1), Grace = heeds ? TimeSpan.FromSeconds(30) : TimeSpan.FromMilliseconds(100) });

        Assert.Equal([TrialState.Failed, TrialState.Complete], study.Trials.Select(trial => trial.State));
        Assert.Equal(reason, study.Trials[0].Reason);
        never.Set();
    }

    [Fact]
    public void A_trial_stopped_with_its_worker_goes_on_from_its_checkpoint()
    {
        using var study = New(trials: 1);
        using var stop = new CancellationTokenSource();
        var seen = new List<(int Attempt, long? From, string Folder)>();

        TrialOutcome Objective(TrialContext context, CancellationToken token)
        {
            seen.Add((context.Attempt, context.CheckpointStep, context.CheckpointFolder));
            for (var step = (context.CheckpointStep ?? 0) + 1; step <= 4; step++)
            {
                context.Report(step, step);
                File.WriteAllText(Path.Combine(context.CheckpointFolder, "state"), $"{step}");
                context.KeepCheckpoint(step);
                if (step == 2 && seen.Count == 1)
                {
                    stop.Cancel();
                    token.ThrowIfCancellationRequested();
                }
            }

            return TrialOutcome.Complete(double.Parse(File.ReadAllText(Path.Combine(context.CheckpointFolder, "state"))));
        }

        Work(study, Objective, token: stop.Token);
        Assert.Equal(TrialState.Paused, study.Trials[0].State);
        Work(study, Objective);

        Assert.Equal((0, 2L), (seen[1].Attempt, seen[1].From!.Value));
        Assert.Equal(seen[0].Folder, seen[1].Folder);
        Assert.Equal([4.0], study.Trials[0].Values);
        Assert.Equal([1L, 2, 3, 4], study.Trials[0].Reports.Select(report => report.Step));
    }

    [Fact]
    public void Time_is_charged_at_the_workers_price_and_ends_a_budget()
    {
        using var study = New(trials: 50, budget: new StudyBudget { Trials = 50, CostUsd = 0.01m });

        Work(study, (context, token) =>
        {
            token.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(20));
            return TrialOutcome.Complete(1);
        }, new TuneWorkerOptions { PricePerHourUsd = 900 });

        // 20 ms at 900 dollars an hour are half a cent, so two or, on a busy machine, one.
        Assert.InRange(study.Trials.Count, 1, 3);
        Assert.True(study.SpentUsd >= 0.01m);
        Assert.All(study.Trials, trial => Assert.True(trial.CostUsd >= 0.005m));
    }

    [Fact]
    public void A_command_tells_values_checkpoints_and_troubles()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The commands are those of a POSIX shell.");
        File.WriteAllText(Path.Combine(_folder, "run.sh"), """
            case $SIGHTLINE_TRIAL in
            0) echo starting; echo "{\"step\":1,\"value\":$1}"; echo '{"checkpoint":1}'; echo '{"step":2,"value":NaN}'; echo '{"value":0.5,"constraints":[-1],"costUsd":0.25}';;
            1) echo 0.25;;
            2) echo "cannot open" >&2; exit 3;;
            3) exit 6;;
            4) echo '{"value":NaN}';;
            5) echo nothing;;
            6) echo '{"infeasible":"too large"}';;
            7) echo "$SIGHTLINE_CONFIGURATION" > $SIGHTLINE_CHECKPOINTS/config.json; echo "{\"value\":$(wc -c < $SIGHTLINE_CHECKPOINTS/config.json)}";;
            esac
            """);
        var space = new SearchSpace(new FloatParameter("x", 1, 2), new CategoricalParameter("c", ["it's \"quoted\""]));
        using var study = new Study(space, new StudyOptions { Sampler = "random" });
        study.Continue(new StudyBudget { Trials = 8 });

        new TuneWorker(study, new CommandObjective($"sh '{_folder}/run.sh' {{x}} {{c}}", space, TimeSpan.FromSeconds(5)), new TuneWorkerOptions { Folder = _folder })
            .Run(null, CancellationToken.None);

        var trials = study.Trials;
        Assert.Equal((0.5, 0.25m, 1L), (trials[0].Values[0], trials[0].CostUsd!.Value, trials[0].CheckpointStep!.Value));
        Assert.Equal([trials[0].Configuration.Float("x"), double.NaN], trials[0].Reports.Select(report => report.Value));
        Assert.Equal(0.25, trials[1].Values[0]);
        Assert.Equal(
            [
                (TrialState.Failed, "The command ended with exit code 3. It said: cannot open"),
                (TrialState.Infeasible, "The command ran out of memory."),
                (TrialState.Failed, "The objective is not a number (NaN)."),
                (TrialState.Failed, "The command told no value. Its last line must be a number or {\"value\":...}; it was 'nothing'."),
                (TrialState.Infeasible, "too large"),
            ],
            trials.Skip(2).Take(5).Select(trial => (trial.State, trial.Reason!)));
        Assert.Equal(TrialState.Complete, trials[7].State);
    }

    [Theory]
    [InlineData("prog {z}", "The command has {z}; it may have {x}, {study}, {trial}, {attempt}, {seed}, {checkpoints}, {step}.")]
    [InlineData("prog 'x", "The command 'prog 'x' has a ' that is not closed.")]
    public void A_command_that_cannot_be_used_is_refused(string command, string message)
    {
        var error = Assert.Throws<SettingsException>(() => new CommandObjective(command, new SearchSpace(new FloatParameter("x", 0, 1)), TimeSpan.Zero));

        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void Words_are_divided_as_a_shell_does()
    {
        // What "printf '%s\n' a 'b c' "d\"e" f\ g ''" prints with dash.
        Assert.Equal(["a", "b c", "d\"e", "f g", ""], CommandLineWords.Of("""  a 'b c' "d\"e" f\ g ''  """));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Study New(int trials, StudyBudget? budget = null)
    {
        var study = new Study(new SearchSpace(new FloatParameter("x", 0, 1)), new StudyOptions { Sampler = "random", Pruner = new PrunerOptions { Kind = PrunerKind.None } });
        study.Continue(budget ?? new StudyBudget { Trials = trials });
        return study;
    }

    private int Work(Study study, Func<TrialContext, CancellationToken, TrialOutcome> objective, TuneWorkerOptions? options = null, CancellationToken token = default) =>
        new TuneWorker(study, new Delegated(objective), (options ?? new TuneWorkerOptions()) with { Folder = _folder }).Run(null, token);

    private sealed class Delegated(Func<TrialContext, CancellationToken, TrialOutcome> objective) : ITrialObjective
    {
        public TrialOutcome Run(TrialContext context, CancellationToken cancellationToken) => objective(context, cancellationToken);
    }
}
