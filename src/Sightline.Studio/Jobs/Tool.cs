namespace Sightline.Studio.Jobs;

/// <summary>How to start this tool as a process of its own.</summary>
/// <param name="Program">The program.</param>
/// <param name="First">What comes before the command, such as the program's library where the program is the .NET host.</param>
internal sealed record Tool(string Program, params IReadOnlyList<string> First);
