using Sightline.Tests.Servers;
using Sightline.Tuning;
using Xunit;

namespace Sightline.Tests.Tuning.Stores;

/// <summary>What every store of studies does, in memory and in both databases.</summary>
public abstract class StudyStoreContract
{
    private protected static readonly SearchSpace Space = new(
        new FloatParameter("x", -5, 5), new CategoricalParameter("c", ["a", "b"]), new IntParameter("n", 1, 9) { When = Condition.Is("c", "b") });

    private protected static readonly StudyWorker Worker = new("worker");

    private protected static StudyOptions Options => new() { Name = $"s{Guid.NewGuid():N}", Seed = 3, Sampler = "tpe", Pruner = new PrunerOptions { Kind = PrunerKind.None } };

    [Fact]
    public void A_study_goes_on_after_each_closing_as_one_in_memory_that_never_closed()
    {
        var options = Options;
        using var whole = new Study(Space, options);
        using var store = Make(Space, options);
        for (var round = 0; round < 6; round++)
        {
            using var study = new Study(Reopen(store), Worker);
            for (var i = 0; i < 5; i++)
            {
                var (expected, actual) = (whole.Ask()!, study.Ask()!);
                Assert.Equal(expected.Number, actual.Number);
                Assert.Equal(expected.Configuration, actual.Configuration);
                var value = Math.Pow(actual.Configuration.Float("x") - 2, 2) + (actual.Configuration.Has("n") ? actual.Configuration.Int("n") : 4);
                whole.Tell(expected.Number, value);
                study.Tell(actual.Number, value);
            }
        }
    }

    [Fact]
    public void Values_reports_constraints_and_reasons_are_kept()
    {
        using var store = Make(Space, Options with { Directions = [Direction.Minimize, Direction.Maximize] });
        using (var study = new Study(Reopen(store), Worker))
        {
            study.Enqueue(Configuration.Of(("c", "b")));
            var first = study.Ask()!;
            study.Report(first.Number, 1, double.NaN);
            study.Report(first.Number, 2, double.NegativeInfinity);
            study.Report(first.Number, 3, 0.1 + 0.2);
            study.Report(first.Number, 2, 7);
            study.Tell(first.Number, [1e-300, double.PositiveInfinity], [-1, 2.5]);
            study.Fail(study.Ask()!.Number, "no more disk");
            study.MarkInfeasible(study.Ask()!.Number, "too large");
            study.Attach(Configuration.Of(("x", 1.0), ("c", "a")), [3, 4], [0], [new TrialReport(5, 6)]);
        }

        using var again = new Study(Reopen(store), Worker);
        var trials = again.Trials;
        Assert.Equal([TrialState.Complete, TrialState.Failed, TrialState.Infeasible, TrialState.Complete], trials.Select(trial => trial.State));
        Assert.Equal([new TrialReport(1, double.NaN), new TrialReport(2, 7)], trials[0].Reports);
        Assert.Equal([1e-300, double.PositiveInfinity], trials[0].Values);
        Assert.Equal([-1, 2.5], trials[0].Constraints);
        Assert.Equal([true, false, false, true], trials.Select(trial => trial.IsEnqueued));
        Assert.Equal(("no more disk", "too large"), (trials[1].Reason, trials[2].Reason));
        Assert.Equal([new TrialReport(5, 6)], trials[3].Reports);
        Assert.NotNull(trials[0].EndedAt);
    }

    [Fact]
    public void What_one_does_the_other_sees()
    {
        using var store = Make(Space, Options);
        using var one = new Study(Reopen(store), Worker);
        using var other = new Study(Reopen(store), new StudyWorker("other"));

        var trial = one.Ask()!;
        one.ChangeSpace(new SearchSpace(new FloatParameter("x", 10, 11)));
        var next = other.Ask()!;
        one.Tell(trial.Number, 4);

        Assert.Equal(1, next.Number);
        Assert.InRange(next.Configuration.Float("x"), 10, 11);
        Assert.Equal(TrialState.Complete, other.Trials[0].State);
        Assert.Contains("is at another worker", Assert.Throws<InvalidOperationException>(() => one.Tell(1, 2)).Message);
    }

