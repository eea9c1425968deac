using Sightline.Compute.Gpus;

namespace Sightline.Compute.Offers;

/// <summary>What a machine type holds, where the price list does not say it or says it wrong.</summary>
/// <param name="Provider">The provider's id.</param>
/// <param name="Name">The machine type.</param>
/// <param name="GpuId">The GPU, as in the catalogue.</param>
/// <param name="Count">GPUs.</param>
/// <param name="VirtualCpus">Virtual processors.</param>
/// <param name="MemoryGib">Main memory, GiB.</param>
internal sealed record MachineType(string Provider, string Name, string GpuId, int Count, int VirtualCpus, double MemoryGib)
{
    /// <summary>A price of this type; what the machine holds is filled in.</summary>
    /// <param name="region">Where.</param>
    /// <param name="price">On demand, USD per hour; null where it is not known.</param>
    /// <param name="spot">Spot, USD per hour; null where it is not known.</param>
    /// <param name="seenOn">When the price was read.</param>
    /// <param name="source">Where it was read.</param>
    public PriceRow Row(string region, decimal? price, decimal? spot, DateOnly seenOn, string source)
    {
        var gpu = GpuCatalog.Find(GpuId);
        return new PriceRow
        {
            Provider = Provider,
            Instance = Name,
            Accelerator = gpu.Model,
            Count = Count,
            VirtualCpus = VirtualCpus,
            MemoryGib = MemoryGib,
            GpuMemoryMib = gpu.MemoryMib,
            Region = region,
            PricePerHourUsd = price,
            SpotPricePerHourUsd = spot,
            SeenOn = seenOn,
            Source = source,
        };
    }
}

/// <summary>The machine types with GPUs of the clouds that sell by type.</summary>
internal static class MachineTypes
{
    /// <summary>All types; sources: the providers' size pages and the price extracts of 2026-11.</summary>
    public static IReadOnlyList<MachineType> All { get; } =
    [
        new("azure", "Standard_NC6s_v3", "v100-16", 1, 6, 112),
        new("azure", "Standard_NC12s_v3", "v100-16", 2, 12, 224),
        new("azure", "Standard_NC24s_v3", "v100-16", 4, 24, 448),
        new("azure", "Standard_ND40rs_v2", "v100-32", 8, 40, 672),
        new("azure", "Standard_NC4as_T4_v3", "t4", 1, 4, 28),
        new("azure", "Standard_NC8as_T4_v3", "t4", 1, 8, 56),
        new("azure", "Standard_NC16as_T4_v3", "t4", 1, 16, 110),
        new("azure", "Standard_NC64as_T4_v3", "t4", 4, 64, 440),
        new("azure", "Standard_NV36ads_A10_v5", "a10", 1, 36, 440),
        new("azure", "Standard_NC24ads_A100_v4", "a100-80-pcie", 1, 24, 220),
        new("azure", "Standard_NC48ads_A100_v4", "a100-80-pcie", 2, 48, 440),
        new("azure", "Standard_NC96ads_A100_v4", "a100-80-pcie", 4, 96, 880),
        new("azure", "Standard_ND96asr_v4", "a100-40", 8, 96, 900),
        new("azure", "Standard_ND96amsr_A100_v4", "a100-80-sxm", 8, 96, 1800),
        new("azure", "Standard_NC40ads_H100_v5", "h100-nvl", 1, 40, 320),
        new("azure", "Standard_NC80adis_H100_v5", "h100-nvl", 2, 80, 640),
        new("azure", "Standard_ND96isr_H100_v5", "h100-sxm", 8, 96, 1900),
        new("gcp", "a2-highgpu-1g", "a100-40", 1, 12, 85),
        new("gcp", "a2-highgpu-2g", "a100-40", 2, 24, 170),
        new("gcp", "a2-highgpu-4g", "a100-40", 4, 48, 340),
        new("gcp", "a2-highgpu-8g", "a100-40", 8, 96, 680),
        new("gcp", "a2-ultragpu-1g", "a100-80-sxm", 1, 12, 170),
        new("gcp", "a2-ultragpu-2g", "a100-80-sxm", 2, 24, 340),
        new("gcp", "a2-ultragpu-4g", "a100-80-sxm", 4, 48, 680),
        new("gcp", "a2-ultragpu-8g", "a100-80-sxm", 8, 96, 1360),
        new("gcp", "a3-highgpu-1g", "h100-sxm", 1, 26, 234),
        new("gcp", "a3-highgpu-8g", "h100-sxm", 8, 208, 1872),
        new("gcp", "g2-standard-4", "l4", 1, 4, 16),
        new("gcp", "g2-standard-8", "l4", 1, 8, 32),
        new("gcp", "n1-standard-8+t4", "t4", 1, 8, 30),
        new("gcp", "n1-standard-8+v100", "v100-16", 1, 8, 30),
        new("aws", "p3.2xlarge", "v100-16", 1, 8, 61),
        new("aws", "p3.8xlarge", "v100-16", 4, 32, 244),
        new("aws", "p3.16xlarge", "v100-16", 8, 64, 488),
        new("aws", "p4d.24xlarge", "a100-40", 8, 96, 1152),
        new("aws", "p4de.24xlarge", "a100-80-sxm", 8, 96, 1152),
        new("aws", "p5.48xlarge", "h100-sxm", 8, 192, 2048),
        new("aws", "g4dn.xlarge", "t4", 1, 4, 16),
        new("aws", "g4dn.2xlarge", "t4", 1, 8, 32),
        new("aws", "g5.xlarge", "a10g", 1, 4, 16),
        new("aws", "g5.2xlarge", "a10g", 1, 8, 32),
        new("aws", "g6.xlarge", "l4", 1, 4, 16),
        new("aws", "g6e.xlarge", "l40s", 1, 4, 32),
    ];

    private static readonly Dictionary<(string, string), MachineType> _byName = All.ToDictionary(type => (type.Provider, type.Name));

    /// <summary>A type, or null when it is not listed.</summary>
    public static MachineType? Find(string provider, string name) => _byName.GetValueOrDefault((provider, name));
}
