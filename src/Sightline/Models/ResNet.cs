using Sightline.Data;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>Residual networks (He et al. 2015) in torchvision's V1.5 form, ResNeXt (Xie et al. 2016), and variants for small pictures.</summary>
/// <remarks>
/// V1.5: the stride of a bottleneck sits on its 3x3 convolution. The small variants follow section 4.2 of the paper in one point:
/// a 3x3 stem of stride 1 and no first pooling, so that a picture of 28 to 64 px keeps its detail; their stages are the large ones'.
/// </remarks>
internal static class ResNet
{
    private static readonly Preprocessing Standard = new() { CropSize = 224, ResizeSize = 256 };
    private static readonly Preprocessing Small = new() { CropSize = 32, ResizeSize = 32 };

    // The figures are checked against torchvision 0.14.1 by tests/golden/models.py and by ModelProfile.
    private static readonly Row[] Rows =
    [
        new("resnet18", false, [2, 2, 2, 2], 11_689_512, 122, 1_814_073_344, 69.758),
        new("resnet34", false, [3, 4, 6, 3], 21_797_672, 218, 3_663_761_408, 73.314),
        new("resnet50", true, [3, 4, 6, 3], 25_557_032, 320, 4_089_184_256, 76.130),
        new("resnet101", true, [3, 4, 23, 3], 44_549_160, 626, 7_801_405_440, 77.374),
        new("resnet152", true, [3, 8, 36, 3], 60_192_808, 932, 11_513_626_624, 78.312),
        new("resnext50_32x4d", true, [3, 4, 6, 3], 25_028_904, 320, 4_230_479_872, 77.618) { Groups = 32, GroupWidth = 4 },
        new("resnet10_small", false, [1, 1, 1, 1], 436_536, 74, 16_299_008, null) { Width = 16, SmallPictures = true },
        new("resnet18_light", false, [2, 2, 2, 2], 3_052_040, 122, 139_552_768, null) { Width = 32, SmallPictures = true },
        new("resnet18_small", false, [2, 2, 2, 2], 11_681_832, 122, 555_929_600, null) { SmallPictures = true },
        new("resnet34_small", false, [3, 4, 6, 3], 21_789_992, 218, 1_159_909_376, null) { SmallPictures = true },
        new("resnet50_small", true, [3, 4, 6, 3], 25_549_352, 320, 1_299_857_408, null) { SmallPictures = true },
    ];

    public static IEnumerable<ModelVariant> Variants => Rows.Select(row => new ModelVariant
    {
        Name = row.Name,
        Family = "resnet",
        Build = (classes, channels, device) => Network(row, classes, new Layers(device) { Channels = channels }),
        Parameters = row.Parameters,
        StateKeys = row.StateKeys,
        Macs = row.Macs,
        Top1 = row.Top1,
        Preprocessing = row.SmallPictures ? Small : Standard,
    });

    private static Sequential Network(Row row, int classes, Layers layers)
    {
        var input = row.Width;
        var parts = new List<(string, nn.Module<Tensor, Tensor>)>
        {
            ("conv1", row.SmallPictures ? layers.Conv(layers.Channels, input, 3) : layers.Conv(layers.Channels, input, 7, stride: 2)),
            ("bn1", layers.Norm(input)),
            ("relu", nn.ReLU(inplace: true)),
        };
        if (!row.SmallPictures)
        {
            parts.Add(("maxpool", nn.MaxPool2d(3, stride: 2, padding: 1)));
        }

        for (var stage = 0; stage < row.Blocks.Length; stage++)
        {
            var width = row.Width << stage;
            var blocks = new List<nn.Module<Tensor, Tensor>>();
            for (var i = 0; i < row.Blocks[stage]; i++)
            {
                var stride = stage > 0 && i == 0 ? 2 : 1;
                blocks.Add(row.IsBottleneck
                    ? new Bottleneck(layers, input, width * row.GroupWidth / 64 * row.Groups, width * 4, stride, row.Groups)
                    : new BasicBlock(layers, input, width, stride));
                input = row.IsBottleneck ? width * 4 : width;
            }

            parts.Add(($"layer{stage + 1}", nn.Sequential(blocks)));
        }

        parts.Add(("avgpool", nn.AdaptiveAvgPool2d(1)));
        parts.Add(("flatten", nn.Flatten()));
        parts.Add(("drop", nn.Dropout(0))); // Off until a setting says more; no key of its own.
        parts.Add(("fc", layers.Linear(input, classes)));
        return nn.Sequential(parts);
    }