    [Fact]
    public void What_a_trial_is_planned_to_need_is_kept_with_it()
    {
        using var store = Make(Space, Options);
        using var planned = new Study(Reopen(store), Worker) { PredictedMemory = configuration => configuration.Has("n") ? 2_000_000_000_000 : 1000 };
        planned.Enqueue(Configuration.Of(("c", "b")));
        var (first, second) = (planned.Ask()!, planned.Ask()!);
        planned.End(first.Number, new TrialEnd(TrialState.Complete) { Values = [1], PeakMemoryBytes = 1_900_000_000_000 });
        using var other = new Study(Reopen(store), new StudyWorker("other"));

        Assert.Equal((2_000_000_000_000, 1_900_000_000_000), (other.Trials[0].PredictedMemoryBytes, other.Trials[0].PeakMemoryBytes));
        Assert.Equal(second.Configuration.Has("n") ? 2_000_000_000_000 : 1000, other.Trials[1].PredictedMemoryBytes);
        Assert.Null(other.Ask()!.PredictedMemoryBytes);
    }

    [Fact]
    public void A_small_space_is_tried_once_by_many_workers()
    {
        var space = new SearchSpace(new CategoricalParameter("a", ["1", "2", "3", "4"]), new CategoricalParameter("b", ["1", "2", "3"]));
        using var store = Make(space, Options with { Sampler = "random" });
        var studies = Enumerable.Range(0, 4).Select(i => new Study(Reopen(store), new StudyWorker($"w{i}"))).ToList();

        Parallel.ForEach(studies, study =>
        {
            while (study.Ask() is { } trial)
            {
                study.Tell(trial.Number, 1);
            }
        });

        var trials = studies[0].Trials;
        Assert.Equal(12, trials.Select(trial => trial.Number).Distinct().Count());
        Assert.Equal(12, trials.Select(trial => trial.Configuration).Distinct().Count());
        Assert.All(trials, trial => Assert.Equal(TrialState.Complete, trial.State));
        studies[0].ChangeSpace(new SearchSpace(new CategoricalParameter("a", ["5"])));
        Assert.True(studies[0].Ask()!.Number > trials[^1].Number);
        studies.ForEach(study => study.Dispose());
    }

    [Fact]
    public void A_budget_holds_for_all_workers_together()
    {
        using var store = Make(Space, Options with { Sampler = "random" });
        var studies = Enumerable.Range(0, 4).Select(i => new Study(Reopen(store), new StudyWorker($"w{i}"))).ToList();
        studies[0].Attach(Configuration.Of(("x", 1.0), ("c", "a")), [3]);
        studies[0].Continue(new StudyBudget { Trials = 10 });

        Parallel.ForEach(studies, study =>
        {
            while (study.Ask() is { } trial)
            {
                study.Tell(trial.Number, 1);
            }
        });

        Assert.Equal(11, studies[0].Trials.Count);
        Assert.Equal("All 10 trials of the budget have begun.", studies[0].Closed);
        studies.ForEach(study => study.Dispose());
    }

    [Fact]
    public void Money_and_time_end_a_study_and_stopping_it_too()
    {
        using var store = Make(Space, Options);
        using var study = new Study(Reopen(store), Worker);
        study.Continue(new StudyBudget { CostUsd = 1.5m });
        var trial = study.Ask()!;
        study.End(trial.Number, new TrialEnd(TrialState.Complete) { Values = [1], CostUsd = 1.25m });
        Assert.NotNull(study.Ask());
        study.AddCost(study.ClaimOf(study.Trials[1]), 0.25m, 77);

        Assert.Null(study.Ask());
        Assert.Equal(1.5m, study.SpentUsd);
        Assert.Equal(77, study.Trials[1].PeakMemoryBytes);
        study.Continue(new StudyBudget { Deadline = TimeProvider.System.GetUtcNow().AddMinutes(-1) });
        Assert.Null(study.Ask());
        study.Continue(StudyBudget.None);
        study.Stop();
        Assert.Null(study.Ask());
        study.Continue(StudyBudget.None);
        Assert.NotNull(study.Ask());
    }

    [Fact]
    public void A_trial_given_back_goes_on_from_its_checkpoint_under_its_number()
    {
        using var store = Make(Space, Options);
        using var one = new Study(Reopen(store), Worker);
        using var other = new Study(Reopen(store), new StudyWorker("other"));
        var trial = one.Ask()!;
        one.Report(trial.Number, 1, 10);
        one.KeepCheckpoint(trial.Number, 1);
        one.Report(trial.Number, 2, 20);
        one.Release(trial.Number);

        var again = other.Ask()!;

        Assert.Equal((trial.Number, 0, 1L), (again.Number, again.Attempt, again.CheckpointStep!.Value));
        Assert.Equal(trial.Configuration, again.Configuration);
        Assert.Equal([new TrialReport(1, 10)], again.Reports);
        Assert.Throws<InvalidOperationException>(() => one.Report(trial.Number, 3, 30));
    }

