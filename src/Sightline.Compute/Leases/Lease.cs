using System.Text.Json.Serialization;

namespace Sightline.Compute.Leases;

/// <summary>A lease as its journal has it: immutable; each change is a new value, written before it counts.</summary>
internal sealed record Lease
{
    /// <summary>The installation's id, a hyphen, and an id of its own; also in the machine's name.</summary>
    public required string Id { get; init; }

    /// <summary>Where it stands.</summary>
    public required LeaseState State { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>When it has to end.</summary>
    public required LeaseLimits Limits { get; init; }

    /// <summary>What it is for; may be empty.</summary>
    public string Purpose { get; init; } = "";

    /// <summary>The requests to providers, in order.</summary>
    public IReadOnlyList<LeaseAttempt> Attempts { get; init; } = [];

    /// <summary>Number of the attempt whose machine is the lease's; null while there is none.</summary>
    public int? Chosen { get; init; }

    /// <summary>The machine as it was last seen; null before.</summary>
    public Machine? Machine { get; init; }

    /// <summary>Why it drains, ended or was lost; empty before.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Whether the provider took the machine back: the job is to go on elsewhere.</summary>
    public bool IsInterrupted { get; init; }

    /// <summary>When the provider is asked for the end, at the latest; set while it drains.</summary>
    public DateTimeOffset? DrainUntil { get; init; }

    /// <summary>When it ended or was lost.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When work was last reported; the readiness counts as work.</summary>
    public DateTimeOffset? LastBusyAt { get; init; }

    /// <summary>When anything was last reported of the machine's work; null when nothing ever was.</summary>
    public DateTimeOffset? LastReportAt { get; init; }

    /// <summary>Whether the idle warning was given since the last work.</summary>
    public bool IsIdleWarned { get; init; }

    /// <summary>Whether the warning at 80 % of the cost limit was given.</summary>
    public bool IsBudgetWarned { get; init; }

    /// <summary>Calls to the provider that failed since the last that did not.</summary>
    public int Failures { get; init; }

    /// <summary>When the provider may be asked again after failures; null when at once.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>What the user has to do because the program cannot; empty when nothing.</summary>
    public string ForUser { get; init; } = "";

    /// <summary>The attempt whose machine is the lease's; null while there is none.</summary>
    [JsonIgnore]
    public LeaseAttempt? Current => Chosen is { } number ? Attempts[number - 1] : null;

    /// <summary>Whether anything of it may still be billed.</summary>
    [JsonIgnore]
    public bool IsOpen => State is not (LeaseState.Ended or LeaseState.Lost) || Attempts.Any(attempt => !attempt.IsSettled);

    /// <summary>Whether a job can use it.</summary>
    [JsonIgnore]
    public bool IsUsable => State is LeaseState.Ready or LeaseState.Running;

    /// <summary>The lease with one attempt replaced.</summary>
    public Lease With(LeaseAttempt attempt) => this with { Attempts = [.. Attempts.Select(each => each.Number == attempt.Number ? attempt : each)] };
}
