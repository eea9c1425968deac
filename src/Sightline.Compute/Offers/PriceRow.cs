namespace Sightline.Compute.Offers;

/// <summary>What a price covers.</summary>
public enum PricePart
{
    /// <summary>The whole machine.</summary>
    Machine,
    /// <summary>The machine without its GPUs; a <see cref="Gpu"/> row of the same zone completes it.</summary>
    Host,
    /// <summary>The GPUs alone.</summary>
    Gpu,
}

/// <summary>A price as a provider or a sheet states it, before it is checked.</summary>
public sealed record PriceRow
{
    /// <summary>The provider's id, such as <c>azure</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>The machine type; empty for the price of GPUs alone.</summary>
    public string Instance { get; init; } = "";

    /// <summary>The GPU in the provider's words; empty for a host alone.</summary>
    public string Accelerator { get; init; } = "";

    /// <summary>GPUs that the price covers.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Virtual processors; null when not stated.</summary>
    public int? VirtualCpus { get; init; }

    /// <summary>Main memory, GiB; null when not stated.</summary>
    public double? MemoryGib { get; init; }

    /// <summary>Memory of one GPU, MiB; null when not stated.</summary>
    public int? GpuMemoryMib { get; init; }

    /// <summary>Region or place.</summary>
    public string Region { get; init; } = "";

    /// <summary>Zone inside the region; empty when not stated.</summary>
    public string Zone { get; init; } = "";

    /// <summary>On-demand price of all GPUs together, USD per hour; null when unknown.</summary>
    public decimal? PricePerHourUsd { get; init; }

    /// <summary>Price of the interruptible machine, USD per hour; null when unknown or not sold.</summary>
    public decimal? SpotPricePerHourUsd { get; init; }

    /// <summary>What the price covers.</summary>
    public PricePart Part { get; init; }

    /// <summary>When the price was seen.</summary>
    public DateOnly? SeenOn { get; init; }

    /// <summary>Where the price is from.</summary>
    public required string Source { get; init; }

    /// <summary>The provider's own words for the position, where a rule reads them.</summary>
    public string Description { get; init; } = "";

    /// <summary>SSH host of a machine that is reached directly; empty otherwise.</summary>
    public string Host { get; init; } = "";

    /// <summary>What the check doubts about it.</summary>
    internal IReadOnlyList<string> Doubts { get; init; } = [];

    /// <summary>How messages name the row.</summary>
    public override string ToString() => string.Join(' ', new[] { Provider, Instance, Accelerator.Length > 0 ? $"{Count} x {Accelerator}" : "", Zone.Length > 0 ? Zone : Region }
        .Where(part => part.Length > 0));
}
