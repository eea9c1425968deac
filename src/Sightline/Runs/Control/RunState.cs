using Sightline.Compute.Monitoring;

namespace Sightline.Runs;

/// <summary>How a run stands.</summary>
internal enum RunState
{
    /// <summary>A living process takes steps.</summary>
    Running,

    /// <summary>A living process holds the run until it is asked to go on.</summary>
    Paused,

    /// <summary>It came to its end; the report is written.</summary>
    Finished,

    /// <summary>A user stopped it, with a checkpoint.</summary>
    Stopped,

    /// <summary>Its process ended with an error, or is gone without a word.</summary>
    Failed,

    /// <summary>Its process lives, and takes no steps.</summary>
    Stalled,

    /// <summary>It cannot be told from here: the process is on another machine that has not been heard of, or there is no heartbeat.</summary>
    Unknown,
}

/// <summary>How a run stands, as far as it can be told from its folder and this machine's processes.</summary>
/// <param name="State">The state.</param>
/// <param name="Since">Since when, UTC; for unknown and stalled the last sign of life.</param>
/// <param name="Why">Plain words where there is more to say.</param>
/// <param name="Heartbeat">The last heartbeat; null where there is none.</param>
internal sealed record RunStatus(RunState State, DateTimeOffset Since, string? Why, Heartbeat? Heartbeat)
{
    /// <summary>A heartbeat comes every two seconds; a machine so busy that fifteen of them fail is not expected.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    /// <summary>Whether a process has the run.</summary>
    public bool IsLive => State is RunState.Running or RunState.Paused or RunState.Stalled;

    /// <summary>The state as one says it, <c>unknown since 2026-01-31 12:00:00</c>.</summary>
    public string Words => State is RunState.Unknown or RunState.Stalled ? $"{Name} since {Since.UtcDateTime:yyyy-MM-dd HH:mm:ss}" : Name;

    /// <summary>The state's name in documents.</summary>
    public string Name => State.ToString().ToLowerInvariant();

    /// <summary>Reads the state of a run.</summary>
    /// <param name="run">Its folder.</param>
    /// <param name="events">Its events.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="silence">How old the last heartbeat of a living process may be; null: <see cref="Silence"/>.</param>
    public static RunStatus Of(RunFolder run, IReadOnlyList<RunEvent> events, DateTimeOffset now, TimeSpan? silence = null)
    {
        var beat = Heartbeat.Read(run);
        if (events.LastOrDefault(seen => seen.Kind == "end") is { } end)
        {
            return new RunStatus(RunState.Finished, end.At, null, beat);
        }

        if (beat is null)
        {
            var last = events.Count > 0 ? events[^1].At : run.Settings.CreatedAt;
            return new RunStatus(RunState.Unknown, last, "There is no heartbeat: an older version trained it, or its folder was copied without.", null);
        }

        return beat.ExitCode switch
        {
            0 => new RunStatus(RunState.Finished, beat.At, null, beat),
            (int)ExitCode.Stopped => new RunStatus(RunState.Stopped, beat.At, beat.Message, beat),
            { } code => new RunStatus(RunState.Failed, beat.At, $"Exit code {code}: {beat.Message ?? "no message"}", beat),
            null => OfUnended(run, beat, now, silence ?? Silence),
        };
    }

    private static RunStatus OfUnended(RunFolder run, Heartbeat beat, DateTimeOffset now, TimeSpan silence)
    {
        if (beat.Process.IsHere && !beat.Process.IsAlive)
        {
            return new RunStatus(RunState.Failed, beat.At, $"Its process ({beat.Process.Pid}) is gone without a word: killed, or out of memory. Go on with 'sightline train resume'.", beat);
        }

        if (now - beat.At > silence)
        {
            return beat.Process.IsHere
                ? new RunStatus(RunState.Stalled, beat.At, $"Its process ({beat.Process.Pid}) lives and gives no sign: suspended, or the machine is overloaded.", beat)
                : new RunStatus(RunState.Unknown, beat.At, $"It was on {beat.Process.Host}, which has not been heard of since.", beat);
        }

        if (beat.Phase == RunPhase.Paused)
        {
            return new RunStatus(RunState.Paused, beat.PhaseSince, null, beat);
        }

        var stall = Rules.StallAfter(beat.StepSeconds, run.Settings.Options.Alerts);
        var moved = beat.StepAt is { } step && step > beat.PhaseSince ? step : beat.PhaseSince;
        return beat.Phase == RunPhase.Training && beat.At - moved > stall
            ? new RunStatus(RunState.Stalled, moved, $"No step has ended for {(beat.At - moved).TotalMinutes:0} minutes, and one usually takes {beat.StepSeconds ?? 0:0.##} s.", beat)
            : new RunStatus(RunState.Running, beat.PhaseSince, null, beat);
    }
}
