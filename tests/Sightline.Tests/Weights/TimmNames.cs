using System.Globalization;

namespace Sightline.Tests.Weights;

/// <summary>timm's tensor names with their shapes, in the order of its state dictionaries, made from timm's own architecture strings.</summary>
/// <remarks>
/// Strings: timm/models/efficientnet.py and mobilenetv3.py (<c>arch_def</c>); what a block holds: timm/models/_efficientnet_blocks.py;
/// ConvNeXt: timm/models/convnext.py. Nothing of Sightline's map is used here.
/// </remarks>
internal static class TimmNames
{
    public static readonly string[][] EfficientNetB0 =
    [
        ["ds_r1_k3_s1_e1_c16_se0.25"], ["ir_r2_k3_s2_e6_c24_se0.25"], ["ir_r2_k5_s2_e6_c40_se0.25"], ["ir_r3_k3_s2_e6_c80_se0.25"],
        ["ir_r3_k5_s1_e6_c112_se0.25"], ["ir_r4_k5_s2_e6_c192_se0.25"], ["ir_r1_k3_s1_e6_c320_se0.25"],
    ];

    // The plain form of EfficientNetV2-S: fused blocks, the first of them without expansion.
    public static readonly string[][] EfficientNetV2Small =
    [
        ["cn_r2_k3_s1_e1_c24"], ["er_r4_k3_s2_e4_c48"], ["er_r4_k3_s2_e4_c64"], ["ir_r6_k3_s2_e4_c128_se0.25"], ["ir_r9_k3_s1_e6_c160_se0.25"],
        ["ir_r15_k3_s2_e6_c256_se0.25"],
    ];

    public static readonly string[][] MobileNetV3Large =
    [
        ["ds_r1_k3_s1_e1_c16"], ["ir_r1_k3_s2_e4_c24", "ir_r1_k3_s1_e3_c24"], ["ir_r3_k5_s2_e3_c40_se0.25"],
        ["ir_r1_k3_s2_e6_c80", "ir_r1_k3_s1_e2.5_c80", "ir_r2_k3_s1_e2.3_c80"], ["ir_r2_k3_s1_e6_c112_se0.25"], ["ir_r3_k5_s2_e6_c160_se0.25"],
        ["cn_r1_k1_s1_c960"],
    ];

    public static readonly string[][] MobileNetV3Small =
    [
        ["ds_r1_k3_s2_e1_c16_se0.25"], ["ir_r1_k3_s2_e4.5_c24", "ir_r1_k3_s1_e3.67_c24"], ["ir_r1_k5_s2_e4_c40_se0.25", "ir_r2_k5_s1_e6_c40_se0.25"],
        ["ir_r2_k5_s1_e3_c48_se0.25"], ["ir_r3_k5_s2_e6_c96_se0.25"], ["cn_r1_k1_s1_c576"],
    ];

    /// <summary>The names of a model of the catalogue with a number of classes.</summary>
    public static List<(string Key, long[] Shape)> Of(string model, int classes) => model switch
    {
        "efficientnet_b0" => Blocks(EfficientNetB0, 32, 1280, classes, isMobile: false),
        "efficientnet_v2_s" => Blocks(EfficientNetV2Small, 24, 1280, classes, isMobile: false),
        "mobilenet_v3_large" => Blocks(MobileNetV3Large, 16, 1280, classes, isMobile: true),
        "mobilenet_v3_small" => Blocks(MobileNetV3Small, 16, 1024, classes, isMobile: true),
        "convnext_tiny" => ConvNeXt([96, 192, 384, 768], [3, 3, 9, 3], classes),
        _ => throw new ArgumentOutOfRangeException(nameof(model), model, null),
    };