    [Fact]
    public void Promotion_resumes_a_paused_trial_in_another_process()
    {
        using var store = Make(Space, Options with { Pruner = new PrunerOptions { Kind = PrunerKind.AshaPromotion, MaxStep = 9, FirstRungStep = 3 } });
        using var one = new Study(Reopen(store), Worker);
        var verdicts = new List<Verdict>();
        for (var i = 0; i < 3; i++)
        {
            verdicts.Add(one.Report(one.Ask()!.Number, 3, 3 - i));
        }

        using var other = new Study(Reopen(store), new StudyWorker("other"));
        // Three at the rung: the last is the best third and goes on at once; the others wait.
        Assert.Equal([Verdict.Pause, Verdict.Pause, Verdict.Continue], verdicts);
        one.Tell(2, 1);
        for (var i = 0; i < 3; i++)
        {
            other.Report(other.Ask()!.Number, 3, 5 + i);
        }

        var promoted = other.Ask()!;
        Assert.Equal((1, TrialState.Running), (promoted.Number, promoted.State));
    }

    private protected abstract IStudyStore Make(SearchSpace space, StudyOptions options);

    /// <summary>The same study through another connection; memory has but one.</summary>
    private protected abstract IStudyStore Reopen(IStudyStore store);
}

public sealed class MemoryStudyStoreTests : StudyStoreContract
{
    private protected override IStudyStore Make(SearchSpace space, StudyOptions options) => new Shared(new MemoryStudyStore(space, options, TimeProvider.System));

    private protected override IStudyStore Reopen(IStudyStore store) => store;

    /// <summary>Memory is for one study's lock; here several share it.</summary>
    private sealed class Shared(MemoryStudyStore store) : IStudyStore
    {
        private readonly Lock _lock = new();

        public StudyOptions Options => store.Options;

        public TimeSpan? Lease => null;

        public StudyChanges Changes(long since) => Locked(() => store.Changes(since));

        public TrialRow? Claim(StudyWorker worker) => Locked(() => store.Claim(worker));

        public TrialRow? Promote(StudyWorker worker, Claim paused, int rung) => Locked(() => store.Promote(worker, paused, rung));

        public TrialRow? Begin(StudyWorker worker) => Locked(() => store.Begin(worker));

        public bool Configure(Claim claim, Configuration configuration, long? predictedMemoryBytes, bool isUnique) =>
            Locked(() => store.Configure(claim, configuration, predictedMemoryBytes, isUnique));

        public void Withdraw(Claim claim) => Locked(() => { store.Withdraw(claim); return 0; });

        public int? Add(TrialRow row, IReadOnlyList<TrialReport> reports, bool isUnique) => Locked(() => store.Add(row, reports, isUnique));

        public bool Report(Claim claim, TrialReport report, Verdict verdict, int promotedRung, long? stoppedAtRung, IReadOnlyList<RungRow> rungs) =>
            Locked(() => store.Report(claim, report, verdict, promotedRung, stoppedAtRung, rungs));

        public bool KeepCheckpoint(Claim claim, long step) => Locked(() => store.KeepCheckpoint(claim, step));

        public bool Finish(Claim claim, TrialEnd end) => Locked(() => store.Finish(claim, end));

        public void AddCost(Claim claim, decimal? costUsd, long? peakMemoryBytes) => Locked(() => { store.AddCost(claim, costUsd, peakMemoryBytes); return 0; });

        public bool Release(Claim claim) => Locked(() => store.Release(claim));

        public (IReadOnlyList<Claim> Lost, bool IsLate) Renew(StudyWorker worker, IReadOnlyList<Claim> claims) => ([], false);

        public int Reap() => 0;

        public void SetSpace(SearchSpace space) => Locked(() => { store.SetSpace(space); return 0; });

        public void SetState(StudyState state, StudyBudget? budget) => Locked(() => { store.SetState(state, budget); return 0; });

        public void Dispose()
        {
        }

        private T Locked<T>(Func<T> work)
        {
            lock (_lock)
            {
                return work();
            }
        }
    }
}

/// <summary>What databases do beyond it: leases.</summary>
public abstract class DatabaseStudyStoreContract : StudyStoreContract
{
    private static StudyOptions Brief => Options with { Lease = TimeSpan.FromSeconds(1) };

