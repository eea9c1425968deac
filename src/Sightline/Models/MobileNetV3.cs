using Sightline.Data;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>MobileNetV3 (Howard et al. 2019, tables 1 and 2), as in torchvision.</summary>
internal static class MobileNetV3
{
    // Input channels, kernel, expanded channels, output channels, squeeze-and-excitation, hard-swish (else ReLU), stride.
    private static readonly Stage[] Large =
    [
        new(16, 3, 16, 16, false, false, 1),
        new(16, 3, 64, 24, false, false, 2),
        new(24, 3, 72, 24, false, false, 1),
        new(24, 5, 72, 40, true, false, 2),
        new(40, 5, 120, 40, true, false, 1),
        new(40, 5, 120, 40, true, false, 1),
        new(40, 3, 240, 80, false, true, 2),
        new(80, 3, 200, 80, false, true, 1),
        new(80, 3, 184, 80, false, true, 1),
        new(80, 3, 184, 80, false, true, 1),
        new(80, 3, 480, 112, true, true, 1),
        new(112, 3, 672, 112, true, true, 1),
        new(112, 5, 672, 160, true, true, 2),
        new(160, 5, 960, 160, true, true, 1),
        new(160, 5, 960, 160, true, true, 1),
    ];

    private static readonly Stage[] Small =
    [
        new(16, 3, 16, 16, true, false, 2),
        new(16, 3, 72, 24, false, false, 2),
        new(24, 3, 88, 24, false, false, 1),
        new(24, 5, 96, 40, true, true, 2),
        new(40, 5, 240, 40, true, true, 1),
        new(40, 5, 240, 40, true, true, 1),
        new(40, 5, 120, 48, true, true, 1),
        new(48, 5, 144, 48, true, true, 1),
        new(48, 5, 288, 96, true, true, 2),
        new(96, 5, 576, 96, true, true, 1),
        new(96, 5, 576, 96, true, true, 1),
    ];

    private static readonly Row[] Rows =
    [
        new("mobilenet_v3_small", Small, 1024, 2_542_856, 244, 56_510_400, 67.668),
        new("mobilenet_v3_large", Large, 1280, 5_483_032, 312, 216_589_760, 74.042),
    ];

    public static IEnumerable<ModelVariant> Variants => Rows.Select(row => new ModelVariant
    {
        Name = row.Name,
        Family = "mobilenet",
        Build = (classes, channels, device) => Network(row, classes, new Layers(device) { Channels = channels, NormEpsilon = 1e-3, NormMomentum = 0.01 }),
        Parameters = row.Parameters,
        StateKeys = row.StateKeys,
        Macs = row.Macs,
        Top1 = row.Top1,
        Preprocessing = new Preprocessing { CropSize = 224, ResizeSize = 256 },
    });

    private static Sequential Network(Row row, int classes, Layers layers)
    {
        var features = new List<nn.Module<Tensor, Tensor>> { layers.ConvNorm(layers.Channels, row.Stages[0].Input, 3, stride: 2, activation: layers.HardSwish()) };
        features.AddRange(row.Stages.Select(stage => new ResidualBlock(Parts(stage, layers), stage.Stride == 1 && stage.Input == stage.Output)));
        var input = row.Stages[^1].Output;
        features.Add(layers.ConvNorm(input, 6 * input, 1, activation: layers.HardSwish()));
        Tensor Draw(Tensor weight) => nn.init.normal_(weight, 0, 0.01);
        return nn.Sequential(
            ("features", nn.Sequential(features)),
            ("avgpool", nn.AdaptiveAvgPool2d(1)),
            ("flatten", nn.Flatten()),
            ("classifier", nn.Sequential(
                layers.Linear(6 * input, row.Hidden, Draw), layers.HardSwish(), nn.Dropout(0.2), layers.Linear(row.Hidden, classes, Draw))));
    }

    private static Sequential Parts(Stage stage, Layers layers)
    {
        nn.Module<Tensor, Tensor> Activation() => stage.HardSwish ? layers.HardSwish() : nn.ReLU(inplace: true);
        var parts = new List<nn.Module<Tensor, Tensor>>();
        if (stage.Expanded != stage.Input)
        {
            parts.Add(layers.ConvNorm(stage.Input, stage.Expanded, 1, activation: Activation()));
        }

        parts.Add(layers.ConvNorm(stage.Expanded, stage.Expanded, stage.Kernel, stage.Stride, stage.Expanded, Activation()));
        if (stage.Squeeze)
        {
            parts.Add(new SqueezeExcitation(
                layers, stage.Expanded, Layers.Divisible(stage.Expanded / 4), nn.ReLU(inplace: true), nn.Hardsigmoid()));
        }

        parts.Add(layers.ConvNorm(stage.Expanded, stage.Output, 1));
        return nn.Sequential(parts);
    }

    private sealed record Stage(int Input, int Kernel, int Expanded, int Output, bool Squeeze, bool HardSwish, int Stride);

    private sealed record Row(string Name, Stage[] Stages, int Hidden, long Parameters, int StateKeys, long Macs, double Top1);
}
