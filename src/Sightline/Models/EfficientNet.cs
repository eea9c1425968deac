using Sightline.Data;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>EfficientNet (Tan and Le 2019) and EfficientNetV2 (Tan and Le 2021), as in torchvision.</summary>
internal static class EfficientNet
{
    /// <summary>Chance that the last residual branch is dropped; earlier ones grow linearly from 0.</summary>
    private const double BranchDrop = 0.2;

    // Table 1 of the first paper. Expansion, kernel, stride, input channels, output channels, layers.
    private static readonly Stage[] V1 =
    [
        new(1, 3, 1, 32, 16, 1),
        new(6, 3, 2, 16, 24, 2),
        new(6, 5, 2, 24, 40, 2),
        new(6, 3, 2, 40, 80, 3),
        new(6, 5, 1, 80, 112, 3),
        new(6, 5, 2, 112, 192, 4),
        new(6, 3, 1, 192, 320, 1),
    ];

    // Table 4 of the second paper and its sizes M and L.
    private static readonly Stage[] V2Small =
    [
        new(1, 3, 1, 24, 24, 2, IsFused: true),
        new(4, 3, 2, 24, 48, 4, IsFused: true),
        new(4, 3, 2, 48, 64, 4, IsFused: true),
        new(4, 3, 2, 64, 128, 6),
        new(6, 3, 1, 128, 160, 9),
        new(6, 3, 2, 160, 256, 15),
    ];

    private static readonly Stage[] V2Medium =
    [
        new(1, 3, 1, 24, 24, 3, IsFused: true),
        new(4, 3, 2, 24, 48, 5, IsFused: true),
        new(4, 3, 2, 48, 80, 5, IsFused: true),
        new(4, 3, 2, 80, 160, 7),
        new(6, 3, 1, 160, 176, 14),
        new(6, 3, 2, 176, 304, 18),
        new(6, 3, 1, 304, 512, 5),
    ];

    private static readonly Stage[] V2Large =
    [
        new(1, 3, 1, 32, 32, 4, IsFused: true),
        new(4, 3, 2, 32, 64, 7, IsFused: true),
        new(4, 3, 2, 64, 96, 7, IsFused: true),
        new(4, 3, 2, 96, 192, 10),
        new(6, 3, 1, 192, 224, 19),
        new(6, 3, 2, 224, 384, 25),
        new(6, 3, 1, 384, 640, 7),
    ];

    // Width and depth multipliers, dropout, crop, resize. B5 to B7 were ported from TensorFlow with its norm constants.
    private static readonly Row[] Rows =
    [
        Scaled("efficientnet_b0", 1.0, 1.0, 0.2, 224, 256, 5_288_548, 360, 385_814_752, 77.692),
        Scaled("efficientnet_b1", 1.0, 1.1, 0.2, 240, 256, 7_794_184, 508, 686_802_832, 78.642),
        Scaled("efficientnet_b2", 1.1, 1.2, 0.3, 288, 288, 9_109_994, 508, 1_087_529_456, 80.608),
        Scaled("efficientnet_b3", 1.2, 1.4, 0.3, 300, 320, 12_233_232, 574, 1_827_141_392, 82.008),
        Scaled("efficientnet_b4", 1.4, 1.8, 0.4, 380, 384, 19_341_616, 706, 4_393_771_024, 83.384),
        Ported(Scaled("efficientnet_b5", 1.6, 2.2, 0.4, 456, 456, 30_389_784, 854, 10_266_384_752, 83.444)),
        Ported(Scaled("efficientnet_b6", 1.8, 2.6, 0.5, 528, 528, 43_040_704, 986, 19_067_593_536, 84.008)),
        Ported(Scaled("efficientnet_b7", 2.0, 3.1, 0.5, 600, 600, 66_347_960, 1200, 37_745_884_192, 84.122)),
        Second("efficientnet_v2_s", V2Small, 0.2, 384, 21_458_488, 782, 8_365_617_152, 84.228),
        Second("efficientnet_v2_m", V2Medium, 0.3, 480, 54_139_356, 1120, 24_582_460_384, 85.112),
        Second("efficientnet_v2_l", V2Large, 0.4, 480, 118_515_272, 1548, 56_079_699_008, 85.808) with
        {
            Mean = [0.5f, 0.5f, 0.5f],
            Std = [0.5f, 0.5f, 0.5f],
        },
    ];

