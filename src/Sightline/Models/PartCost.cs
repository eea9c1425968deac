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

    /// <summary>Most elements of one of its layers' input and output.</summary>
    public required long Widest { get; init; }

    /// <summary>Learnable values.</summary>
    public required long Parameters { get; init; }

    /// <summary>The parts of a network in order, measured on the meta device.</summary>
    public static IReadOnlyList<PartCost> Measure(ModelVariant variant, int size, int classes)
    {
        using var model = variant.Create(classes, META);
        model.eval();
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var count = new ShapeCounter();
        count.Watch(model);
        var costs = new List<PartCost>();
        var x = empty([1, 3, size, size], device: META);
        foreach (var part in ModelChain.Of(model))
        {
            var kept = count.Kept;
            count.StartWidest();
            var y = part.Module.call(x);
            costs.Add(new PartCost
            {
                Name = part.Name,
                CanStart = part.CanStart,
                Input = x.numel(),
                Side = y.dim() == 4 ? y.shape[2] : 1,
                Kept = count.Kept - kept,
                Widest = count.Widest,
                Parameters = part.Module.parameters().Sum(parameter => parameter.numel()),
            });
            x = y;
        }

        return costs;
    }
}
