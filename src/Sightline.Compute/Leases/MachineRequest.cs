using Sightline.Compute.Offers;

namespace Sightline.Compute.Leases;

/// <summary>The machine that a provider is asked for.</summary>
public sealed record MachineRequest
{
    /// <summary>How the names of all our machines begin.</summary>
    public const string NamePrefix = "sightline-";

    /// <summary>The lease: lower-case letters, digits and hyphens, at most 40. It is unique, so it serves as the provider's request id too.</summary>
    public required string LeaseId { get; init; }

    /// <summary>The machine's name at the provider; where a provider has no names, a label or tag.</summary>
    public string Name => NamePrefix + LeaseId;

    /// <summary>What is rented.</summary>
    public required Offer Offer { get; init; }

    /// <summary>Disk, GiB.</summary>
    public required double DiskGib { get; init; }

    /// <summary>Container or machine image; empty takes the provider's default with a GPU driver.</summary>
    public required string Image { get; init; }

    /// <summary>The key that may log in, in OpenSSH's one-line form.</summary>
    public required string SshPublicKey { get; init; }

    /// <summary>POSIX shell script that the machine runs first. It arms the machine's own stop.</summary>
    public required string StartScript { get; init; }

    /// <summary>When the machine has to be gone.</summary>
    public required DateTimeOffset EndBy { get; init; }

    /// <summary>The highest price of the whole machine, USD per hour. A provider that now asks more throws <see cref="LeaseTrouble.PriceRose"/>.</summary>
    public required decimal MaxPricePerHourUsd { get; init; }
}
