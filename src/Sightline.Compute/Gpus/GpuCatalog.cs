using System.Globalization;
using System.Text.RegularExpressions;

namespace Sightline.Compute.Gpus;

/// <summary>The GPUs that Sightline knows: an explicit list. To add one is to add a row.</summary>
public static partial class GpuCatalog
{
    // A reported size this near to a row's is that row's; gpuhunt (MPL-2.0) uses the same tolerance.
    private const double SizeTolerance = 0.07;

    private const string Checked = "NVIDIA data sheet, checked against a second public table";
    private const string Sheet = "NVIDIA data sheet";

    /// <summary>All GPUs, the newest first; those that LibTorch cannot use are listed too, so that they are refused by name.</summary>
    public static IReadOnlyList<Gpu> All { get; } =
    [
        Make("b200", "B200", "B200", 183359, 8000, 77, 1125, 2250, 2250, "10.0", Sheet, "^B200(?!0)"),
        Make("rtx-pro-6000", "RTX PRO 6000 Blackwell", "RTX PRO 6000", 97887, 1597, 120, 252, 504, 504, "12.0", Sheet, "^RTXPRO6000"),
        Make("rtx5090", "GeForce RTX 5090", "RTX 5090", 32607, 1792, 104.8, 105, 210, 210, "12.0", Sheet, "^RTX5090(?!D)"),
        Make("h200", "H200 SXM", "H200", 143771, 4800, 67, 495, 989, 989, "9.0", Checked, "^H200(?!0)"),
        Make("gh200", "GH200 96 GB", "GH200", 98304, 4000, 67, 495, 989, 989, "9.0", Sheet, "^GH200"),
        Make("h100-sxm", "H100 80 GB SXM", "H100", 81559, 3350, 67, 495, 989, 989, "9.0", Checked, "^H100(SXM|80|HBM3|$)"),
        Make("h100-pcie", "H100 80 GB PCIe", "H100", 81559, 2000, 51, 378, 756, 756, "9.0", Checked, "^H100PCI"),
        Make("h100-nvl", "H100 94 GB NVL", "H100 NVL", 95830, 3900, 60, 418, 835, 835, "9.0", Sheet, "^H100(NVL|$)"),
        Make("l40s", "L40S", "L40S", 46068, 864, 91.6, 183, 362, 362, "8.9", Checked, "^L40S"),
        Make("rtx6000-ada", "RTX 6000 Ada", "RTX 6000 Ada", 49140, 960, 91.1, 182, 364, 364, "8.9", Sheet, "^(RTX)?6000ADA"),
        Make("l4", "L4", "L4", 23034, 300, 30.3, 60, 121, 121, "8.9", Checked, "^L4$"),
        Make("rtx4090", "GeForce RTX 4090", "RTX 4090", 24564, 1008, 82.6, 82.6, 165, 165, "8.9", Checked, "^RTX4090(?!D)"),
        Make("rtx4070-ti-super", "GeForce RTX 4070 Ti SUPER", "RTX 4070 Ti SUPER", 16376, 672, 44.1, 44, 88, 88, "8.9", Sheet, "^RTX4070(TISUPER|STI)", "^RTX4070"),
        Make("rtx4060-ti-16", "GeForce RTX 4060 Ti 16 GB", "RTX 4060 Ti", 16380, 288, 22.1, 22, 44, 44, "8.9", Sheet, "(?!)", "^RTX4060"),
        Make("a100-80-sxm", "A100 80 GB SXM", "A100", 81920, 2039, 19.5, 156, 312, 312, "8.0", Checked, "^A100(80GB?)?(SXM|$|80GB?$)"),
        Make("a100-80-pcie", "A100 80 GB PCIe", "A100", 81920, 1935, 19.5, 156, 312, 312, "8.0", Checked, "^A100(80GB?)?PCI"),
        Make("a100-40", "A100 40 GB", "A100", 40960, 1555, 19.5, 156, 312, 312, "8.0", Checked, "^A100(?![08X])"),
        Make("rtx-a6000", "RTX A6000", "RTX A6000", 49140, 768, 38.7, 77, 155, 155, "8.6", Sheet, "^(RTX)?A6000"),
        Make("a40", "A40", "A40", 46068, 696, 37.4, 75, 150, 150, "8.6", Sheet, "^A40$"),
        Make("a10", "A10", "A10", 24576, 600, 31.2, 62.5, 125, 125, "8.6", Checked, "^A10$"),
        Make("a10g", "A10G", "A10G", 24576, 600, 35, 35, 70, 70, "8.6", Checked, "^A10G$"),
        Make("rtx3090", "GeForce RTX 3090", "RTX 3090", 24576, 936, 35.6, 35.6, 71, 71, "8.6", Checked, "^RTX3090$"),
        Make("rtx3080-10", "GeForce RTX 3080 10 GB", "RTX 3080", 10240, 760, 29.8, 29.8, 59.5, 59.5, "8.6", Sheet, "^RTX3080$"),
        Make("rtx3070", "GeForce RTX 3070", "RTX 3070", 8192, 448, 20.3, 20.3, 40.6, 40.6, "8.6", Sheet, "^RTX3070$"),
        Make("rtx3060-12", "GeForce RTX 3060 12 GB", "RTX 3060", 12288, 360, 12.7, 12.7, 25.5, 25.5, "8.6", Sheet, "^RTX3060$"),
        Make("rtx3060-ti", "GeForce RTX 3060 Ti", "RTX 3060 Ti", 8192, 448, 16.2, 16.2, 32.4, 32.4, "8.6", Sheet, "^RTX3060TI$", "^RTX3060$"),
        Make("t4", "T4", "T4", 15360, 320, 8.1, null, 65, null, "7.5", Checked, "^T4$"),
        Make("quadro-rtx8000", "Quadro RTX 8000", "Quadro RTX 8000", 49152, 672, 16.3, null, 131, null, "7.5", Sheet, "^RTX8000(?!0)"),
        Make("quadro-rtx6000", "Quadro RTX 6000", "Quadro RTX 6000", 24576, 672, 16.3, null, 131, null, "7.5", Sheet, "^RTX6000$"),
        Make("v100-32", "V100 32 GB", "V100", 32768, 900, 15.7, null, 125, null, "7.0", Checked, "^V100(?![0S])"),
        Make("v100-16", "V100 16 GB", "V100", 16384, 900, 15.7, null, 125, null, "7.0", Checked, "^V100(?![0S])"),
        Make("p100", "P100", "P100", 16384, 732, 9.3, null, null, null, "6.0", Sheet, "^P100(?!0)"),
        Make("p40", "P40", "P40", 24576, 346, 11.8, null, null, null, "6.1", Sheet, "^P40(?!0)"),
        Make("p4", "P4", "P4", 8192, 192, 5.5, null, null, null, "6.1", Sheet, "^P4$"),
        Make("gtx1080-ti", "GeForce GTX 1080 Ti", "GTX 1080 Ti", 11264, 484, 11.3, null, null, null, "6.1", Sheet, "^GTX1080TI"),
        Make("m60", "M60", "M60", 8192, 160, 4.8, null, null, null, "5.2", Sheet, "^M60(?!0)"),
        Make("k80", "K80 (one of its two GPUs)", "K80", 12288, 240, 4.1, null, null, null, "3.7", Sheet, "^K80(?!0)"),
    ];

