namespace Sightline.Compute.Leases;

/// <summary>What a provider says of a machine. A machine that is gone has no state: it is not found.</summary>
public enum MachineState
{
    /// <summary>It is being made or starts.</summary>
    Creating,
    /// <summary>It runs.</summary>
    Running,
    /// <summary>It is stopped and can be started again; most providers go on billing its disk.</summary>
    Stopped,
    /// <summary>It is being ended.</summary>
    Ending,
    /// <summary>It exists but will never run; it may be billed.</summary>
    Failed,
}
