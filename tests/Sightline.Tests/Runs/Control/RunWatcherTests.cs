using System.Text.Json;
using Sightline.Compute.Monitoring;
using Sightline.Runs;
using Sightline.Training;
using Xunit;

namespace Sightline.Tests.Runs.Control;

/// <summary>The picture that is made of a run's files.</summary>
public sealed class RunWatcherTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private readonly RunSample _sample = new();
    private readonly Clock _clock = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void Progress_and_time_left_follow_from_the_events_of_this_process()
    {
        Tell(Step(50, seconds: 500), Step(100, seconds: 1000), Step(100, seconds: 1000) with { Kind = "resume" }, Step(150, seconds: 1050) with { TrainLoss = 0.5, DataWaitShare = 0.1 });
        Beat(step: 160);

        var view = new RunWatcher(_sample.Run, new RunJob(), _clock).Refresh();

        Assert.Equal(("running", 160L, 1000L, 10), (view.State, view.Step, view.TotalSteps, view.Epochs));
        Assert.Equal((0.5, 0.1), (view.TrainLoss, view.DataWaitShare));
        Assert.Equal(840.0, view.SecondsLeft!.Value, 1e-9); // 50 steps in 50 seconds since the resume, 840 steps left.
        Assert.Null(view.SpentUsd);
    }

    [Fact]
    public void What_a_resumed_run_took_back_is_forgotten()
    {
        Tell(Step(50, seconds: 500), Step(100, seconds: 1000) with { TrainLoss = 9 });
        Beat(step: 100);
        var watcher = new RunWatcher(_sample.Run, new RunJob(), _clock);
        watcher.Refresh();

        Tell(Step(50, seconds: 500), Step(50, seconds: 500) with { Kind = "resume" });
        Beat(step: 50);
        var view = watcher.Refresh();

        Assert.Equal((50L, null), (view.Step, view.TrainLoss));
    }

    [Fact]
    public void Cost_is_price_times_time_of_what_the_job_says()
    {
        Beat(step: 1);
        File.WriteAllText(Path.Combine(_sample.Run.Path, "job.json"),
            """{"host":"ssh://x","offer":"lambda a100","gpu":"a100-40","pricePerHourUsd":1.25,"maxCostUsd":10,"spentBeforeUsd":3,"billedSince":"2026-01-31T08:00:00Z","surprise":[1]}""");

        var view = new RunWatcher(_sample.Run, new RunJob { MaxCostUsd = 9m }, _clock).Refresh();

        Assert.Equal((8m, 9m, 1.25m, "lambda a100"), (view.SpentUsd, view.MaxCostUsd, view.PricePerHourUsd, view.Offer)); // Four hours and the three dollars before.
        var alert = Assert.Single(view.Alerts);
        Assert.Equal("budget.0.8", alert.Key);
        Assert.False(File.Exists(AlertLog.FileIn(_sample.Run)), "A job copies this file by its length, so nobody else may write to it.");
    }

    [Fact]
    public void An_alert_is_told_once_by_all_watchers_and_again_after_half_an_hour()
    {
        Beat(step: 1);
        var given = new RunJob { PricePerHourUsd = 1m, MaxCostUsd = 1m, BilledSince = Start.AddHours(-2) };
        var first = new RunWatcher(_sample.Run, given, _clock);
        var second = new RunWatcher(_sample.Run, given, _clock);

        first.Refresh();
        second.Refresh();
        first.Refresh();
        Assert.Single(File.ReadAllLines(AlertLog.FileIn(_sample.Run)));
        Assert.Empty(first.NewAlerts);
        _clock.Now += AlertLog.Quiet;
        Beat(step: 1); // Else it would be told as stalled too.
        first.Refresh();

        Assert.Equal(2, File.ReadAllLines(AlertLog.FileIn(_sample.Run)).Length);
        Assert.Single(first.NewAlerts);
    }

    [Fact]
    public void Samples_are_read_as_the_training_writes_them()
    {
        using (new SystemRecorder(_sample.Run, TimeProvider.System, () => new JobReading { IsRunning = true }))
        {
            // One sample is written at the end at the latest.
        }

        var view = new RunWatcher(_sample.Run, new RunJob(), _clock).Refresh();

        Assert.NotNull(view.System);
        Assert.Equal(OperatingSystem.IsLinux(), view.System.MemoryTotalBytes > 0);
    }

    [Fact]
    public void A_stalled_run_raises_an_alert()
    {
        Beat(step: 1);
        _clock.Now += RunStatus.Silence + TimeSpan.FromSeconds(1);

        var view = new RunWatcher(_sample.Run, new RunJob(), _clock).Refresh();

        Assert.Equal("stalled", view.State);
        Assert.Contains("lives and gives no sign", Assert.Single(view.Alerts).Message);
    }

    [Fact]
    public void A_wasteful_card_names_what_is_cheaper()
    {
        Beat(step: 1);
        var gpu = new GpuSample { Index = 0, GpuPercent = new(95, 99), MemoryUsedBytes = new(10, 10), MemoryTotalBytes = 100 };
        File.WriteAllLines(SystemRecorder.FileIn(_sample.Run), Enumerable.Range(-70, 71).Select(i =>
            JsonSerializer.Serialize(new SystemSample { At = Start.AddSeconds(5 * i), Seconds = 5, Gpus = [gpu] }, SightlineJson.Line)));

        var view = new RunWatcher(_sample.Run, new RunJob(), _clock) { Cheaper = (_, _) => "A T4 would do for 3.00 USD less." }.Refresh();

        Assert.Equal("The GPU works, and 10 % of its memory is in use at most. A T4 would do for 3.00 USD less.", Assert.Single(view.Alerts).Message);
    }

    [Fact]
    public void The_runs_own_thresholds_hold_where_no_others_are_given()
    {
        Beat(step: 1);
        var run = _sample.Run;
        var settings = run.Settings with { Options = run.Settings.Options with { Alerts = new AlertOptions { BudgetShares = [0.5] } } };
        File.WriteAllText(Path.Combine(run.Path, "run.json"), JsonSerializer.Serialize(settings, SightlineJson.Indented));
        var job = new RunJob { PricePerHourUsd = 1, MaxCostUsd = 10, BilledSince = Start.AddHours(-6) };

        var own = new RunWatcher(RunFolder.Open(run.Path), job, _clock).Refresh();
        var given = new RunWatcher(RunFolder.Open(run.Path), job, _clock, new AlertOptions { BudgetShares = [0.7] }).Refresh();

        Assert.Equal("budget.0.5", Assert.Single(own.Alerts).Key);
        Assert.Single(given.Alerts); // The first one's, from the file; 60 % are not told by itself.
    }

    private static RunEvent Step(long step, double seconds) => new() { Kind = "step", At = Start, Epoch = 1, Step = step, TotalSteps = 1000, Seconds = seconds };

    private void Tell(params IEnumerable<RunEvent> events) =>
        File.WriteAllText(Path.Combine(_sample.Run.Path, "metrics.jsonl"), string.Concat(events.Select(told => JsonSerializer.Serialize(told, SightlineJson.Line) + "\n")));

    private void Beat(long step) => new Heartbeat
    {
        Process = ProcessIdentity.Own, At = _clock.Now, Phase = RunPhase.Training, PhaseSince = _clock.Now, Step = step, TotalSteps = 1000, Epoch = 1, StepAt = _clock.Now,
    }.Write(_sample.Run);

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = Start;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
