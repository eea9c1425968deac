namespace Sightline.Compute.Leases;

/// <summary>Where a lease stands.</summary>
internal enum LeaseState
{
    /// <summary>Written down; no provider was asked yet.</summary>
    Requested,
    /// <summary>A provider was asked, or is about to be; the machine is being made.</summary>
    Creating,
    /// <summary>The machine runs and its SSH address is known.</summary>
    Ready,
    /// <summary>Work was seen on it.</summary>
    Running,
    /// <summary>It is on its way to its end: a job may still write its checkpoint, then the provider is asked, then it has to say "gone".</summary>
    Draining,
    /// <summary>The provider says that every machine of the lease is gone.</summary>
    Ended,
    /// <summary>The provider says that the machine is gone, and nobody here asked for it.</summary>
    Lost,
}
