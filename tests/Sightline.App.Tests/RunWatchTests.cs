using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Sightline.Tests.Shared;
using Xunit;

namespace Sightline.App.Tests;

/// <summary>What <c>run watch</c>, <c>run logs</c> and <c>gpu top</c> show.</summary>
public sealed class RunWatchTests(TrainedRun run) : IClassFixture<TrainedRun>
{
    [Fact]
    public void A_finished_run_is_shown_once_and_ends_the_watching()
    {
        var json = Cli.Run(run.Folder, "run", "watch", "first", "--once", "--json").With(ExitCode.Done).Json;
        var lines = Cli.Run(run.Folder, "run", "watch", "first", "--json").With(ExitCode.Done).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        // What is told of the machine depends on the machine, and on a busy one the rules have something to say.
        Approved.Match("json.run-watch", string.Join('\n', JsonNames.Of(json).Split('\n').Where(line =>
            !line.StartsWith("system", StringComparison.Ordinal) && !line.StartsWith("alerts", StringComparison.Ordinal))));
        Assert.Equal(JsonValueKind.Object, json.GetProperty("system").ValueKind);
        Assert.Equal("finished", json.GetProperty("state").GetString());
        Assert.Equal((2, 2), (json.GetProperty("epoch").GetInt32(), json.GetProperty("epochs").GetInt32()));
        var types = lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("type").GetString()).ToList();
        Assert.Equal(File.ReadAllLines(run.At("runs", "first", "metrics.jsonl")).Length, types.Count(type => type == "event"));
        Assert.Equal("view", types[^1]);
        Assert.Contains("first: finished since", Cli.Run(run.Folder, "run", "watch", "first", "--once").With(ExitCode.Done).Out);
    }

    [Fact]
    public void The_log_has_a_line_per_event()
    {
        var text = Cli.Run(run.Folder, "run", "logs", "first", "-f").With(ExitCode.Done).Out;
        var json = Cli.Run(run.Folder, "run", "logs", "first", "--json").With(ExitCode.Done).Out;

        Assert.Contains("epoch 2  train loss", text);
        Assert.Contains("The run is finished.", text);
        Assert.Equal(File.ReadAllText(run.At("runs", "first", "metrics.jsonl")), json);
    }

    [Fact]
    public async Task A_budget_that_is_spent_is_told_to_the_webhook_once()
    {
        var port = FreePort();
        using var listener = new HttpListener();
        listener.Prefixes.Add($"http://localhost:{port}/");
        listener.Start();
        var received = new List<string>();
        var serving = Task.Run(async () =>
        {
            while (listener.IsListening)
            {
                var context = await listener.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream);
                received.Add(await reader.ReadToEndAsync());
                context.Response.Close();
            }
        });
        string[] watch = ["run", "watch", "first", "--once", "--price", "1000000", "--max-cost", "1", "--webhook", $"http://localhost:{port}/hook"];

        var ended = Cli.Run(run.Folder, watch).With(ExitCode.Done);
        Cli.Run(run.Folder, "run", "watch", "first", "--once", "--price", "1000000", "--max-cost", "1").With(ExitCode.Done);

        Assert.Contains("of at most 1.00", ended.Out);
        Assert.Contains("The cap is reached", ended.Out);
        Assert.Equal("budget", JsonDocument.Parse(Assert.Single(received)).RootElement.GetProperty("rule").GetString());
        Assert.Single(File.ReadAllLines(run.At("runs", "first", "alerts.jsonl")));
        listener.Stop();
        await Assert.ThrowsAnyAsync<Exception>(() => serving);
    }

    [Fact]
    public void Wrong_arguments_are_explained()
    {
        Assert.Contains("must be above 0", Cli.Run(run.Folder, "run", "watch", "first", "--price", "0").With(ExitCode.Usage).Error);
        Assert.Contains("There is no GPU 'a1000'.", Cli.Run(run.Folder, "run", "watch", "first", "--gpu", "a1000").With(ExitCode.Usage).Error);
        var refused = Cli.Run(run.Folder, "run", "watch", "first", "--webhook", "ftp://host/secret").With(ExitCode.Usage).Error;
        Assert.DoesNotContain("secret", refused);
    }

    [Fact]
    public void Gpu_top_without_a_gpu_shows_the_machine()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc.");
        var start = Cli.Start(run.Folder, Cli.Executable, "gpu", "top", "--once");
        start.Environment["SIGHTLINE_NVML"] = run.At("nothing.so");

        var ended = Cli.Execute(start).With(ExitCode.Done);

        Assert.Contains("no GPU (no NVIDIA driver: ", ended.Out);
        Assert.Contains("host   CPU ", ended.Out);
    }

    [Fact]
    public void Gpu_top_shows_what_the_driver_tells()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads /proc.");
        var library = run.At("libnvidia-ml.so.1");
        CLibrary.Require(Repository.File(Path.Combine("tests", "Sightline.Compute.Tests", "Monitoring", "fake_nvml.c")), library);
        var start = Cli.Start(run.Folder, Cli.Executable, "gpu", "top", "--once");
        var json = Cli.Start(run.Folder, Cli.Executable, "gpu", "top", "--once", "--json");
        start.Environment["SIGHTLINE_NVML"] = json.Environment["SIGHTLINE_NVML"] = library;

        var text = Cli.Execute(start).With(ExitCode.Done).Out;

        Assert.Contains("gpu 0  NVIDIA A100-SXM4-80GB  1395 MHz of 1410 MHz, memory 1593 MHz", text);
        Assert.Contains("busy 93 % (any kernel ran)  memory read or written 41 %", text);
        Assert.Contains("288 W of 400 W  71 °C (slows down at 89 °C)  slowed by power limit, heat (by the hardware)", text);
        Assert.Contains("memory N/A (N/A)", text);
        Assert.Contains("gpu 2  the GPU is lost", text);
        Approved.Match("json.gpu-top", string.Join('\n', JsonNames.Of(Cli.Execute(json).With(ExitCode.Done).Json).Split('\n').Where(line => !line.StartsWith("host.", StringComparison.Ordinal))));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
