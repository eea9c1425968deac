using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>A part of a network whose output is the next part's input.</summary>
/// <param name="Name">Its dotted name in the network, such as <c>layer1.0</c>.</param>
/// <param name="Module">Borrowed from the network.</param>
/// <param name="CanStart">Whether it leaves its input as it is; a layer in place, such as a ReLU after a norm, may not.</param>
internal sealed record ChainPart(string Name, nn.Module<Tensor, Tensor> Module, bool CanStart);

/// <summary>Takes a network apart into the blocks and layers that run one after another.</summary>
/// <remarks>Our families are chains of <see cref="Sequential"/>s down to their blocks; a block, whatever is in it, is one part.</remarks>
internal static class ModelChain
{
    /// <summary>The parts in order; one part alone where the network is no <see cref="Sequential"/>.</summary>
    public static IReadOnlyList<ChainPart> Of(nn.Module<Tensor, Tensor> model)
    {
        var parts = new List<ChainPart>();
        Add("", model, parts);
        return parts;
    }

    private static void Add(string name, nn.Module<Tensor, Tensor> module, List<ChainPart> parts)
    {
        if (module is Sequential sequence && (name.Length == 0 || HasBlock(sequence)))
        {
            foreach (var (child, part) in sequence.named_children())
            {
                Add(name.Length == 0 ? child : $"{name}.{child}", (nn.Module<Tensor, Tensor>)part, parts);
            }
        }
        else
        {
            parts.Add(new ChainPart(name, module, module.children().Any()));
        }
    }

    private static bool HasBlock(Sequential sequence) =>
        sequence.children().Any(child => child is Sequential inner ? HasBlock(inner) : child.children().Any());
}
