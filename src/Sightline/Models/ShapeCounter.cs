using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>Adds up what the layers of one forward pass of one picture report through hooks.</summary>
internal sealed class ShapeCounter
{
    private long _sinceBlock;
    private long _widestSinceBlock;

    public long Macs { get; private set; }

    public long ConvolutionOutputs { get; private set; }

    /// <summary>Elements kept for the backward pass.</summary>
    public long Kept { get; private set; }

    /// <summary>Most elements alive at once without gradients.</summary>
    public long Peak { get; private set; }

    /// <summary>Most elements of one layer's input and output.</summary>
    public long Widest { get; private set; }

    /// <summary>What each layer keeps, and its input and output, in the order of the forward pass.</summary>
    public List<LayerCost> Layers { get; } = [];

    public int Convolutions { get; private set; }

    public void Watch(nn.Module model)
    {
        foreach (var (name, module) in model.named_modules())
        {
            if (module is nn.Module<Tensor, Tensor> layer and not Sequential)
            {
                layer.register_forward_hook((_, input, output) =>
                {
                    Add(name, layer, input, output);
                    return output;
                });
            }
        }
    }

    private void Add(string name, nn.Module layer, Tensor input, Tensor output)
    {
        var size = output.numel();
        if (layer is ShapeConvolution convolution)
        {
            Convolutions++;
            ConvolutionOutputs += size;
            Macs += size * convolution.FanIn;
        }
        else if (layer is Linear linear)
        {
            Macs += size * linear.in_features;
        }

        var kept = KeptElements(name, layer, size);
        Kept += kept;
        if (kept > 0 || IsLayer(layer))
        {
            var isFull = layer is ShapeConvolution { IsFull: true };
            Layers.Add(new LayerCost(kept, input.numel() + size) { FullKept = isFull ? input.numel() : 0, FullWidth = isFull ? input.numel() + size : 0 });
        }

        Live(layer, input.numel(), size);
    }

    // What autograd saves: a convolution, linear layer or norm its input; ReLU its result (in place: the same tensor); other
    // activations and products their inputs; max pooling also an int64 index. Counted here at whoever makes the tensor.
    private static long KeptElements(string name, nn.Module layer, long size) => layer switch
    {
        DropBlock { Chance: > 0 } => size, // Its mask.
        Dropout { p: 0 } => 0,
        ReLU or Flatten or StochasticDepth or DropBlock => 0,
        ShapeNorm when name.Contains(".downsample.", StringComparison.Ordinal) => 0, // Only added; a sum keeps nothing.
        ShapeConvolution when name.Contains(".denselayer", StringComparison.Ordinal) && name.EndsWith(".conv2", StringComparison.Ordinal) => 0,
        MaxPool2d => 3 * size,
        ResidualBlock => 0, // Its last layer's tensor, added to in place.
        _ when IsLayer(layer) || layer is DenseNet.DenseLayer or SqueezeExcitation or ConvNeXt.Block => size,
        _ => 0,
    };

    // A block's own scope frees its tensors when it ends; a block whose parts are chained by Sequential frees them one by one.
    private void Live(nn.Module layer, long input, long output)
    {
        if (IsLayer(layer))
        {
            _sinceBlock += layer is ReLU ? 0 : output;
            _widestSinceBlock = Math.Max(_widestSinceBlock, input + output);
            Widest = Math.Max(Widest, input + output);
            Peak = Math.Max(Peak, input + output);
        }
        else if (layer is not SqueezeExcitation)
        {
            var within = layer is ResidualBlock or ConvNeXt.Block ? _widestSinceBlock : _sinceBlock;
            Peak = Math.Max(Peak, input + within + (layer is DenseNet.DenseLayer ? output : 0));
            _sinceBlock = 0;
            _widestSinceBlock = 0;
        }
    }

    private static bool IsLayer(nn.Module layer) =>
        layer.GetType().Assembly != typeof(ShapeCounter).Assembly || layer is ConvNeXt.ChannelNorm or ShapeConvolution or ShapeNorm;
}

/// <summary>Elements that a layer keeps for the backward pass, and those of its input and output together.</summary>
internal readonly record struct LayerCost(long Kept, long Width)
{
    /// <summary>Elements that it keeps in float32 beside them where the others compute in a shorter type.</summary>
    public long FullKept { get; init; }

    /// <summary>Elements of its input and output that are float32 then, beside those in the shorter type.</summary>
    public long FullWidth { get; init; }
}