    private static List<(string, long[])> Blocks(string[][] stages, int stem, int features, int classes, bool isMobile)
    {
        var keys = new List<(string, long[])> { ("conv_stem.weight", [stem, 3, 3, 3]) };
        Norm(keys, "bn1", stem);
        var width = stem;
        for (var stage = 0; stage < stages.Length; stage++)
        {
            var index = 0;
            foreach (var text in stages[stage])
            {
                var parts = text.Split('_');
                double Number(char letter, double missing) =>
                    parts.Skip(1).FirstOrDefault(part => part[0] == letter && char.IsDigit(part[1])) is { } part ? double.Parse(part[1..], CultureInfo.InvariantCulture) : missing;
                var hasSqueeze = parts.Any(part => part.StartsWith("se", StringComparison.Ordinal));
                for (var repeat = 0; repeat < (int)Number('r', 1); repeat++)
                {
                    var output = (int)Number('c', 0);
                    Block(keys, $"blocks.{stage}.{index++}", parts[0], width, output, Number('e', 1), (int)Number('k', 3), hasSqueeze, isMobile);
                    width = output;
                }
            }
        }

        keys.Add(("conv_head.weight", [features, width, 1, 1]));
        if (isMobile)
        {
            keys.Add(("conv_head.bias", [features]));
        }
        else
        {
            Norm(keys, "bn2", features);
        }

        keys.Add(("classifier.weight", [classes, features]));
        keys.Add(("classifier.bias", [classes]));
        return keys;
    }

    private static void Block(
        List<(string, long[])> keys, string name, string kind, int input, int output, double expansion, int kernel, bool hasSqueeze, bool isMobile)
    {
        var middle = Divisible(input * expansion);
        void Squeeze(int channels)
        {
            if (hasSqueeze)
            {
                var reduced = isMobile ? Divisible(channels * 0.25) : input / 4;
                keys.Add(($"{name}.se.conv_reduce.weight", [reduced, channels, 1, 1]));
                keys.Add(($"{name}.se.conv_reduce.bias", [reduced]));
                keys.Add(($"{name}.se.conv_expand.weight", [channels, reduced, 1, 1]));
                keys.Add(($"{name}.se.conv_expand.bias", [channels]));
            }
        }

        void Conv(string conv, int norm, int to, int from, int side)
        {
            keys.Add(($"{name}.{conv}.weight", [to, from, side, side]));
            Norm(keys, $"{name}.bn{norm}", to);
        }

        switch (kind)
        {
            case "cn":
                Conv("conv", 1, output, input, kernel);
                break;
            case "ds":
                Conv("conv_dw", 1, input, 1, kernel);
                Squeeze(input);
                Conv("conv_pw", 2, output, input, 1);
                break;
            case "er":
                Conv("conv_exp", 1, middle, input, kernel);
                Conv("conv_pwl", 2, output, middle, 1);
                break;
            default:
                Conv("conv_pw", 1, middle, input, 1);
                Conv("conv_dw", 2, middle, 1, kernel);
                Squeeze(middle);
                Conv("conv_pwl", 3, output, middle, 1);
                break;
        }
    }

    private static List<(string, long[])> ConvNeXt(int[] widths, int[] depths, int classes)
    {
        var keys = new List<(string, long[])>();
        void Pair(string name, params long[] shape)
        {
            keys.Add((name + ".weight", shape));
            keys.Add((name + ".bias", [shape[0]]));
        }

        Pair("stem.0", widths[0], 3, 4, 4);
        Pair("stem.1", widths[0]);
        for (var stage = 0; stage < widths.Length; stage++)
        {
            var width = widths[stage];
            if (stage > 0)
            {
                Pair($"stages.{stage}.downsample.0", widths[stage - 1]);
                Pair($"stages.{stage}.downsample.1", width, widths[stage - 1], 2, 2);
            }

            for (var block = 0; block < depths[stage]; block++)
            {
                var name = $"stages.{stage}.blocks.{block}";
                keys.Add(($"{name}.gamma", [width]));
                Pair($"{name}.conv_dw", width, 1, 7, 7);
                Pair($"{name}.norm", width);
                Pair($"{name}.mlp.fc1", 4 * width, width);
                Pair($"{name}.mlp.fc2", width, 4 * width);
            }
        }

        Pair("head.norm", widths[^1]);
        Pair("head.fc", classes, widths[^1]);
        return keys;
    }

    private static void Norm(List<(string, long[])> keys, string name, int channels)
    {
        foreach (var part in new[] { "weight", "bias", "running_mean", "running_var" })
        {
            keys.Add(($"{name}.{part}", [channels]));
        }

        keys.Add(($"{name}.num_batches_tracked", []));
    }

    // timm's make_divisible, timm/layers/helpers.py.
    private static int Divisible(double channels)
    {
        var nearest = Math.Max(8, (int)(channels + 4) / 8 * 8);
        return nearest < 0.9 * channels ? nearest + 8 : nearest;
    }
}
