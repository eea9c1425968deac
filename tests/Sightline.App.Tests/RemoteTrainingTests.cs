using System.Diagnostics;
using System.Text.Json;
using Sightline.Tests.Shared;
using Xunit;

namespace Sightline.App.Tests;

/// <summary>Real trainings over a real sshd and a real Slurm, by the command line alone.</summary>
public sealed class RemoteTrainingTests(TrainedRun here) : IClassFixture<TrainedRun>
{
    [Fact]
    public void A_training_by_ssh_leaves_the_same_run_as_one_here()
    {
        using var server = Server();

        var ended = Run(here.Folder, null, ["--epochs", "2", "--name", "far", "--json", .. On(server), "--tool", Cli.Executable]).With(ExitCode.Done);

        // The same machine, one thread, the same seed: the bits are the same.
        Assert.Equal(here.Result.Json.GetProperty("bestWeightsSha256").GetString(), ended.Json.GetProperty("bestWeightsSha256").GetString());
        Assert.Equal(here.At("runs", "far"), ended.Json.GetProperty("run").GetString());
        AssertSameFiles("first", "far");
        Assert.Equal(Events("first"), Events("far"));
        // What works with a run here works with this one, for its data are found here.
        Assert.Equal(here.At("photos"), Settings("far").GetProperty("dataLocation").GetString());
        Cli.Run(here.Folder, "eval", "run", "far", "--json").With(ExitCode.Done);
        // Nothing of a key is in the run's folder.
        var key = File.ReadAllLines(server.Identity)[1];
        Assert.DoesNotContain(Directory.EnumerateFiles(here.At("runs", "far"), "*.js*"), file => File.ReadAllText(file).Contains(key, StringComparison.Ordinal));
    }

    [Fact]
    public void A_broken_connection_does_not_end_the_training_nor_the_command()
    {
        using var server = Server();
        using var process = Process.Start(Start(here.Folder, null, ["--epochs", "6", "--name", "cut", "--json", .. On(server), "--tool", Cli.Executable]))!; // The shell does not run it.

        ServerProcess.Wait(() => process.HasExited || File.Exists(here.At("runs", "cut", "metrics.jsonl")), "the run has begun", TimeSpan.FromMinutes(2));
        Assert.False(process.HasExited);
        server.Stop();
        server.Restart();
        var ended = Cli.Finish(process).With(ExitCode.Done);

        Assert.Equal(6, ended.Json.GetProperty("epochs").GetInt32());
        Assert.Equal(6, Events("cut").Count(seen => seen == "epoch"));
    }

    [Fact]
    public void A_training_on_slurm_leaves_the_same_run()
    {
        Assert.SkipWhen(SlurmCluster.Absent is not null, SlurmCluster.Absent ?? "");
        using var cluster = new SlurmCluster();

        var ended = Run(here.Folder, cluster.Environment, ["--epochs", "2", "--name", "queued", "--json", "--on", "slurm:main", "--host-folder", Path.Combine(cluster.Folder, "sightline")]).With(ExitCode.Done);

        Assert.Equal(here.Result.Json.GetProperty("bestWeightsSha256").GetString(), ended.Json.GetProperty("bestWeightsSha256").GetString());
        AssertSameFiles("first", "queued");
    }

    [Fact]
    public void A_detached_training_goes_on_and_is_followed_again()
    {
        var started = Run(here.Folder, null, ["--epochs", "2", "--name", "behind", "--json", "--detach", "--on", "local", "--host-folder", here.At("jobs")]).With(ExitCode.Done);
        var ended = Cli.Run(here.Folder, "train", "resume", "behind", "--json").With(ExitCode.Done);

        Assert.Equal("running", started.Json.GetProperty("state").GetString());
        Assert.Equal(here.Result.Json.GetProperty("bestWeightsSha256").GetString(), ended.Json.GetProperty("bestWeightsSha256").GetString());
    }