    /// <summary>The projection of the identity where a block changes its shape; null where it does not.</summary>
    private static Sequential? Downsample(Layers layers, int input, int output, int stride) =>
        stride == 1 && input == output ? null : nn.Sequential(layers.Conv(input, output, 1, stride), layers.Norm(output));

    private sealed record Row(string Name, bool IsBottleneck, int[] Blocks, long Parameters, int StateKeys, long Macs, double? Top1)
    {
        /// <summary>Channels of the stem and the first stage; each later stage has twice as many.</summary>
        public int Width { get; init; } = 64;

        public int Groups { get; init; } = 1;

        /// <summary>Channels of a group of the 3x3 convolution in the first stage.</summary>
        public int GroupWidth { get; init; } = 64;

        public bool SmallPictures { get; init; }
    }

    private sealed class BasicBlock : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> conv1;
        private readonly nn.Module<Tensor, Tensor> bn1;
        private readonly nn.Module<Tensor, Tensor> conv2;
        private readonly nn.Module<Tensor, Tensor> bn2;
        private readonly DropBlock block_drop = new();
        private readonly StochasticDepth drop = new(0);
        private readonly Sequential? downsample;

        public BasicBlock(Layers layers, int input, int output, int stride)
            : base(nameof(BasicBlock))
        {
            conv1 = layers.Conv(input, output, 3, stride);
            bn1 = layers.Norm(output);
            conv2 = layers.Conv(output, output, 3);
            bn2 = layers.Norm(output);
            downsample = Downsample(layers, input, output, stride);
            RegisterComponents();
        }

        // In place where the backward pass does not need the old value: batch norm keeps its input, ReLU its result.
        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var y = bn1.call(conv1.call(x)).relu_();
            y = drop.call(block_drop.call(bn2.call(conv2.call(y))));
            y = y.add_(downsample is null ? x : downsample.call(x)).relu_();
            return y.MoveToOuterDisposeScope();
        }
    }

    private sealed class Bottleneck : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> conv1;
        private readonly nn.Module<Tensor, Tensor> bn1;
        private readonly nn.Module<Tensor, Tensor> conv2;
        private readonly nn.Module<Tensor, Tensor> bn2;
        private readonly nn.Module<Tensor, Tensor> conv3;
        private readonly nn.Module<Tensor, Tensor> bn3;
        private readonly DropBlock block_drop = new();
        private readonly StochasticDepth drop = new(0);
        private readonly Sequential? downsample;

        public Bottleneck(Layers layers, int input, int width, int output, int stride, int groups)
            : base(nameof(Bottleneck))
        {
            conv1 = layers.Conv(input, width, 1);
            bn1 = layers.Norm(width);
            conv2 = layers.Conv(width, width, 3, stride, groups);
            bn2 = layers.Norm(width);
            conv3 = layers.Conv(width, output, 1);
            bn3 = layers.Norm(output);
            downsample = Downsample(layers, input, output, stride);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var y = bn1.call(conv1.call(x)).relu_();
            y = block_drop.call(bn2.call(conv2.call(y))).relu_();
            y = drop.call(bn3.call(conv3.call(y)));
            y = y.add_(downsample is null ? x : downsample.call(x)).relu_();
            return y.MoveToOuterDisposeScope();
        }
    }
}
