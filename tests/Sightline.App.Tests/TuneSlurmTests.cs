using System.Diagnostics;
using System.Globalization;
using Sightline.Tests.Servers;
using Sightline.Tests.Shared;
using Xunit;

namespace Sightline.App.Tests;

/// <summary><c>tune start --slurm</c> on a real cluster of two nodes and a real PostgreSQL server.</summary>
public sealed class TuneSlurmTests
{
    [Fact]
    public void Workers_of_an_array_of_which_two_are_killed_lose_double_and_block_no_trial()
    {
        const int trials = 16;
        Assert.SkipWhen(SlurmCluster.Absent is not null, SlurmCluster.Absent ?? "");
        Assert.SkipWhen(PostgresServer.Absent is not null, PostgresServer.Absent ?? "");
        using var server = new PostgresServer();
        using var cluster = new SlurmCluster();
        var begun = Path.Combine(cluster.Folder, "begun.txt");
        File.WriteAllText(Path.Combine(cluster.Folder, "run.sh"), TuneTests.Program);
        File.WriteAllText(Path.Combine(cluster.Folder, "space.json"), TuneTests.Space);
        var start = Cli.Start(cluster.Folder, Cli.Executable, "tune", "start", "--slurm", "--workers", "8", "--name", "array", "--space", "space.json", "--command", "sh run.sh {x} 0.4",
            "--trials", $"{trials}", "--sampler", "random", "--pruner", "none", "--lease", "6", "--store", server.Place);
        foreach (var (name, value) in cluster.Environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!; // The shell does not run it.
        var patience = Stopwatch.StartNew();
        while (Workers().Count < 2 || !File.Exists(begun) || File.ReadAllLines(begun).Length < 2)
        {
            Assert.False(process.HasExited, "The command ended before the test could act.");
            Assert.True(patience.Elapsed < TimeSpan.FromMinutes(2), "Two workers did not begin within two minutes.");
            Thread.Sleep(50);
        }

        foreach (var worker in Workers().Take(2))
        {
            using var killed = Process.GetProcessById(worker);
            killed.Kill();
        }

        Cli.Finish(process).With(ExitCode.Done);
        TuneTests.CheckAll(server.Place, "array", trials);
    }

    private static List<int> Workers() => [.. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _))
        .Select(name => int.Parse(name!, CultureInfo.InvariantCulture)).Where(id =>
        {
            try
            {
                return File.ReadAllText($"/proc/{id}/cmdline").Contains("\0worker\0array\0", StringComparison.Ordinal);
            }
            catch (IOException)
            {
                return false; // It has just ended.
            }
        })];
}