    public static IEnumerable<ModelVariant> Variants => Rows.Select(row => new ModelVariant
    {
        Name = row.Name,
        Family = "efficientnet",
        Build = (classes, channels, device) =>
            Network(row, classes, new Layers(device) { Channels = channels, NormEpsilon = row.NormEpsilon, NormMomentum = row.NormMomentum }),
        Parameters = row.Parameters,
        StateKeys = row.StateKeys,
        Macs = row.Macs,
        Top1 = row.Top1,
        Preprocessing = new Preprocessing
        {
            CropSize = row.Crop,
            ResizeSize = row.Resize,
            Interpolation = row.Head is null ? Interpolation.Bicubic : Interpolation.Bilinear,
            Mean = row.Mean,
            Std = row.Std,
        },
    });

    private static Row Scaled(
        string name, double width, double depth, double dropout, int crop, int resize, long parameters, int keys, long macs, double top1)
    {
        var stages = V1.Select(stage => stage with
        {
            Input = Layers.Divisible(stage.Input * width),
            Output = Layers.Divisible(stage.Output * width),
            Count = (int)Math.Ceiling(stage.Count * depth),
        });
        return new Row(name, [.. stages], null, dropout, crop, resize, parameters, keys, macs, top1);
    }

    private static Row Ported(Row row) => row with { NormEpsilon = 1e-3, NormMomentum = 0.01 };

    private static Row Second(string name, Stage[] stages, double dropout, int crop, long parameters, int keys, long macs, double top1) =>
        new(name, stages, 1280, dropout, crop, crop, parameters, keys, macs, top1) { NormEpsilon = 1e-3 };

    private static Sequential Network(Row row, int classes, Layers layers)
    {
        var features = new List<nn.Module<Tensor, Tensor>> { layers.ConvNorm(layers.Channels, row.Stages[0].Input, 3, stride: 2, activation: nn.SiLU()) };
        var total = row.Stages.Sum(stage => stage.Count);
        var made = 0;
        foreach (var stage in row.Stages)
        {
            var blocks = new List<nn.Module<Tensor, Tensor>>();
            for (var i = 0; i < stage.Count; i++)
            {
                var step = i == 0 ? stage : stage with { Input = stage.Output, Stride = 1 };
                var parts = step.IsFused ? FusedParts(step, layers) : Parts(step, layers);
                blocks.Add(new ResidualBlock(parts, step.Stride == 1 && step.Input == step.Output, BranchDrop * made++ / total));
            }

            features.Add(nn.Sequential(blocks));
        }

        var last = row.Stages[^1].Output;
        var head = row.Head ?? 4 * last;
        features.Add(layers.ConvNorm(last, head, 1, activation: nn.SiLU()));
        var bound = 1 / Math.Sqrt(classes);
        return nn.Sequential(
            ("features", nn.Sequential(features)),
            ("avgpool", nn.AdaptiveAvgPool2d(1)),
            ("flatten", nn.Flatten()),
            ("classifier", nn.Sequential(
                nn.Dropout(row.Dropout), layers.Linear(head, classes, weight => nn.init.uniform_(weight, -bound, bound)))));
    }

    private static Sequential Parts(Stage stage, Layers layers)
    {
        var expanded = Layers.Divisible(stage.Input * stage.Expansion);
        var parts = new List<nn.Module<Tensor, Tensor>>();
        if (expanded != stage.Input)
        {
            parts.Add(layers.ConvNorm(stage.Input, expanded, 1, activation: nn.SiLU()));
        }

        parts.Add(layers.ConvNorm(expanded, expanded, stage.Kernel, stage.Stride, expanded, nn.SiLU()));
        parts.Add(new SqueezeExcitation(layers, expanded, Math.Max(1, stage.Input / 4), nn.SiLU(), nn.Sigmoid()));
        parts.Add(layers.ConvNorm(expanded, stage.Output, 1));
        return nn.Sequential(parts);
    }

    private static Sequential FusedParts(Stage stage, Layers layers)
    {
        var expanded = Layers.Divisible(stage.Input * stage.Expansion);
        return expanded == stage.Input
            ? nn.Sequential(layers.ConvNorm(stage.Input, stage.Output, stage.Kernel, stage.Stride, activation: nn.SiLU()))
            : nn.Sequential(
                layers.ConvNorm(stage.Input, expanded, stage.Kernel, stage.Stride, activation: nn.SiLU()),
                layers.ConvNorm(expanded, stage.Output, 1));
    }

    private sealed record Stage(int Expansion, int Kernel, int Stride, int Input, int Output, int Count, bool IsFused = false);

    private sealed record Row(
        string Name,
        Stage[] Stages,
        int? Head,
        double Dropout,
        int Crop,
        int Resize,
        long Parameters,
        int StateKeys,
        long Macs,
        double Top1)
    {
        public double NormEpsilon { get; init; } = 1e-5;

        public double NormMomentum { get; init; } = 0.1;

        public float[] Mean { get; init; } = [0.485f, 0.456f, 0.406f];

        public float[] Std { get; init; } = [0.229f, 0.224f, 0.225f];
    }
}
