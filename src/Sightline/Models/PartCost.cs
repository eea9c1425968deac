using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>What a part of a network costs for one picture, from shapes alone.</summary>
internal sealed record PartCost
{
    public required string Name { get; init; }

    /// <summary>Whether a stretch that is computed again may begin with it.</summary>
    public required bool CanStart { get; init; }

    /// <summary>Elements of its input.</summary>
    public required long Input { get; init; }

    /// <summary>Side of its output in pixels; 1 where it has none.</summary>
    public required long Side { get; init; }

    /// <summary>Elements that its forward pass keeps for the backward pass.</summary>
    public required long Kept { get; init; }

    /// <summary>The same, layer by layer, in the order of the forward pass.</summary>
    public IReadOnlyList<LayerCost> Layers { get; init; } = [];

    /// <summary>Elements of the output's gradient that wait while the layers of a block that adds or joins its input go backward; 0 for others.</summary>
    public long Waiting { get; init; }

    /// <summary>Its convolutions.</summary>
    public int Convolutions { get; init; }

    /// <summary>Learnable values.</summary>
    public required long Parameters { get; init; }

    /// <summary>The parts of a network in order, measured on the meta device.</summary>
    /// <param name="variant">A row of the catalogue.</param>
    /// <param name="size">Side of the input, pixels.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="prepare">Sets what keeps memory beside the layers, such as drop block; null leaves the network as it is made.</param>
    public static IReadOnlyList<PartCost> Measure(ModelVariant variant, int size, int classes, Action<nn.Module<Tensor, Tensor>>? prepare = null)
    {
        using var model = variant.Create(classes, META);
        model.eval();
        prepare?.Invoke(model);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var count = new ShapeCounter();
        count.Watch(model);
        var costs = new List<PartCost>();
        var x = empty([1, 3, size, size], device: META);
        foreach (var part in ModelChain.Of(model))
        {
            var (kept, layers, convolutions) = (count.Kept, count.Layers.Count, count.Convolutions);
            var y = part.Module.call(x);
            costs.Add(new PartCost
            {
                Name = part.Name,
                CanStart = part.CanStart,
                Input = x.numel(),
                Side = y.dim() == 4 ? y.shape[2] : 1,
                Kept = count.Kept - kept,
                Layers = count.Layers.Skip(layers).ToList(),
                Waiting = Waits(part.Module, x, y) ? y.numel() : 0,
                Convolutions = count.Convolutions - convolutions,
                Parameters = part.Module.parameters().Sum(parameter => parameter.numel()),
            });
            x = y;
        }

        return costs;
    }

    private static bool Waits(nn.Module part, Tensor input, Tensor output) =>
        part is not Sequential && part.children().Any() && (part is not ResidualBlock || input.shape.SequenceEqual(output.shape));
}