    [Fact]
    public void A_lost_workers_trial_goes_on_from_its_checkpoint_and_the_zombies_writes_are_refused()
    {
        using var zombie = Make(Space, Brief);
        using var other = Reopen(zombie);
        var claim = BeginOn(zombie, 1.5);
        zombie.Report(claim, new TrialReport(1, 10), Verdict.Continue, -1, null, []);
        zombie.KeepCheckpoint(claim, 1);
        zombie.Report(claim, new TrialReport(2, 20), Verdict.Continue, -1, null, []);

        WaitUntil(() => other.Reap() == 1);

        Assert.False(zombie.Report(claim, new TrialReport(3, 30), Verdict.Continue, -1, null, []));
        Assert.False(zombie.KeepCheckpoint(claim, 3));
        Assert.False(zombie.Finish(claim, new TrialEnd(TrialState.Complete) { Values = [1] }));
        Assert.False(zombie.Release(claim));
        Assert.Equal([claim], zombie.Renew(Worker, [claim]).Lost);
        var row = Assert.Single(other.Changes(0).Trials);
        Assert.Equal((TrialState.Paused, 1, 1L, true), (row.State, row.Attempt, row.CheckpointStep!.Value, row.IsClaimable));
        Assert.Equal([(1L, false), (2L, true)], other.Changes(0).Reports.Select(report => (report.Report.Step, report.IsSuperseded)));
        var taken = other.Claim(Worker)!;
        Assert.Equal((claim.Number, TrialState.Running), (taken.Number, taken.State));
        Assert.True(other.Report(new Claim(taken.Number, taken.Epoch), new TrialReport(2, 21), Verdict.Continue, -1, null, []));
        Assert.Equal([10, 21], other.Changes(0).Reports.Where(report => !report.IsSuperseded).Select(report => report.Report.Value));
    }

    [Fact]
    public void A_trial_that_costs_three_workers_is_failed()
    {
        using var store = Make(Space, Brief);
        BeginOn(store, 1.5);
        var states = new List<TrialState>();
        for (var i = 0; i < 3; i++)
        {
            WaitUntil(() => store.Reap() == 1);
            states.Add(store.Changes(0).Trials[0].State);
            store.Claim(Worker);
        }

        Assert.Equal([TrialState.Waiting, TrialState.Waiting, TrialState.Failed], states);
        Assert.Equal("Its worker was lost 3 times: killed, out of memory, or its machine is gone.", store.Changes(0).Trials[0].Reason);
    }

    [Fact]
    public void A_worker_lost_while_it_chose_a_configuration_leaves_its_number_to_the_next()
    {
        using var store = Make(Space, Brief);
        Assert.Equal(0, store.Begin(Worker)!.Number);
        using var study = new Study(Reopen(store), Worker);
        using var never = new Study(Space, Options with { Name = study.Options.Name });

        WaitUntil(() => store.Reap() == 1);
        var trial = study.Ask()!;

        Assert.Equal(0, trial.Number);
        Assert.Equal(never.Ask()!.Configuration, trial.Configuration);
    }

    [Fact]
    public void A_study_at_work_keeps_its_lease_however_long_the_objective_takes()
    {
        using var store = Make(Space, Brief);
        using var study = new Study(Reopen(store), Worker);
        var trial = study.Ask()!;

        for (var begun = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(2.5);)
        {
            Assert.Equal(0, store.Reap());
            Thread.Sleep(100);
        }

        study.Tell(trial.Number, 1);
    }

    [Fact]
    public void Only_what_changed_is_read_again()
    {
        using var store = Make(Space, Options);
        BeginOn(store, 1);
        var position = store.Changes(0).Position;
        Assert.Empty(store.Changes(position).Trials);

        var second = BeginOn(store, 2);
        store.Report(second, new TrialReport(1, 1), Verdict.Continue, -1, null, []);

        Assert.Equal([second.Number], store.Changes(position).Trials.Select(row => row.Number));
        Assert.Single(store.Changes(position).Reports);
    }

