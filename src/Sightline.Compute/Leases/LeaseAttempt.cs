namespace Sightline.Compute.Leases;

/// <summary>What is known of the machine that one request to a provider made, or may have made.</summary>
internal enum AttemptState
{
    /// <summary>The intent is written; the provider is about to be asked, is being asked, or the program died there. A machine may exist.</summary>
    Pending,
    /// <summary>The provider was asked and did not answer, and its list did not show the machine. It may still appear.</summary>
    Unsettled,
    /// <summary>The machine's id is known.</summary>
    Alive,
    /// <summary>The provider was asked to end it.</summary>
    Ending,
    /// <summary>The provider says that it is gone.</summary>
    Gone,
    /// <summary>There never was a machine.</summary>
    Nothing,
}

/// <summary>One request to a provider for a machine.</summary>
internal sealed record LeaseAttempt
{
    /// <summary>1 for the lease's first.</summary>
    public required int Number { get; init; }

    /// <summary>Id of the <see cref="ILeaseProvider"/> that was asked.</summary>
    public required string Provider { get; init; }

    /// <summary>The offer; null for a machine that was found without a request of ours.</summary>
    public LeaseOffer? Offer { get; init; }

    /// <summary>When the intent was written: billing is counted from here, the earliest it can have begun.</summary>
    public required DateTimeOffset IntentAt { get; init; }

    /// <summary>When the machine ends by the provider's own clock, where it has one, and by the script on the machine.</summary>
    public DateTimeOffset? MachineEndBy { get; init; }

    /// <summary>What is known.</summary>
    public required AttemptState State { get; init; }

    /// <summary>The provider's id of the machine; null while unknown.</summary>
    public string? MachineId { get; init; }

    /// <summary>What the machine costs, USD per hour: the provider's word, else the offer's.</summary>
    public decimal PricePerHourUsd { get; init; }

    /// <summary>Disk, GiB, for providers that bill it apart.</summary>
    public double DiskGib { get; init; }

    /// <summary>When it was first seen running; null while it was not.</summary>
    public DateTimeOffset? RunningAt { get; init; }

    /// <summary>Whether the provider's look-up or list has shown it: only then does its absence mean that it is gone, however young it is.</summary>
    public bool IsSeen { get; init; }

    /// <summary>When the provider was last asked to end it.</summary>
    public DateTimeOffset? EndAskedAt { get; init; }

    /// <summary>Whether the provider took that request; if not, it is sent again at the next look.</summary>
    public bool IsEndTaken { get; init; }

    /// <summary>How often.</summary>
    public int EndsAsked { get; init; }

    /// <summary>When the provider was first seen to say that it is gone.</summary>
    public DateTimeOffset? GoneAt { get; init; }

    /// <summary>What became of it, in words.</summary>
    public string Message { get; init; } = "";

    /// <summary>Whether nothing of it can be billed any more.</summary>
    public bool IsSettled => State is AttemptState.Gone or AttemptState.Nothing;
}
