namespace Sightline.Cli.CommandLine;

/// <summary>How to start this tool again, as a process of its own.</summary>
internal static class ToolProcess
{
    /// <summary>The program to start.</summary>
    public static string Program { get; } = Environment.ProcessPath ?? throw new InvalidOperationException("This process does not know its program.");

    /// <summary>What comes before the command: as a .NET tool the program is the host, and this tool its first argument.</summary>
    public static IReadOnlyList<string> First { get; } = Path.GetFileNameWithoutExtension(Program) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
}
