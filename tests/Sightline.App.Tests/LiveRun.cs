using System.Diagnostics;
using Sightline.Runs;
using Xunit;

namespace Sightline.App.Tests;

/// <summary>A training in a process of its own, long enough to be spoken to; killed at the end where it still runs.</summary>
internal sealed class LiveRun : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public LiveRun(TemporaryFolder folder, string name, params string[] more)
        : this(folder, name, Training.Arguments("idx", ["--name", name, "--progress", "never", .. more]), isNew: true)
    {
    }

    private LiveRun(TemporaryFolder folder, string name, string[] arguments, bool isNew)
    {
        (Name, Folder) = (name, folder.Path);
        Path = folder.At("runs", name);
        Process = Process.Start(Cli.Start(folder.Path, Cli.Executable, arguments))!; // The shell does not run it.
        WaitFor(() => File.Exists(System.IO.Path.Combine(Path, "heartbeat.json")) && (isNew || Beat?.Process.Pid == Process.Id), "a heartbeat");
    }

    public string Name { get; }

    public string Folder { get; }

    public string Path { get; }

    public Process Process { get; }

    public RunFolder Run => RunFolder.Open(Path);

    public Heartbeat? Beat => Heartbeat.Read(Run);

    public static LiveRun Resume(TemporaryFolder folder, string name) => new(folder, name, ["train", "resume", name, "--progress", "never"], isNew: false);

    public RunStatus Status(TimeSpan? silence = null) => RunStatus.Of(Run, Run.ReadEvents(), DateTimeOffset.UtcNow, silence);

    /// <summary>Waits until a number of steps is told by the events or the heartbeat.</summary>
    public LiveRun AfterStep(long step)
    {
        WaitFor(() => Beat?.Step >= step, $"step {step}");
        return this;
    }

    public void WaitFor(Func<bool> condition, string what)
    {
        var began = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(began.Elapsed < Patience, $"{what} did not come within {Patience}.");
            Assert.False(Process.HasExited && Process.ExitCode != 0, Process.HasExited ? $"The training ended before {what}: {Process.StandardError.ReadToEnd()}" : "");
            Thread.Sleep(20);
        }
    }

    public Ended Ask(params string[] arguments) => Cli.Run(Folder, ["run", arguments[0], Name, .. arguments[1..]]);

    public void Signal(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{Process.Id}"]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!Process.HasExited)
        {
            Process.Kill();
            Process.WaitForExit();
        }

        Process.Dispose();
    }
}
