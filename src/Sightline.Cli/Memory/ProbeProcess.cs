using System.Diagnostics;
using System.Text.Json;
using Sightline.Cli.CommandLine;
using Sightline.Runs;
using Sightline.Training;

namespace Sightline.Cli.Memory;

/// <summary>How a probe ended.</summary>
internal enum ProbeOutcome
{
    /// <summary>Its steps and its validation batch were done.</summary>
    Done,

    /// <summary>The memory ran out, or the system ended it.</summary>
    OutOfMemory,

    /// <summary>Something else went wrong.</summary>
    Failed,
}

/// <summary>What a probe found.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Message">Why, where it did not end well.</param>
/// <param name="Seen">What it measured; null where it did not end well.</param>
internal sealed record ProbeResult(ProbeOutcome Outcome, string Message, MemoryProbe? Seen)
{
    /// <summary>Bytes of the program before the model was made.</summary>
    public long BaseBytes => Seen?.BaseBytes ?? 0;

    /// <summary>Most bytes at once.</summary>
    public long PeakBytes => Seen?.PeakBytes ?? 0;
}

/// <summary>Takes a few steps in a process of its own: whatever happens there, this process keeps its memory and its life.</summary>
internal static class ProbeProcess
{
    /// <summary>Steps of a run's settings, on noise.</summary>
    /// <param name="settings">Which model, size, batch, precision.</param>
    /// <param name="parts">Into how many parts a batch is divided.</param>
    /// <param name="length">How many steps; null takes two.</param>
    public static ProbeResult Run(RunSettings settings, int parts, ProbeLength? length = null)
    {
        using var process = Process.Start(Start()) ?? throw new InvalidOperationException("The probe's process could not be started.");
        try
        {
            process.StandardInput.WriteLine(JsonSerializer.Serialize(new ProbeRequest(settings, parts, length), SightlineJson.Line));
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended before it read; its exit code says why.
        }

        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        process.WaitForExit();
        var message = error.GetAwaiter().GetResult().Trim().Split('\n')[0];
        if (process.ExitCode == (int)ExitCode.Done && JsonSerializer.Deserialize<MemoryProbe>(output.GetAwaiter().GetResult(), SightlineJson.Line) is { } seen)
        {
            return new ProbeResult(ProbeOutcome.Done, "", seen);
        }

        // 137 is 128 + SIGKILL, a memory control group's way; 134 is SIGABRT, a native library's when it cannot even say so.
        var ranOut = process.ExitCode is (int)ExitCode.OutOfMemory or 137 or 134;
        return new ProbeResult(ranOut ? ProbeOutcome.OutOfMemory : ProbeOutcome.Failed, ranOut ? "the memory ran out" : message, null);
    }

    private static ProcessStartInfo Start() =>
        new(ToolProcess.Program, [.. ToolProcess.First, "train", "probe"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
}

/// <summary>What the other process is asked.</summary>
internal sealed record ProbeRequest(RunSettings Settings, int Parts, ProbeLength? Length = null);
