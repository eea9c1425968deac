namespace Sightline.Compute.Leases;

/// <summary>A rented machine as its provider shows it.</summary>
public sealed record Machine
{
    /// <summary>The provider's id of it.</summary>
    public required string Id { get; init; }

    /// <summary>Its name; see <see cref="MachineRequest.Name"/>.</summary>
    public required string Name { get; init; }

    /// <summary>The provider's id.</summary>
    public required string Provider { get; init; }

    /// <summary>Its state.</summary>
    public required MachineState State { get; init; }

    /// <summary>Where SSH listens; empty while that is not known.</summary>
    public string SshHost { get; init; } = "";

    /// <summary>Port of SSH. Default 22.</summary>
    public int SshPort { get; init; } = 22;

    /// <summary>Who logs in. Default <c>root</c>.</summary>
    public string SshUser { get; init; } = "root";

    /// <summary>What the provider charges for the whole machine, USD per hour; null when it does not say.</summary>
    public decimal? PricePerHourUsd { get; init; }

    /// <summary>When it was made; null when the provider does not say.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Whether the provider took it back, or has announced to: an interrupted spot machine.</summary>
    public bool IsInterrupted { get; init; }

    /// <summary>The provider's words on its state; empty when there are none.</summary>
    public string Message { get; init; } = "";
}