    // No other command follows the run meanwhile: each of these finds it, brings what is new, and passes the request on.
    [Theory]
    [InlineData("local")]
    [InlineData("ssh")]
    [InlineData("slurm")]
    public void A_run_elsewhere_is_watched_paused_adjusted_and_stopped_from_here(string where)
    {
        Assert.SkipWhen(where == "slurm" && SlurmCluster.Absent is not null, SlurmCluster.Absent ?? "");
        using var server = where == "ssh" ? Server() : null;
        using var cluster = where == "slurm" ? new SlurmCluster() : null;
        using var jobs = new TemporaryFolder();
        var (name, variables) = ($"spoken-{where}", cluster?.Environment ?? new Dictionary<string, string>());
        string[] on = server is not null ? [.. On(server), "--tool", Cli.Executable]
            : cluster is not null ? ["--on", "slurm:main", "--host-folder", Path.Combine(cluster.Folder, "sightline")]
            : ["--on", "local", "--host-folder", jobs.Path];
        Run(here.Folder, variables, ["--epochs", "5000", "--name", name, "--json", "--detach", .. on]).With(ExitCode.Done);
        Ended Command(params string[] arguments) => Execute(here.Folder, variables, ["run", arguments[0], name, .. arguments[1..]]);
        string State() => Command("watch", "--once", "--json").With(ExitCode.Done).Json.GetProperty("state").GetString()!; // It has one.

        // Slurm may let it wait for its turn.
        ServerProcess.Wait(() => Command("watch", "--once").ExitCode == (int)ExitCode.Done, "the run has begun", TimeSpan.FromMinutes(2));
        Command("pause").With(ExitCode.Done);
        Assert.Equal("paused", State());
        Command("resume").With(ExitCode.Done);
        var asked = Command("adjust", "--set", "optimizer.learningRate=0.0123", "--json").With(ExitCode.Done).Json;
        var told = Command("logs").With(ExitCode.Done).Out;
        Command("stop").With(ExitCode.Done);
        ServerProcess.Wait(() => State() == "stopped", "the run is stopped", TimeSpan.FromMinutes(2));

        Assert.Equal((int)ExitCode.Stopped, Command("watch").ExitCode);
        var by = $"{Environment.UserName}@{Environment.MachineName}";
        Assert.Equal(by, asked.GetProperty("by").GetString());
        Assert.Contains($"{by} asked to adjust", told);
        var controls = File.ReadAllLines(here.At("runs", name, "metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(seen => seen.TryGetProperty("control", out var control) && control.ValueKind == JsonValueKind.Object).Select(seen => seen.GetProperty("control"))
            .GroupBy(control => control.GetProperty("action").GetString(), control => control.GetProperty("phase").GetString());
        Assert.All(controls, action => Assert.Equal(["requested", "acknowledged", "applied"], action));
        Assert.Equal(["pause", "resume", "adjust", "stop"], controls.Select(action => action.Key));
        var adjustment = Settings(name).GetProperty("adjustments").EnumerateArray().Single();
        Assert.Equal((by, asked.GetProperty("step").GetInt64()), (adjustment.GetProperty("by").GetString()!, adjustment.GetProperty("step").GetInt64()));
    }

    [Fact]
    public void A_job_that_was_killed_goes_on_from_its_checkpoint()
    {
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"), train: 640);
        string[] settings = ["--epochs", "2", "--batch", "16", "--set", "checkpointSteps=3", "--set", "model=resnet10_small", "--set", "threads=1", "--set", "layout=nhwc", "--device", "cpu"];
        Cli.Run(folder.Path, ["train", "idx", .. settings, "--name", "whole"]).With(ExitCode.Done);
        using (var process = Process.Start(Cli.Start(folder.Path, Cli.Executable, ["train", "idx", .. settings, "--name", "killed", "--on", "local", "--host-folder", folder.At("jobs")]))!) // As above.
        {
            ServerProcess.Wait(() => process.HasExited || Directory.Exists(folder.At("jobs")) && Directory.EnumerateFiles(folder.At("jobs"), "last.safetensors", SearchOption.AllDirectories).Any(), "a checkpoint is written", TimeSpan.FromMinutes(2));
            var id = File.ReadAllText(Directory.EnumerateFiles(folder.At("jobs"), "process", SearchOption.AllDirectories).Single()).Split(' ')[0];
            ServerProcess.Run("/bin/kill", null, "-9", id);
            var failed = Cli.Finish(process).With(ExitCode.Unexpected);
            Assert.Contains("ended by signal 9", failed.Error);
        }

        Cli.Run(folder.Path, "train", "resume", "killed").With(ExitCode.Done);

        Assert.Equal(File.ReadAllBytes(folder.At("runs", "whole", "checkpoints", "best.safetensors")), File.ReadAllBytes(folder.At("runs", "killed", "checkpoints", "best.safetensors")));
    }

    [Fact]
    public void A_stored_version_is_trained_on_elsewhere_under_its_own_hash()
    {
        using var server = Server();
        using var folder = new TemporaryFolder();
        var data = new Dictionary<string, string> { ["SIGHTLINE_DATASETS"] = folder.At("store") };
        Execute(folder.Path, data, ["data", "import", here.At("photos"), "--name", "lamps"]).With(ExitCode.Done);

        Execute(folder.Path, data, Training.Arguments("lamps", ["--epochs", "1", "--name", "stored", "--json", .. On(server), "--tool", Cli.Executable])).With(ExitCode.Done);

        Execute(folder.Path, data, ["eval", "run", "stored", "--json"]).With(ExitCode.Done);
    }

    [Fact]
    public void The_program_itself_is_sent_where_the_host_has_none()
    {
        // Another home and no dotnet in it: what runs there came over the line. 480 MB, so this test is the slow one.
        using var server = Server();

        var ended = Run(here.Folder, null, ["--epochs", "2", "--name", "sent", "--json", .. On(server)]).With(ExitCode.Done);

        Assert.Equal(here.Result.Json.GetProperty("bestWeightsSha256").GetString(), ended.Json.GetProperty("bestWeightsSha256").GetString());
    }

    [Fact]
    public void A_program_that_is_not_on_the_host_is_said_so_with_the_log()
    {
        using var server = Server();

        var ended = Run(here.Folder, null, ["--epochs", "2", "--name", "absent", .. On(server), "--tool", "/no/such/sightline"]).With(ExitCode.Unexpected);

        Assert.Contains("The job ended with exit code 127.", ended.Error);
        Assert.Contains("/no/such/sightline", ended.Error);
    }

    [Fact]
    public void An_unknown_host_key_is_refused_with_the_way_to_accept_it()
    {
        using var server = Server();
        using var folder = new TemporaryFolder();

        var ended = Run(here.Folder, null, ["--name", "refused", "--on", $"ssh:{server.Address}", "--identity", server.Identity, "--known-hosts", folder.At("known"), "--host-folder", server.At("root")]).With(ExitCode.Provider);

        Assert.Contains($"--host-key {server.Fingerprint}", ended.Error);
        Assert.False(Directory.Exists(here.At("runs", "refused")));
    }

    [Fact]
    public void A_place_that_is_none_is_said_so()
    {
        var ended = Run(here.Folder, null, ["--on", "moon"]).With(ExitCode.NotFound);

        Assert.StartsWith("'moon' is neither a host (local, ssh:HOST, slurm[:PARTITION]) nor an offer", ended.Error);
    }

    private static SshServer Server()
    {
        Assert.SkipWhen(SshServer.Absent is not null, SshServer.Absent ?? "");
        return new SshServer();
    }

    private static string[] On(SshServer server) =>
        ["--on", $"ssh:{server.Address}", "--identity", server.Identity, "--known-hosts", server.KnownHosts, "--host-folder", server.At("root")];

    private static Ended Run(string folder, IReadOnlyDictionary<string, string>? environment, string[] more) => Cli.Execute(Start(folder, environment, more));

    private static ProcessStartInfo Start(string folder, IReadOnlyDictionary<string, string>? environment, string[] more) => With(Cli.Start(folder, Cli.Executable, Training.Arguments("photos", more)), environment);

    private static Ended Execute(string folder, IReadOnlyDictionary<string, string> environment, string[] arguments) => Cli.Execute(With(Cli.Start(folder, Cli.Executable, arguments), environment));

    private static ProcessStartInfo With(ProcessStartInfo start, IReadOnlyDictionary<string, string>? environment)
    {
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private void AssertSameFiles(string first, string second)
    {
        string[] OfRun(string name) => [.. Directory.EnumerateFiles(here.At("runs", name), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(here.At("runs", name), file))
            .Where(file => !file.StartsWith("job", StringComparison.Ordinal) && file is not ("system.jsonl" or "alerts.jsonl")) // These come by the clock.
            .Order(StringComparer.Ordinal)];
        Assert.Equal(OfRun(first), OfRun(second));
        Assert.Equal(File.ReadAllBytes(here.At("runs", first, "checkpoints", "best.safetensors")), File.ReadAllBytes(here.At("runs", second, "checkpoints", "best.safetensors")));
    }

    private List<string> Events(string name)
    {
        var file = here.At("runs", name, "metrics.jsonl");
        return !File.Exists(file) ? [] : [.. File.ReadAllLines(file).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("kind").GetString() ?? "")
            .Where(kind => kind is "epoch" or "resume" or "checkpoint" or "end")]; // Others come by the clock.
    }

    private JsonElement Settings(string name) => JsonDocument.Parse(File.ReadAllText(here.At("runs", name, "run.json"))).RootElement;
}
