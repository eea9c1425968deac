namespace Sightline.Compute.Jobs;

/// <summary>What a job is at.</summary>
internal enum JobState
{
    /// <summary>A scheduler has it and has not started it.</summary>
    Queued,
    /// <summary>Its process lives.</summary>
    Running,
    /// <summary>It ended with exit code 0.</summary>
    Done,
    /// <summary>It was asked to stop and did, with its checkpoint.</summary>
    Stopped,
    /// <summary>It ended otherwise.</summary>
    Failed,
    /// <summary>The host cannot be asked.</summary>
    Unknown,
}

/// <summary>A job's state, as heartbeat and exit code have it.</summary>
internal sealed record JobStatus
{
    /// <summary>Exit code of a training that was stopped and wrote its checkpoint.</summary>
    public const int StoppedCode = 10;

    /// <summary>The state.</summary>
    public required JobState State { get; init; }

    /// <summary>Exit code; null while it runs, and where it ended by a signal or without leaving one.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The signal that ended it; null where none did.</summary>
    public int? Signal { get; init; }

    /// <summary>How long ago the supervisor was last heard of, by the host's own clock; null when never.</summary>
    public TimeSpan? HeartbeatAge { get; init; }

    /// <summary>Since when the host cannot be asked; null where it answered.</summary>
    public DateTimeOffset? UnknownSince { get; init; }

    /// <summary>How often a scheduler started it again.</summary>
    public int Restarts { get; init; }

    /// <summary>In plain words: why it waits, how it ended.</summary>
    public string Message { get; init; } = "";

    /// <summary>What the machine wrote down of its own end: the provider takes it back. Empty where it did not.</summary>
    public string Notice { get; init; } = "";

    /// <summary>The tasks of an array by their number; empty for a single job.</summary>
    public IReadOnlyDictionary<int, JobStatus> Tasks { get; init; } = new Dictionary<int, JobStatus>();

    /// <summary>Whether nothing more will come of it.</summary>
    public bool IsOver => State is JobState.Done or JobState.Stopped or JobState.Failed;

    /// <summary>The state that an exit code means. A shell's code above 128 is the signal that ended the program.</summary>
    public static JobStatus Ended(int code, string? cause) => code switch
    {
        0 => new JobStatus { State = JobState.Done, ExitCode = 0 },
        StoppedCode => new JobStatus { State = JobState.Stopped, ExitCode = code, Message = cause == "limit" ? "stopped by the time limit, with a checkpoint" : "stopped, with a checkpoint" },
        > 128 and <= 192 => new JobStatus { State = JobState.Failed, Signal = code - 128, Message = $"ended by signal {SignalName(code - 128)}{(cause == "stop" ? " after it was asked to stop" : "")}" },
        _ => new JobStatus { State = JobState.Failed, ExitCode = code, Message = $"ended with exit code {code}" },
    };

    private static string SignalName(int signal) => signal switch
    {
        1 => "1 (HUP)",
        2 => "2 (INT)",
        6 => "6 (ABRT)",
        9 => "9 (KILL: by somebody, or because the memory was used up)",
        11 => "11 (SEGV)",
        15 => "15 (TERM)",
        _ => $"{signal}",
    };
}
