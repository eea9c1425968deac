using System.Diagnostics;

namespace Sightline.App.Tests;

/// <summary>The smallest training that the command line can be asked for: seconds, and 12 MB of checkpoints.</summary>
internal static class Training
{
    // One thread: two on a busy machine wait for each other in every small layer. A fixed layout: on such a machine the measurement is noise.
    public static string[] Arguments(string data, params string[] more) =>
        ["train", data, "--model", "mobilenet_v3_small", "--size", "32", "--batch", "8", "--set", "threads=1", "--set", "layout=nhwc", .. more];

    public static Ended Run(string folder, string data, params string[] more) => Cli.Run(folder, Arguments(data, more));

    /// <summary>Starts a training and sends a signal as soon as the first epoch is reported.</summary>
    public static Ended Interrupt(string folder, string data, params string[] more)
    {
        using var process = Process.Start(Cli.Start(folder, Cli.Executable, Arguments(data, more)))!; // Null only where the shell runs it, which is off.
        var error = "";
        while (process.StandardError.ReadLine() is { } line)
        {
            error += line + "\n";
            if (line.StartsWith("epoch 1/", StringComparison.Ordinal))
            {
                break;
            }
        }

        using (var kill = Process.Start("kill", ["-INT", $"{process.Id}"]))
        {
            kill.WaitForExit();
        }

        var ended = Cli.Finish(process);
        return ended with { Error = error + ended.Error };
    }
}
