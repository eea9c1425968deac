using Sightline.Data;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>ConvNeXt (Liu et al. 2022, section 3), as in torchvision.</summary>
internal static class ConvNeXt
{
    private const double NormEpsilon = 1e-6;

    /// <summary>Where each block's scale starts (appendix A.1).</summary>
    private const double LayerScale = 1e-6;

    private static readonly Row[] Rows =
    [
        new("convnext_tiny", [96, 192, 384, 768], [3, 3, 9, 3], 0.1, 236, 28_589_128, 182, 4_455_531_264, 82.520),
        new("convnext_small", [96, 192, 384, 768], [3, 3, 27, 3], 0.4, 230, 50_223_688, 344, 8_683_712_256, 83.616),
        new("convnext_base", [128, 256, 512, 1024], [3, 3, 27, 3], 0.5, 232, 88_591_464, 344, 15_354_729_472, 84.062),
    ];

    public static IEnumerable<ModelVariant> Variants => Rows.Select(row => new ModelVariant
    {
        Name = row.Name,
        Family = "convnext",
        Build = (classes, channels, device) => Network(row, classes, new Layers(device) { Channels = channels, Init = ConvolutionInit.Narrow }),
        Parameters = row.Parameters,
        StateKeys = row.StateKeys,
        Macs = row.Macs,
        Top1 = row.Top1,
        Preprocessing = new Preprocessing { CropSize = 224, ResizeSize = row.Resize },
    });

    private static Sequential Network(Row row, int classes, Layers layers)
    {
        var features = new List<nn.Module<Tensor, Tensor>>
        {
            nn.Sequential(layers.Conv(layers.Channels, row.Widths[0], 4, stride: 4, bias: true, padding: 0), new ChannelNorm(layers, row.Widths[0])),
        };
        var last = row.Counts.Sum() - 1.0;
        var made = 0;
        for (var stage = 0; stage < row.Counts.Length; stage++)
        {
            var width = row.Widths[stage];
            var blocks = Enumerable.Range(0, row.Counts[stage]).Select(_ => new Block(layers, width, row.BranchDrop * made++ / last));
            features.Add(nn.Sequential(blocks.ToList<nn.Module<Tensor, Tensor>>()));
            if (stage < row.Counts.Length - 1)
            {
                features.Add(nn.Sequential(
                    new ChannelNorm(layers, width), layers.Conv(width, row.Widths[stage + 1], 2, stride: 2, bias: true, padding: 0)));
            }
        }

        return nn.Sequential(
            ("features", nn.Sequential(features)),
            ("avgpool", nn.AdaptiveAvgPool2d(1)),
            ("classifier", nn.Sequential(
                ("0", new ChannelNorm(layers, row.Widths[^1])),
                ("1", nn.Flatten()),
                ("drop", nn.Dropout(0)), // Off until a setting says more; named, so that the linear layer keeps its key.
                ("2", Linear(layers, row.Widths[^1], classes)))));
    }

    private static Linear Linear(Layers layers, int input, int output) =>
        layers.Linear(input, output, weight => nn.init.normal_(weight, 0, Layers.NarrowDeviation));

    private sealed record Row(
        string Name, int[] Widths, int[] Counts, double BranchDrop, int Resize, long Parameters, int StateKeys, long Macs, double Top1);

    /// <summary>Layer norm over the channels of each pixel of [N,C,H,W], or of [N,H,W,C] where channels are last.</summary>
    internal sealed class ChannelNorm : nn.Module<Tensor, Tensor>
    {
        private readonly int _channels;
        private readonly bool _channelsAreLast;
        private readonly Parameter weight;
        private readonly Parameter bias;

        public ChannelNorm(Layers layers, int channels, bool channelsAreLast = false)
            : base(nameof(ChannelNorm))
        {
            _channels = channels;
            _channelsAreLast = channelsAreLast;
            weight = nn.Parameter(ones(channels, device: layers.Device));
            bias = nn.Parameter(zeros(channels, device: layers.Device));
            RegisterComponents();
        }

        // Both permutes are views, and free of copies where the input lies in channels-last order in memory.
        public override Tensor forward(Tensor x)
        {
            if (x.device_type == DeviceType.META)
            {
                return empty_like(x); // LibTorch has no layer norm on the meta device.
            }

            using var scope = NewDisposeScope();
            var y = _channelsAreLast ? Norm(x) : Norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2);
            return y.MoveToOuterDisposeScope();
        }

        private Tensor Norm(Tensor x) => nn.functional.layer_norm(x, [_channels], weight, bias, NormEpsilon);
    }

    private sealed class Permute(params long[] order) : nn.Module<Tensor, Tensor>(nameof(Permute))
    {
        public override Tensor forward(Tensor x) => x.permute(order);
    }

    /// <summary>Depthwise 7x7, layer norm, two pointwise linear layers with GELU between, scaled and added to the input.</summary>
    internal sealed class Block : nn.Module<Tensor, Tensor>
    {
        private readonly Parameter layer_scale;
        private readonly Sequential block;
        private readonly StochasticDepth drop;

        public Block(Layers layers, int width, double dropChance)
            : base(nameof(Block))
        {
            layer_scale = nn.Parameter(full([width, 1, 1], LayerScale, device: layers.Device));
            block = nn.Sequential(
                layers.Conv(width, width, 7, groups: width, bias: true),
                new Permute(0, 2, 3, 1),
                new ChannelNorm(layers, width, channelsAreLast: true),
                Linear(layers, width, 4 * width),
                nn.GELU(),
                Linear(layers, 4 * width, width),
                new Permute(0, 3, 1, 2));
            drop = new StochasticDepth(dropChance);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            return drop.call(layer_scale * block.call(x)).add_(x).MoveToOuterDisposeScope();
        }
    }
}
