using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Sightline.App.Tests;

/// <summary>How a process ended and what it wrote.</summary>
internal sealed record Ended(int ExitCode, string Out, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    /// <summary>Asserts the exit code, with the error text as the message, and returns this.</summary>
    public Ended With(ExitCode expected)
    {
        Assert.True(ExitCode == (int)expected, $"Exit code {ExitCode}, not {(int)expected}. Error: {Error} Output: {Out}");
        return this;
    }
}

/// <summary>Runs the built <c>sightline</c> as a user would.</summary>
internal static class Cli
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    public static string Executable { get; } = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "Sightline.Cli.exe" : "Sightline.Cli");

    public static Ended Run(string folder, params string[] arguments) => Execute(Start(folder, Executable, arguments));

    public static ProcessStartInfo Start(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["NO_COLOR"] = "1";
        return start;
    }

    public static Ended Execute(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!; // Null only where the shell runs it, which is off.
        return Finish(process);
    }

    public static Ended Finish(Process process)
    {
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)} did not end within {Patience}.");
        }

        return new Ended(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }
}