    [Fact]
    public void Sixty_four_workers_of_which_many_are_lost_lose_double_and_block_no_trial()
    {
        const int trials = 150;
        using var store = Make(Space, Options with { Sampler = "random", Lease = TimeSpan.FromSeconds(2), MaxAttempts = 1000 });
        store.SetState(StudyState.Open, new StudyBudget { Trials = trials });
        var lost = 0;
        var threads = Enumerable.Range(0, 64).Select(w => new Thread(() =>
        {
            var random = new Random(w);
            for (var life = 0; ; life++)
            {
                using var study = new Study(Reopen(store), new StudyWorker($"w{w}-{life}"));
                if (!WorkUntilLost(study, random))
                {
                    return;
                }

                Interlocked.Increment(ref lost); // Its study is closed and its trial not given back: as if it had been killed.
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        using var ended = new Study(Reopen(store), Worker);
        Assert.True(lost >= 5, $"Only {lost} workers were lost.");
        Assert.Equal(Enumerable.Range(0, trials), ended.Trials.Select(trial => trial.Number));
        Assert.Equal(trials, ended.Trials.Select(trial => trial.Configuration).Distinct().Count());
        Assert.All(ended.Trials, trial =>
        {
            Assert.Equal((TrialState.Complete, trial.Configuration.Float("x")), (trial.State, trial.Values[0]));
            Assert.Equal([1L, 2, 3], trial.Reports.Select(report => report.Step));
        });
        Assert.Equal(0, ended.Unfinished);
    }

    [Fact]
    public void A_name_is_given_once_and_an_unknown_one_is_not_found()
    {
        using var store = Make(Space, Options with { Name = $"taken{Guid.NewGuid():N}" });

        Assert.StartsWith($"There is a study '{store.Options.Name}' in this store already.", Assert.Throws<SettingsException>(() => Make(Space, store.Options)).Message);
        Assert.StartsWith("There is no study 'absent'. The store has: ", Assert.Throws<NotFoundException>(() => DatabaseStudyStore.Open(Place, "absent")).Message);
    }

    private protected abstract string Place { get; }

    private protected override IStudyStore Make(SearchSpace space, StudyOptions options) => DatabaseStudyStore.Create(Place, space, options, StudyBudget.None, null);

    private protected override IStudyStore Reopen(IStudyStore store) => DatabaseStudyStore.Open(Place, store.Options.Name);

    private protected static Claim BeginOn(IStudyStore store, double x)
    {
        store.Changes(0);
        var row = store.Begin(Worker)!;
        var claim = new Claim(row.Number, row.Epoch);
        Assert.True(store.Configure(claim, Configuration.Of(("x", x), ("c", "a")), null, isUnique: true));
        return claim;
    }

    /// <summary>Works on trials; false where none is left, true where the worker is to be lost in the middle of one.</summary>
    private static bool WorkUntilLost(Study study, Random random)
    {
        while (true)
        {
            if (study.Ask() is not { } trial)
            {
                if (study.Unfinished == 0)
                {
                    return false;
                }

                Thread.Sleep(100);
                continue;
            }

            try
            {
                for (var step = (trial.CheckpointStep ?? 0) + 1; step <= 3; step++)
                {
                    if (random.NextDouble() < 0.06)
                    {
                        return true;
                    }

                    study.Report(trial.Number, step, step);
                    if (random.NextDouble() < 0.5)
                    {
                        study.KeepCheckpoint(trial.Number, step);
                    }
                }

                study.Tell(trial.Number, trial.Configuration.Float("x"));
            }
            catch (TrialLostException)
            {
                // Its lease ran out while it waited for a turn to write.
            }
        }
    }

    private protected static void WaitUntil(Func<bool> condition)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromMinutes(1), "It did not happen within a minute.");
            Thread.Sleep(50);
        }
    }
}

public sealed class SqliteStudyStoreTests : DatabaseStudyStoreContract, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-study-").FullName;

