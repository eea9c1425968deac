using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Doctor;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline doctor</c>: what this machine has, and what is wrong with it.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var runs = CommonOptions.Runs();
        var command = new Command("doctor", "Check this machine: system, libraries, processor, memory, disk, rights; say what to do about troubles.") { runs };
        return command.Does(invocation =>
        {
            var checks = MachineChecks.Run(invocation.Arguments.GetRequiredValue(runs));
            var broken = checks.FirstOrDefault(check => check.Status == CheckStatus.Bad);
            invocation.Result(new { healthy = broken is null, checks }, text => Write(checks, broken is null, text));
            return broken?.ExitCode ?? ExitCode.Done;
        });
    }

    private static void Write(IReadOnlyList<Check> checks, bool isHealthy, TextWriter text)
    {
        var width = checks.Max(check => check.Name.Length);
        foreach (var check in checks)
        {
            text.WriteLine($"{check.Status switch { CheckStatus.Good => "ok  ", CheckStatus.Doubtful => "note", _ => "BAD " }}  {check.Name.PadRight(width)}  {check.Seen}");
            if (check.Next is { } next)
            {
                text.WriteLine($"      {new string(' ', width)}  -> {next}");
            }
        }

        text.WriteLine(isHealthy ? "This machine can train." : "This machine cannot train before the lines marked BAD are mended.");
    }
}
