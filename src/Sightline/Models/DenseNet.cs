using Sightline.Data;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>Densely connected networks with bottlenecks and compression (Huang et al. 2017, DenseNet-BC), as in torchvision.</summary>
/// <remarks>
/// A layer joins its new channels to its input and hands the whole on, instead of each layer joining all earlier parts again: the same
/// memory and the same values, but the backward pass adds one gradient per layer where the list form adds one per pair of layers.
/// </remarks>
internal static class DenseNet
{
    /// <summary>The 1x1 convolution before each 3x3 one makes four times the growth (section 3, "bottleneck layers").</summary>
    private const int BottleneckFactor = 4;

    private static readonly Row[] Rows =
    [
        new("densenet121", 32, 64, [6, 12, 24, 16], 7_978_856, 727, 2_834_161_664, 74.434),
        new("densenet161", 48, 96, [6, 12, 36, 24], 28_681_000, 967, 7_727_907_072, 77.138),
        new("densenet169", 32, 64, [6, 12, 32, 32], 14_149_480, 1015, 3_359_843_328, 75.600),
        new("densenet201", 32, 64, [6, 12, 48, 32], 20_013_928, 1207, 4_291_365_888, 76.896),
    ];

    public static IEnumerable<ModelVariant> Variants => Rows.Select(row => new ModelVariant
    {
        Name = row.Name,
        Family = "densenet",
        Build = (classes, channels, device) => Network(row, classes, new Layers(device) { Channels = channels, Init = ConvolutionInit.FanIn }),
        Parameters = row.Parameters,
        StateKeys = row.StateKeys,
        Macs = row.Macs,
        Top1 = row.Top1,
        Preprocessing = new Preprocessing { CropSize = 224, ResizeSize = 256 },
    });

    private static Sequential Network(Row row, int classes, Layers layers)
    {
        var channels = row.Stem;
        var features = new List<(string, nn.Module<Tensor, Tensor>)>
        {
            ("conv0", layers.Conv(layers.Channels, channels, 7, stride: 2)),
            ("norm0", layers.Norm(channels)),
            ("relu0", nn.ReLU(inplace: true)),
            ("pool0", nn.MaxPool2d(3, stride: 2, padding: 1)),
        };
        for (var block = 0; block < row.Blocks.Length; block++)
        {
            var dense = new List<(string, nn.Module<Tensor, Tensor>)>();
            for (var i = 0; i < row.Blocks[block]; i++)
            {
                dense.Add(($"denselayer{i + 1}", new DenseLayer(layers, channels, row.Growth)));
                channels += row.Growth;
            }

            features.Add(($"denseblock{block + 1}", nn.Sequential(dense)));
            if (block < row.Blocks.Length - 1)
            {
                features.Add(($"transition{block + 1}", Transition(layers, channels)));
                channels /= 2;
            }
        }

        features.Add(("norm5", layers.Norm(channels)));
        return nn.Sequential(
            ("features", nn.Sequential(features)),
            ("relu", nn.ReLU(inplace: true)),
            ("avgpool", nn.AdaptiveAvgPool2d(1)),
            ("flatten", nn.Flatten()),
            ("drop", nn.Dropout(0)), // Off until a setting says more; no key of its own.
            ("classifier", Classifier(layers, channels, classes)));
    }

    private static Sequential Transition(Layers layers, int channels) => nn.Sequential(
        ("norm", layers.Norm(channels)),
        ("relu", nn.ReLU(inplace: true)),
        ("conv", layers.Conv(channels, channels / 2, 1)),
        ("pool", nn.AvgPool2d(2, stride: 2)));

    // torchvision keeps PyTorch's default weight here and zeroes only the bias.
    private static Linear Classifier(Layers layers, int channels, int classes) => layers.Linear(channels, classes, weight => weight);

    private sealed record Row(string Name, int Growth, int Stem, int[] Blocks, long Parameters, int StateKeys, long Macs, double Top1);

    /// <summary>Its input with its own new channels behind.</summary>
    internal sealed class DenseLayer : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> norm1;
        private readonly nn.Module<Tensor, Tensor> conv1;
        private readonly nn.Module<Tensor, Tensor> norm2;
        private readonly nn.Module<Tensor, Tensor> conv2;

        public DenseLayer(Layers layers, int input, int growth)
            : base(nameof(DenseLayer))
        {
            norm1 = layers.Norm(input);
            conv1 = layers.Conv(input, BottleneckFactor * growth, 1);
            norm2 = layers.Norm(BottleneckFactor * growth);
            conv2 = layers.Conv(BottleneckFactor * growth, growth, 3);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var y = conv1.call(norm1.call(x).relu_());
            y = conv2.call(norm2.call(y).relu_());
            return cat([x, y], 1).MoveToOuterDisposeScope();
        }
    }
}