    /// <summary>The GPU of an id.</summary>
    /// <exception cref="ComputeException">There is none; the message names those that begin alike.</exception>
    public static Gpu Find(string id) => All.FirstOrDefault(gpu => gpu.Id.Equals(id, StringComparison.OrdinalIgnoreCase))
        ?? throw new ComputeException(ComputeTrouble.Usage, $"There is no GPU '{id}'.{Suggest(id)} 'sightline gpu list' shows all.");

    /// <summary>The GPU behind a provider's words.</summary>
    /// <param name="name">What the provider calls it, such as <c>NVIDIA A100-SXM4-80GB</c> or <c>RTX_4090</c>.</param>
    /// <param name="memoryMib">Memory of one GPU in MiB if it is known; decides between sizes.</param>
    /// <returns>Null when the name is unknown, or the size is none that this model is sold with.</returns>
    public static Gpu? Identify(string name, int? memoryMib = null)
    {
        var plain = Normalize(name);
        var size = memoryMib ?? SizeInName(plain);
        if (Part().IsMatch(plain))
        {
            return null; // A part of a card, or a card of other clocks and memory under the same number.
        }

        var bare = SizeText().Replace(plain, "");
        var candidates = All.Where(gpu => gpu.Pattern.IsMatch(plain) || gpu.Pattern.IsMatch(bare) || (size is not null && gpu.LoosePattern.IsMatch(bare))).ToList();
        return size is { } mib
            ? candidates.FirstOrDefault(gpu => Math.Abs(gpu.MemoryMib - mib) <= SizeTolerance * gpu.MemoryMib)
            : candidates.Count > 0 ? candidates.MinBy(gpu => gpu.MemoryMib) : null; // The smaller size never promises too much.
    }

