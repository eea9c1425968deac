namespace Sightline.Compute.Leases;

/// <summary>What a provider can do by itself; the controller makes up for what it cannot.</summary>
public sealed record LeaseAbilities
{
    /// <summary>Whether the provider ends a machine at <see cref="MachineRequest.EndBy"/>, even when everything of ours is dead.</summary>
    public bool EndsByItself { get; init; }

    /// <summary>Whether it rents interruptible machines.</summary>
    public bool RentsSpot { get; init; }

    /// <summary>Whether a create that is sent twice with the same lease gives one machine.</summary>
    public bool CreatesOnce { get; init; }

    /// <summary>Whether a shutdown from within the machine ends its billing.</summary>
    public bool EndsFromWithin { get; init; }
}