    private protected override string Place => Path.Combine(_folder, "s.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_store_locked_by_another_program_says_so_and_loses_nothing()
    {
        using var store = Make(Space, Options);
        var claim = BeginOn(store, 1);
        using var impatient = DatabaseStudyStore.Open(Place, store.Options.Name, TimeSpan.FromSeconds(1));
        using (var holder = Connect())
        {
            Execute(holder, "BEGIN EXCLUSIVE");
            var error = Assert.Throws<SightlineException>(() => impatient.Finish(claim, new TrialEnd(TrialState.Complete) { Values = [1] }));
            Assert.StartsWith($"The store '{Place}' has been locked by another program for 1 seconds.", error.Message);
            Assert.Equal(ExitCode.Provider, error.ExitCode);
            Execute(holder, "ROLLBACK");
        }

        Assert.True(impatient.Finish(claim, new TrialEnd(TrialState.Complete) { Values = [1] }));
    }

    [Fact]
    public void A_study_of_a_newer_version_is_refused()
    {
        using var store = Make(Space, Options with { Name = "newer" });
        using (var connection = Connect())
        {
            Execute(connection, "UPDATE studies SET format = 2");
        }

        var error = Assert.Throws<DataException>(() => Reopen(store));

        Assert.Equal("Study 'newer' is of a newer Sightline: its format is 2, this version reads up to 1. Update Sightline on this machine.", error.Message);
    }

    [Fact]
    public void A_study_with_settings_that_this_version_does_not_know_is_refused()
    {
        using var store = Make(Space, Options with { Name = "other" });
        using (var connection = Connect())
        {
            Execute(connection, """UPDATE studies SET pruner = '{"kind":"oracle"}'""");
        }

        var error = Assert.Throws<DataException>(() => Reopen(store));

        Assert.StartsWith("Study 'other' is of another version of Sightline: ", error.Message);
        Assert.EndsWith("Use the same version on all machines.", error.Message);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused()
    {
        File.WriteAllText(Place, string.Concat(Enumerable.Repeat("This is no database. ", 100)));

        var error = Assert.Throws<DataException>(() => Make(Space, Options));

        Assert.Equal($"The store '{Place}' is no SQLite database, or it is damaged. Choose another with --store, or put a copy back.", error.Message);
    }

    private Microsoft.Data.Sqlite.SqliteConnection Connect()
    {
        var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Place};Pooling=False");
        connection.Open();
        return connection;
    }

    private static void Execute(Microsoft.Data.Sqlite.SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}

public sealed class PostgresStudyStoreTests(PostgresStudyStoreTests.Server server) : DatabaseStudyStoreContract, IClassFixture<PostgresStudyStoreTests.Server>
{
    private protected override string Place => server.Address ?? Skip();

    private static string Skip()
    {
        Assert.Skip(PostgresServer.Absent ?? "");
        return "";
    }

    [Fact]
    public void A_server_that_stays_away_ends_the_worker_and_keeps_the_study()
    {
        Assert.SkipWhen(PostgresServer.Absent is not null, PostgresServer.Absent ?? "");
        var folder = Directory.CreateTempSubdirectory("sightline-away-").FullName;
        using var alone = new PostgresServer();
        var options = Options with { Lease = TimeSpan.FromSeconds(2) };
        DatabaseStudyStore.Create(alone.Place, Space, options, new StudyBudget { Trials = 1 }, null).Dispose();
        var said = new List<string>();
        using (var study = new Study(DatabaseStudyStore.Open(alone.Place, options.Name, TimeSpan.FromSeconds(1)), Worker) { StoreSaid = said.Add })
        {
            var worker = new TuneWorker(study, new Crashing(alone), new TuneWorkerOptions { Folder = folder });

            var error = Assert.Throws<NetworkException>(() => worker.Run(null, CancellationToken.None));

            Assert.Equal(ExitCode.Provider, error.ExitCode);
            Assert.StartsWith("The store did not answer for 1 seconds: ", error.Message);
            Assert.Contains("No trial is lost", error.Message);
            Assert.Equal(["The store does not answer. It is tried again for 1 seconds; what is at work goes on."], said);
        }

        alone.Restart();
        Study? opened = null;
        WaitUntil(() => (opened = OpenIfReady(alone.Place, options.Name)) is not null);
        using var again = opened!; // Just waited for.
        Trial? taken = null;
        WaitUntil(() => (taken = again.Ask()) is not null);
        Assert.Equal((0, 1, 1L), (taken!.Number, taken.Attempt, taken.CheckpointStep!.Value));
        Assert.Equal([new TrialReport(1, 10)], taken.Reports);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Null while the server listens but still replays its log: a first connection that fails is not tried again.</summary>
    private static Study? OpenIfReady(string place, string name)
    {
        try
        {
            return Study.Open(place, name);
        }
        catch (Exception error) when (error.Message.StartsWith("The database cannot be reached", StringComparison.Ordinal))
        {
            return null;
        }
    }

    private sealed class Crashing(PostgresServer server) : ITrialObjective
    {
        public TrialOutcome Run(TrialContext context, CancellationToken cancellationToken)
        {
            context.Report(1, 10);
            context.KeepCheckpoint(1);
            server.Crash();
            context.Report(2, 20);
            return TrialOutcome.Complete(1);
        }
    }

    /// <summary>One server for all tests of the class.</summary>
    public sealed class Server : IDisposable
    {
        private readonly PostgresServer? _server = PostgresServer.Absent is null ? new PostgresServer() : null;

        public string? Address => _server?.Place;

        public void Dispose() => _server?.Dispose();
    }
}