    /// <summary>Whether some GPU of the catalogue has this name, whatever its memory.</summary>
    internal static bool Knows(string name)
    {
        var bare = SizeText().Replace(Normalize(name), "");
        return Identify(name) is not null || All.Any(gpu => gpu.Pattern.IsMatch(bare) || gpu.LoosePattern.IsMatch(bare));
    }

    /// <summary>The GPU that a driver tells of, null where it is none of the catalogue or has no name.</summary>
    /// <param name="name">What the driver calls it.</param>
    /// <param name="memoryBytes">Its memory; null where it is not told.</param>
    internal static Gpu? Seen(string? name, double? memoryBytes) => name is null ? null : Identify(name, (int?)(memoryBytes / (1 << 20)));

    /// <summary>Upper case letters and digits, without the maker's and the line's name.</summary>
    internal static string Normalize(string name) => Brand().Replace(NotPlain().Replace(name.ToUpperInvariant(), ""), "");

    private static int? SizeInName(string plain) => SizeText().Match(plain) is { Success: true } match
        ? int.Parse(match.Groups["gib"].ValueSpan, CultureInfo.InvariantCulture) * 1024
        : null;

    private static string Suggest(string id)
    {
        var near = All.Where(gpu => gpu.Id.StartsWith(id, StringComparison.OrdinalIgnoreCase))
            .Select(gpu => gpu.Id).ToList();
        return near.Count == 0 ? "" : $" Did you mean {string.Join(" or ", near)}?";
    }

    private static Gpu Make(string id, string name, string model, int memoryMib, double bandwidth, double fp32, double? tf32, double? fp16, double? bf16,
        string capability, string source, string pattern, string loosePattern = "(?!)") => new()
    {
        Id = id,
        Name = name,
        Model = model,
        MemoryMib = memoryMib,
        BandwidthGBps = bandwidth,
        Fp32Tflops = fp32,
        Tf32Tflops = tf32,
        Fp16Tflops = fp16,
        Bf16Tflops = bf16,
        ComputeCapability = Version.Parse(capability),
        Source = source,
        Pattern = new Regex(pattern, RegexOptions.CultureInvariant),
        LoosePattern = new Regex(loosePattern, RegexOptions.CultureInvariant),
    };

    [GeneratedRegex(@"LAPTOP|MOBILE|MAXQ|MIG\d")]
    private static partial Regex Part();

    [GeneratedRegex("[^A-Z0-9]")]
    private static partial Regex NotPlain();

    [GeneratedRegex("^(NVIDIA|TESLA|GEFORCE|QUADRO)+")]
    private static partial Regex Brand();

    [GeneratedRegex(@"(?<=^[A-Z]+\d+(?:SXM\d?|PCIE?|NVL)?)(?<gib>12|16|24|32|40|48|80|94|96|141|180)GI?B?$|(?<=^[AHV]100)(?<gib>16|32|40|80)GB")]
    private static partial Regex SizeText();
}
