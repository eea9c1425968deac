using static TorchSharp.torch;

namespace Sightline.Training.Stability;

/// <summary>A copy of a model's running statistics, which the forward pass changes before anybody knows whether the step is sound.</summary>
/// <remarks>
/// One batch with NaN makes a batch norm's running mean NaN for ever, so a step that is left out has to give them back. They are some
/// ten thousand numbers: the copy takes about a thousandth of a step.
/// </remarks>
internal sealed class Snapshot : IDisposable
{
    private readonly IReadOnlyList<(Tensor Live, Tensor Copy)> _buffers;

    public Snapshot(nn.Module model)
    {
        using var noGrad = no_grad();
        _buffers = model.buffers().Select(buffer => (buffer, buffer.clone().DetachFromDisposeScope())).ToList();
    }

    /// <summary>Copies the statistics as they are.</summary>
    public void Take()
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (live, copy) in _buffers)
        {
            copy.copy_(live);
        }
    }

    /// <summary>Gives back what was copied last.</summary>
    public void Restore()
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (live, copy) in _buffers)
        {
            live.copy_(copy);
        }
    }

    public void Dispose()
    {
        foreach (var (_, copy) in _buffers)
        {
            copy.Dispose();
        }
    }
}
