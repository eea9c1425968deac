namespace Sightline.Runs;

/// <summary>A command that the reader may run next.</summary>
/// <param name="Purpose">What it does, a few words: <c>Classify your own pictures</c>.</param>
/// <param name="Command">The command line: <c>sightline predict runs/first photos/</c>.</param>
public sealed record RunReportCommand(string Purpose, string Command);
