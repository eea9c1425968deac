using System.Text.Json;
using System.Text.Json.Serialization;
using Sightline.Runs;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Jobs;

/// <summary>How a job stands.</summary>
internal enum ToolJobState
{
    /// <summary>Its process lives.</summary>
    Running,

    /// <summary>It ended well.</summary>
    Done,

    /// <summary>It ended with a trouble, or was killed.</summary>
    Failed,
}

/// <summary>What is written when a job begins.</summary>
/// <param name="Id">Its folder's name.</param>
/// <param name="Title">What it does, for people.</param>
/// <param name="Command">The same as a command in a terminal.</param>
/// <param name="Next">The page to go on to.</param>
/// <param name="NextFile">The file with which that page is there, also while the job runs; null where it is when the job is done.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="Process">The shell that waits for it.</param>
internal sealed record ToolJobNote(string Id, string Title, string Command, string Next, string? NextFile, DateTimeOffset StartedAt, ProcessIdentity Process);

/// <summary>A command of this tool that the studio started, as its folder tells.</summary>
internal sealed record ToolJob
{
    private const int TailBytes = 16 << 10;
    private const int LinesShown = 80;

    public required string Id { get; init; }

    public required string Title { get; init; }

    public required string Command { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required ToolJobState State { get; init; }

    /// <summary>Its exit code; null while it runs, and where it was killed without one.</summary>
    public required int? ExitCode { get; init; }

    /// <summary>The last lines that it said.</summary>
    public required IReadOnlyList<string> Lines { get; init; }

    /// <summary>The page to go on to; null where it is not there yet.</summary>
    public required string? Next { get; init; }

    /// <summary>Where its files lie.</summary>
    [JsonIgnore]
    public string Folder { get; init; } = ""; // Read sets it; a required member cannot be left out of the JSON.

    /// <summary>What it printed as its result; null where that is no JSON.</summary>
    public JsonElement? Result()
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "out"))).RootElement.Clone();
        }
        catch (Exception error) when (error is JsonException or IOException)
        {
            return null;
        }
    }

    /// <summary>Reads a job's folder; null where it is none.</summary>
    public static ToolJob? Read(string folder)
    {
        if (Note(folder) is not { } note)
        {
            return null;
        }

        // The exit code is looked for again after the process is gone: it was written just before.
        var isAlive = note.Process.IsHere && note.Process.IsAlive;
        var code = Exit(folder);
        var state = code is 0 ? ToolJobState.Done : code is null && isAlive ? ToolJobState.Running : ToolJobState.Failed;
        return new ToolJob
        {
            Id = note.Id,
            Title = note.Title,
            Command = note.Command,
            StartedAt = note.StartedAt,
            State = state,
            ExitCode = code,
            Lines = [.. Tail(Path.Combine(folder, "err")), .. state == ToolJobState.Failed && code is null ? (string[])["Its process is gone without a word: it was killed, or the machine was started anew."] : []],
            Next = (note.NextFile is { } file ? File.Exists(file) : state == ToolJobState.Done) ? note.Next : null,
            Folder = folder,
        };
    }

    private static ToolJobNote? Note(string folder)
    {
        try
        {
            return JsonSerializer.Deserialize<ToolJobNote>(File.ReadAllText(Path.Combine(folder, "job.json")), SightlineJson.Line);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private static int? Exit(string folder)
    {
        var file = Path.Combine(folder, "exit");
        return File.Exists(file) && int.TryParse(File.ReadAllText(file), out var code) ? code : null;
    }

    private static IEnumerable<string> Tail(string file) => !File.Exists(file) ? []
        : FileTail.Read(file, TailBytes).Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(LinesShown);
}
