namespace Sightline.Compute.Leases;

/// <summary>What reading the providers' lists brought to light.</summary>
internal sealed record ReconcileReport
{
    /// <summary>Machines that were joined to their lease: taken over, or to be ended.</summary>
    public List<Machine> Adopted { get; } = [];

    /// <summary>Machines of this installation without a journal entry; each is ended after its notice.</summary>
    public List<Machine> Strays { get; } = [];

    /// <summary>Machines with Sightline's name that another installation leased; left alone.</summary>
    public List<Machine> Foreign { get; } = [];

    /// <summary>Providers that could not be asked, and why: their machines are not seen.</summary>
    public List<(string Provider, string Why)> Unreachable { get; } = [];
}
