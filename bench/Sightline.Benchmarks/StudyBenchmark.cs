using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;
using Sightline.Tests.Servers;
using Sightline.Tuning;

namespace Sightline.Benchmarks;

/// <summary>How long a claim and a question for a new trial take in a study with a long history and many workers.</summary>
internal static class StudyBenchmark
{
    private const int Dimensions = 6;
    private const int Waiting = 60_000;

    private static SearchSpace Space => new([.. Enumerable.Range(0, Dimensions).Select(i => new FloatParameter($"p{i}", 0, 1))]);

    private static StudyOptions Options => new() { Name = "bench", Sampler = "tpe", Pruner = new PrunerOptions { Kind = PrunerKind.None } };

    /// <summary>Prints medians and 95th percentiles in milliseconds.</summary>
    /// <param name="engine">postgres, sqlite, or memory, where only choosing a configuration takes time.</param>
    /// <param name="history">Complete trials in the study.</param>
    /// <param name="workers">Connections that claim, each once a second, and then as fast as they can.</param>
    /// <param name="target">Where to write.</param>
    public static void Run(string engine, int history, int workers, TextWriter target)
    {
        if (engine == "memory")
        {
            Choices(history, target);
            return;
        }

        var folder = Directory.CreateTempSubdirectory("sightline-study-bench-").FullName;
        using var server = engine == "postgres" ? new PostgresServer(isDurable: true) : null;
        var place = server?.Place ?? Path.Combine(folder, "study.db");
        DatabaseStudyStore.Create(place, Space, Options, StudyBudget.None, null).Dispose();
        var clock = Stopwatch.StartNew();
        Fill(place, history, Waiting);
        target.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{engine}: {history} complete trials and {Waiting} waiting ones written in {clock.Elapsed.TotalSeconds:f1} s"));

        Claims(place, workers, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15), "one claim and one result a second each", target);
        Claims(place, workers, TimeSpan.Zero, TimeSpan.FromSeconds(10), "as fast as they can", target);
        Asks(place, workers - 1, target);
        Directory.Delete(folder, recursive: true);
    }

    private static void Choices(int history, TextWriter target)
    {
        using var study = new Study(Space, Options);
        var random = new Random(1);
        for (var i = 0; i < history; i++)
        {
            study.Attach(Configuration.Of([.. Enumerable.Range(0, Dimensions).Select(d => ($"p{d}", (ParameterValue)random.NextDouble()))]), [random.NextDouble()]);
        }

        Print($"ask (TPE, {Dimensions} parameters) in memory after {history} trials", Ask(study, 200), target);
    }

    private static List<double> Ask(Study study, int count)
    {
        var times = new List<double>();
        for (var i = 0; i < count; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            var trial = study.Ask() ?? throw new InvalidOperationException("The study gave no trial.");
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            study.Tell(trial.Number, trial.Configuration.Float("p0"));
        }

        return times;
    }

    private static void Claims(string place, int workers, TimeSpan pause, TimeSpan length, string what, TextWriter target)
    {
        var times = new List<double>();
        using var end = new CancellationTokenSource(length);
        var threads = Load(place, workers, pause, times, end.Token);
        threads.ForEach(thread => thread.Join());
        Print($"claim, {workers} workers, {what} ({times.Count / length.TotalSeconds:f0} a second)", times, target);
    }

    private static void Asks(string place, int workers, TextWriter target)
    {
        using var end = new CancellationTokenSource();
        // What still waits would be given first, and a question would be a claim.
        using (var connection = Connect(place))
        {
            Execute(connection, "UPDATE trials SET state = 'failed', claimable = 0 WHERE claimable = 1");
        }

        var threads = Load(place, workers, TimeSpan.FromSeconds(1), [], end.Token, isReporting: true);
        var clock = Stopwatch.StartNew();
        using var study = Study.Open(place, "bench");
        target.WriteLine(string.Create(CultureInfo.InvariantCulture, $"history read by a new worker in {clock.Elapsed.TotalSeconds:f1} s"));
        var times = Ask(study, 200);
        end.Cancel();
        threads.ForEach(thread => thread.Join());
        Print($"ask (TPE, {Dimensions} parameters) beside {workers} workers that report once a second", times, target);
    }

    private static List<Thread> Load(string place, int workers, TimeSpan pause, List<double> times, CancellationToken end, bool isReporting = false)
    {
        var threads = new List<Thread>();
        for (var w = 0; w < workers; w++)
        {
            var worker = new StudyWorker($"bench-{w}-{Guid.NewGuid():N}");
            var delay = pause * w / Math.Max(1, workers); // Not all at the same moment.
            threads.Add(new Thread(() => Work(place, worker, delay, pause, times, isReporting, end)) { IsBackground = true });
            threads[^1].Start();
        }

        return threads;
    }

    private static void Work(string place, StudyWorker worker, TimeSpan delay, TimeSpan pause, List<double> times, bool isReporting, CancellationToken end)
    {
        using var store = DatabaseStudyStore.Open(place, "bench");
        end.WaitHandle.WaitOne(delay);
        var row = isReporting ? store.Begin(worker)! : null;
        if (row is not null)
        {
            store.Configure(new Claim(row.Number, row.Epoch), Configuration.Of([.. Enumerable.Range(0, Dimensions).Select(i => ($"p{i}", (ParameterValue)(row.Number / 1e7)))]), null, isUnique: false);
        }

        for (var step = 1; !end.IsCancellationRequested; step++)
        {
            if (row is not null)
            {
                store.Report(new Claim(row.Number, row.Epoch), new TrialReport(step, 1), Verdict.Continue, -1, null, []);
            }
            else
            {
                var begun = Stopwatch.GetTimestamp();
                var claimed = store.Claim(worker) ?? throw new InvalidOperationException("No trial waits any more.");
                var time = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
                lock (times)
                {
                    times.Add(time);
                }

                store.Finish(new Claim(claimed.Number, claimed.Epoch), new TrialEnd(TrialState.Complete) { Values = [0.5] });
            }

            end.WaitHandle.WaitOne(pause);
        }
    }

    private static void Print(string what, List<double> times, TextWriter target)
    {
        times.Sort();
        target.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: median {times[times.Count / 2]:f2} ms, 95 % {times[(int)(0.95 * times.Count)]:f2} ms, most {times[^1]:f1} ms"));
    }

    /// <summary>Writes the rows that so many trials would have left.</summary>
    private static void Fill(string place, int history, int waiting)
    {
        var isPostgres = place.Contains("://", StringComparison.Ordinal);
        using var connection = Connect(place);
        var (random, series) = isPostgres
            ? ("random()", $"generate_series(0, {history + waiting - 1}) AS numbers(n)")
            : ("(abs(random() % 1000000007) / 1000000007.0)", $"(WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {history + waiting - 1}) SELECT n FROM numbers)");
        var parameters = string.Join(" || ',' || ", Enumerable.Range(0, Dimensions).Select(i => $"'\"p{i}\":' || {random}"));
        Execute(connection, $"""
            INSERT INTO trials (study_id, number, state, claimable, params, space_version, source, priority, attempt, lease_epoch, promoted_rung, created_at, revision)
            SELECT 1, n, CASE WHEN n < {history} THEN 'complete' ELSE 'waiting' END, CASE WHEN n < {history} THEN 0 ELSE 1 END, '{"{"}' || {parameters} || '{"}"}', 1,
                CASE WHEN n < {history} THEN 'sampler' ELSE 'enqueued' END, 0, 0, 1, -1, 0, 1 FROM {series}
            """);
        Execute(connection, $"""
            INSERT INTO trial_values (study_id, number, objective, value, kind, revision) SELECT 1, number, 0, {random}, 'finite', 1 FROM trials WHERE state = 'complete'
            """);
        for (var i = 0; i < Dimensions; i++)
        {
            Execute(connection, $"INSERT INTO trial_params (study_id, number, name, value) SELECT 1, number, 'p{i}', {random} FROM trials");
        }

        Execute(connection, $"UPDATE studies SET next_number = {history + waiting}, revision = 1");
        Execute(connection, isPostgres ? "ANALYZE" : "PRAGMA optimize");
    }

    private static DbConnection Connect(string place)
    {
        DbConnection connection = place.Contains("://", StringComparison.Ordinal) ? new NpgsqlConnection(Address(place)) : new SqliteConnection($"Data Source={place}");
        connection.Open();
        return connection;
    }

    private static string Address(string place) => new UriBuilder(place) is var uri ? $"Host={uri.Host};Port={uri.Port};Username={uri.UserName};Database=postgres;Command Timeout=600" : "";

    private static void Execute(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        (command.CommandText, command.CommandTimeout) = (sql, 600);
        command.ExecuteNonQuery();
    }
}
