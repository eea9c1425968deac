using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sightline.Tests.Servers;
using Sightline.Tuning;
using Xunit;

namespace Sightline.App.Tests;

/// <summary><c>tune</c> as a user types it, with programs as objectives.</summary>
public sealed class TuneTests : IDisposable
{
    // Six steps with a checkpoint each; the value of a step and of the end is x. It notes each beginning and each end.
    internal const string Program = """
        echo "$SIGHTLINE_TRIAL $SIGHTLINE_ATTEMPT ${SIGHTLINE_STEP:-0}" >> begun.txt
        for step in 1 2 3 4 5 6; do
          if [ $step -gt ${SIGHTLINE_STEP:-0} ]; then
            echo "{\"step\":$step,\"value\":$1}"
            echo "{\"checkpoint\":$step}"
            sleep $2
          fi
        done
        echo "{\"value\":$1}"
        """;

    internal const string Space = """[{"kind":"float","name":"x","low":0,"high":1}]""";

    private readonly TemporaryFolder _folder = new();

    public TuneTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The objectives are shell scripts.");
        File.WriteAllText(_folder.At("run.sh"), Program);
        File.WriteAllText(_folder.At("space.json"), Space);
    }

    [Fact]
    public void A_study_runs_shows_itself_and_saves_its_best()
    {
        var started = Tune("start", "--name", "one", "--space", "space.json", "--command", "sh run.sh {x} 0", "--trials", "4", "--sampler", "random", "--pruner", "none", "--direction", "maximize",
            "--json").With(ExitCode.Done);

        Assert.Equal(4, started.Json.GetProperty("trials").GetProperty("total").GetInt32());
        Approved.Match("json.tune-status", JsonNames.Of(Tune("status", "one", "--json").With(ExitCode.Done).Json));
        Approved.Match("json.tune-best", JsonNames.Of(Tune("best", "--json").With(ExitCode.Done).Json));
        Tune("best", "one", "--save", "best.json").With(ExitCode.Done);
        var x = JsonDocument.Parse(File.ReadAllText(_folder.At("best.json"))).RootElement.GetProperty("x").GetDouble();
        Assert.Equal(x, started.Json.GetProperty("best").GetProperty("values")[0].GetDouble());
        Assert.Contains("one", Tune("status").With(ExitCode.Done).Out);

        // It goes on: two more, and what was there stays.
        var more = Tune("start", "--name", "one", "--trials", "6", "--json").With(ExitCode.Done);
        Assert.Equal(6, more.Json.GetProperty("trials").GetProperty("complete").GetInt32());
    }

    [Fact]
    public void Eight_workers_of_which_two_are_killed_lose_double_and_block_no_trial_on_sqlite() => KillTwo("study.db");

    [Fact]
    public void Eight_workers_of_which_two_are_killed_lose_double_and_block_no_trial_on_postgres()
    {
        Assert.SkipWhen(PostgresServer.Absent is not null, PostgresServer.Absent ?? "");
        using var server = new PostgresServer();

        KillTwo(server.Place);
    }

    [Fact]
    public void A_server_that_is_killed_in_mid_study_and_comes_back_loses_doubles_and_blocks_no_trial()
    {
        const int trials = 16;
        Assert.SkipWhen(PostgresServer.Absent is not null, PostgresServer.Absent ?? "");
        using var server = new PostgresServer();
        using var start = Start("start", "--name", "cut", "--space", "space.json", "--command", "sh run.sh {x} 0.3", "--trials", $"{trials}", "--workers", "4", "--sampler", "random",
            "--pruner", "none", "--lease", "6", "--store", server.Place);
        WaitUntil(() => Begun().Length >= 5, start);

        server.Crash();
        Thread.Sleep(1500); // Each of the four reports every 0.3 seconds and finds nobody; the test holds where one does not.
        server.Restart();

        var ended = Cli.Finish(start).With(ExitCode.Done);
        CheckAll(server.Place, "cut", trials, isLost: false);
        Assert.Contains("The store does not answer. It is tried again for 60 seconds; what is at work goes on.", ended.Error);
        Assert.Contains("The store answers again, after ", ended.Error);
    }

    [Fact]
    public void A_file_that_another_program_locks_in_mid_study_is_waited_for()
    {
        const int trials = 8;
        using var start = Start("start", "--name", "held", "--space", "space.json", "--command", "sh run.sh {x} 0.1", "--trials", $"{trials}", "--workers", "2", "--sampler", "random",
            "--pruner", "none", "--lease", "6", "--store", "s.db");
        WaitUntil(() => Begun().Length >= 2, start);

        using (var holder = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_folder.At("s.db")};Pooling=False"))
        {
            holder.Open();
            using var command = holder.CreateCommand();
            command.CommandText = "BEGIN IMMEDIATE";
            command.ExecuteNonQuery();
            Thread.Sleep(1500);
            command.CommandText = "ROLLBACK";
            command.ExecuteNonQuery();
        }

        Cli.Finish(start).With(ExitCode.Done);
        CheckAll(_folder.At("s.db"), "held", trials, isLost: false);
    }

    [Fact]
    public void Money_that_trials_tell_ends_a_study_of_several_workers()
    {
        File.WriteAllText(_folder.At("cost.sh"), """echo "{\"value\":$1,\"costUsd\":0.5}" """);

        var ended = Tune("start", "--name", "dear", "--space", "space.json", "--command", "sh cost.sh {x}", "--dollars", "1.6", "--workers", "2", "--sampler", "random", "--json").With(ExitCode.Done);

        // Four trials pass the mark; the other worker may have begun its next one just before.
        Assert.InRange(ended.Json.GetProperty("trials").GetProperty("complete").GetInt32(), 4, 5);
        Assert.InRange(ended.Json.GetProperty("spentUsd").GetDecimal(), 2, 2.5m);
        Assert.StartsWith("The trials have cost 2", ended.Json.GetProperty("closed").GetString());
    }

    [Fact]
    public void Several_objectives_and_a_constraint_have_a_front_and_a_new_space_holds_from_then_on()
    {
        File.WriteAllText(_folder.At("two.sh"), """echo "{\"values\":[$1,$(awk "BEGIN{print 1-$1}")],\"constraints\":[$(awk "BEGIN{print $1-0.5}")]}" """);
        string[] start = ["start", "--name", "two", "--command", "sh two.sh {x}", "--sampler", "random", "--direction", "minimize", "--direction", "minimize"];
        Tune([.. start, "--space", "space.json", "--trials", "6"]).With(ExitCode.Done);
        File.WriteAllText(_folder.At("wide.json"), """[{"kind":"float","name":"x","low":2,"high":3}]""");

        var before = Tune("best", "two", "--json").With(ExitCode.Done).Json.EnumerateArray().ToList();
        Tune("start", "--name", "two", "--space", "wide.json", "--trials", "8").With(ExitCode.Done);

        using var study = Study.Open(_folder.At(".sightline", "sightline.db"), "two");
        Assert.NotEmpty(before);
        Assert.All(before, trial => Assert.InRange(trial.GetProperty("configuration").GetProperty("x").GetDouble(), 0, 0.5));
        Assert.All(study.Trials.Skip(6), trial => Assert.InRange(trial.Configuration.Float("x"), 2, 3));
        Assert.Equal(8, study.Trials.Count(trial => trial.State == TrialState.Complete));
    }

    [Fact]
    public void Ctrl_c_gives_the_trials_back_and_start_goes_on_from_their_checkpoints()
    {
        using var start = Start("start", "--name", "stopped", "--space", "space.json", "--command", "sh run.sh {x} 0.3", "--trials", "2", "--sampler", "random", "--pruner", "none");
        WaitUntil(() => Begun().Length > 0, start);
        Thread.Sleep(900); // Two or three of six steps; the test holds for none as well.
        Process.Start("kill", ["-INT", start.Id.ToString(CultureInfo.InvariantCulture)]).WaitForExit();
        Cli.Finish(start).With(ExitCode.Stopped);

        using (var study = Study.Open(_folder.At(".sightline", "sightline.db"), "stopped"))
        {
            Assert.Contains(Assert.Single(study.Trials).State, new[] { TrialState.Paused, TrialState.Waiting });
        }

        Tune("start", "--name", "stopped").With(ExitCode.Done);
        using var ended = Study.Open(_folder.At(".sightline", "sightline.db"), "stopped");
        Assert.Equal([TrialState.Complete, TrialState.Complete], ended.Trials.Select(trial => trial.State));
        Assert.Equal(0, ended.Trials[0].Attempt);
    }

    [Fact]
    public void Stop_ends_the_workers_wherever_they_are()
    {
        using var start = Start("start", "--name", "far", "--space", "space.json", "--command", "sh run.sh {x} 0.2", "--trials", "500", "--sampler", "random", "--pruner", "none", "--lease", "3");
        WaitUntil(() => Begun().Length > 0, start);

        Tune("stop", "far").With(ExitCode.Done);

        Cli.Finish(start).With(ExitCode.Stopped);
        Tune("worker", "far").With(ExitCode.Stopped);
    }

    [Theory]
    [InlineData("The study needs an end: give --trials, --hours or --dollars.", "--space", "space.json", "--command", "true")]
    [InlineData("There is nothing to run: give --command 'PROGRAM {parameter}', or a recipe and --data.", "--space", "space.json", "--trials", "3")]
    [InlineData("The command has {y}; it may have {x}, {study}, {trial}, {attempt}, {seed}, {checkpoints}, {step}.", "--space", "space.json", "--command", "p {y}", "--trials", "3")]
    [InlineData("Sampler is 'best'; it must be one of auto, random, grid, sobol, tpe, gp.", "--space", "space.json", "--command", "true", "--trials", "3", "--sampler", "best")]
    [InlineData("--pruner is 'best'; it must be one of none, asha, ashaPromotion, hyperband, median, wilcoxon.", "--space", "space.json", "--command", "true", "--trials", "3", "--pruner", "best")]
    [InlineData("--workers is 0; it must lie between 1 and 1000.", "--workers", "0")]
    [InlineData("--slurm needs a store that all nodes reach, and '.sightline/sightline.db' is a file: give --store postgresql://USER:PASSWORD@HOST/DATABASE.", "--slurm")]
    public void What_cannot_be_searched_is_refused(string message, params string[] arguments)
    {
        var ended = Tune(["start", .. arguments]).With(ExitCode.Usage);

        Assert.Equal(message, ended.Error.Trim());
        Assert.False(File.Exists(_folder.At(".sightline", "sightline.db")));
    }

    [Theory]
    [InlineData("[]", "The search space cannot be used. It has no parameters; it needs at least one.")]
    [InlineData("""[{"kind":"float","name":"x","low":1,"high":0}]""", "The search space cannot be used. ")]
    [InlineData("{", "The text is no search space: ")]
    public void A_space_that_is_empty_or_contradicts_itself_is_refused(string space, string message)
    {
        File.WriteAllText(_folder.At("space.json"), space);

        Assert.StartsWith(message, Tune("start", "--space", "space.json", "--command", "true", "--trials", "3").With(ExitCode.Usage).Error);
    }

    [Fact]
    public void Trials_that_fail_say_why_and_a_study_without_a_value_is_no_success()
    {
        var ended = Tune("start", "--name", "bad", "--space", "space.json", "--command", "sh -c 'echo no GPU >&2; exit 4'", "--trials", "2").With(ExitCode.Unexpected);

        Assert.Contains("No trial of 'bad' is complete. Trial 1 failed: The command ended with exit code 4. It said: no GPU", ended.Error);
    }

    [Fact]
    public void A_command_that_hangs_is_ended_at_its_limit()
    {
        var ended = Tune("start", "--name", "slow", "--space", "space.json", "--command", "sleep 600", "--trials", "1", "--trial-minutes", "0.03").With(ExitCode.Unexpected);

        Assert.Contains("It took longer than the limit of 2 seconds.", ended.Error);
    }

    [Fact]
    public void A_store_that_is_not_there_or_does_not_answer_is_an_exit_code_of_its_own()
    {
        Assert.StartsWith("There is no store 'absent.db'.", Tune("status", "--store", "absent.db").With(ExitCode.NotFound).Error);
        Assert.StartsWith("The database cannot be reached: ", Tune("status", "--store", "postgresql://nobody@127.0.0.1:1/none").With(ExitCode.Provider).Error);
    }

    [Fact]
    public void A_full_disk_loses_no_trial()
    {
        // A limit on the size of files stands in for the disk: SQLite gets the error at its next page. W^X wants a large file of its own.
        var limited = Cli.Start(_folder.Path, "/bin/sh", "-c", "trap '' XFSZ; ulimit -f 6000; exec \"$0\" \"$@\"", Cli.Executable,
            "tune", "start", "--name", "full", "--space", "space.json", "--command", "sh run.sh {x} 0", "--trials", "100000", "--sampler", "random", "--pruner", "none", "--workers", "2", "--lease", "2", "--store", "s.db");
        limited.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        var ended = Cli.Execute(limited);

        Assert.True(ended.ExitCode == (int)ExitCode.Unexpected, $"{ended.ExitCode}: {ended.Error}");
        Assert.Contains("No trial is lost", ended.Error);
        int before;
        using (var study = Study.Open(_folder.At("s.db"), "full"))
        {
            before = study.Trials.Count;
            Assert.True(study.Trials.Count(trial => trial.State == TrialState.Complete) > 3);
        }

        Tune("start", "--name", "full", "--trials", $"{before}", "--store", "s.db").With(ExitCode.Done);
        using var again = Study.Open(_folder.At("s.db"), "full");
        Assert.InRange(again.Trials.Count, before, before + 2); // A worker may have had a number and no configuration yet.
        Assert.Equal(Enumerable.Range(0, again.Trials.Count), again.Trials.Select(trial => trial.Number));
        Assert.All(again.Trials, trial => Assert.Equal(TrialState.Complete, trial.State));
    }

    public void Dispose() => _folder.Dispose();

    private void KillTwo(string place)
    {
        const int trials = 32;
        using var start = Start("start", "--name", "many", "--space", "space.json", "--command", "sh run.sh {x} 0.4", "--trials", $"{trials}", "--workers", "8", "--sampler", "random",
            "--pruner", "none", "--lease", "6", "--store", place);
        WaitUntil(() => Begun().Length >= 8 && Workers(start.Id).Count >= 8, start);
        foreach (var worker in Workers(start.Id).Take(2))
        {
            using var process = Process.GetProcessById(worker);
            process.Kill();
        }

        Cli.Finish(start).With(ExitCode.Done);

        var full = place.Contains("://", StringComparison.Ordinal) ? place : _folder.At(place);
        CheckAll(full, "many", trials);
    }

    /// <summary>No trial lost, doubled or stuck: every number once, complete, with the value of its own configuration, and no configuration twice.</summary>
    internal static void CheckAll(string place, string name, int trials, bool isLost = true)
    {
        using var study = Study.Open(place, name);
        var all = study.Trials;
        Assert.Equal(Enumerable.Range(0, trials), all.Select(trial => trial.Number));
        Assert.All(all, trial =>
        {
            Assert.Equal(TrialState.Complete, trial.State);
            Assert.Equal([trial.Configuration.Float("x")], trial.Values);
            Assert.Equal(Enumerable.Range(1, 6), trial.Reports.Select(report => (int)report.Step));
        });
        Assert.Equal(trials, all.Select(trial => trial.Configuration).Distinct().Count());
        Assert.True(!isLost || all.Sum(trial => trial.Attempt) >= 1, "No killed worker had a trial.");
    }

    private string[] Begun() => File.Exists(_folder.At("begun.txt")) ? File.ReadAllLines(_folder.At("begun.txt")) : [];

    private Ended Tune(params string[] arguments) => Cli.Run(_folder.Path, ["tune", .. arguments]);

    private Process Start(params string[] arguments) => Process.Start(Cli.Start(_folder.Path, Cli.Executable, ["tune", .. arguments]))!; // The shell does not run it.

    /// <summary>The worker processes that a process has started.</summary>
    private static List<int> Workers(int parent) => [.. Directory.GetDirectories("/proc").Select(Path.GetFileName)
        .Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!, CultureInfo.InvariantCulture)).Where(id =>
        {
            try
            {
                // Field 4 of stat is the parent; the name before it may hold blanks but ends with the last bracket.
                var stat = File.ReadAllText($"/proc/{id}/stat");
                return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1] == parent.ToString(CultureInfo.InvariantCulture)
                    && File.ReadAllText($"/proc/{id}/cmdline").Contains("\0worker\0", StringComparison.Ordinal);
            }
            catch (IOException)
            {
                return false; // It has just ended.
            }
        })];

    private static void WaitUntil(Func<bool> condition, Process process)
    {
        var patience = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.False(process.HasExited, "The command ended before the test could act.");
            Assert.True(patience.Elapsed < TimeSpan.FromMinutes(2), "It did not happen within two minutes.");
            Thread.Sleep(50);
        }
    }
}
