using System.Text.Json;

namespace Sightline.Runs;

/// <summary>What a training does at the moment.</summary>
internal enum RunPhase
{
    /// <summary>The model is made, a checkpoint is read.</summary>
    Starting,

    /// <summary>Steps are taken.</summary>
    Training,

    /// <summary>The epoch is judged.</summary>
    Validating,

    /// <summary>It holds until it is asked to go on.</summary>
    Paused,

    /// <summary>The best weights are judged and the report is written.</summary>
    Evaluating,

    /// <summary>The process's share of the run is over; the exit code says how.</summary>
    Ended,
}

/// <summary>The content of <c>heartbeat.json</c>: a sign of life of the process that trains a run, written every two seconds.</summary>
internal sealed record Heartbeat
{
    /// <summary>Between two of them.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>The process.</summary>
    public required ProcessIdentity Process { get; init; }

    /// <summary>When this was written, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What the training does.</summary>
    public required RunPhase Phase { get; init; }

    /// <summary>Since when it does that, UTC.</summary>
    public required DateTimeOffset PhaseSince { get; init; }

    /// <summary>Optimiser steps taken.</summary>
    public long Step { get; init; }

    /// <summary>Optimiser steps of the whole run.</summary>
    public long TotalSteps { get; init; }

    /// <summary>Epoch, from 1.</summary>
    public int Epoch { get; init; }

    /// <summary>When the last step ended, UTC; null before the first of this process.</summary>
    public DateTimeOffset? StepAt { get; init; }

    /// <summary>Median of the last steps, seconds; null before there are some.</summary>
    public double? StepSeconds { get; init; }

    /// <summary>How the process ended; null while it runs, and where it had no time to say.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Why it ended, where not with success; plain words.</summary>
    public string? Message { get; init; }

    /// <summary>Where it lies in a run's folder.</summary>
    public static string FileIn(RunFolder run) => Path.Combine(run.Path, "heartbeat.json");

    /// <summary>The last one of a run; null where there is none or it cannot be read.</summary>
    public static Heartbeat? Read(RunFolder run)
    {
        try
        {
            return File.Exists(FileIn(run)) ? JsonSerializer.Deserialize<Heartbeat>(File.ReadAllText(FileIn(run)), SightlineJson.Line) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Replaces the one before. Not flushed to the disk: after a loss of power the machine's start tells that the process is gone.</summary>
    public void Write(RunFolder run)
    {
        var file = FileIn(run);
        var temporary = file + ".tmp";
        File.WriteAllText(temporary, JsonSerializer.Serialize(this, SightlineJson.Line));
        File.Move(temporary, file, overwrite: true);
    }
}
