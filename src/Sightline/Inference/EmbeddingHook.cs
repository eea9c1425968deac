using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Inference;

/// <summary>Keeps what a model's last linear layer is given, batch by batch, while the model runs.</summary>
internal sealed class EmbeddingHook : IDisposable
{
    private readonly IDisposable _registered;
    private readonly int _count;
    private readonly IProgress<double>? _progress;
    private EmbeddingMatrix? _rows;
    private int _filled;

    /// <param name="model">Every family of the catalogue ends with a linear layer.</param>
    /// <param name="count">Pictures that will be run.</param>
    /// <param name="progress">Told the share done.</param>
    public EmbeddingHook(nn.Module<Tensor, Tensor> model, int count, IProgress<double>? progress)
    {
        _count = count;
        _progress = progress;
        _registered = new Removal(model.modules().OfType<Linear>().Last().register_forward_pre_hook((_, input) => Keep(input)));
    }

    /// <summary>[N,D] once all batches have run.</summary>
    /// <exception cref="DataException">A number is not finite.</exception>
    public EmbeddingMatrix Result(Func<int, string> name)
    {
        var rows = _rows is { } all && _filled == _count ? all : throw new InvalidOperationException($"{_filled} of {_count} pictures were run.");
        for (var i = 0; i < rows.Count; i++)
        {
            foreach (var value in rows.Row(i))
            {
                if (!float.IsFinite(value))
                {
                    throw new DataException(
                        $"The model's vector of '{name(i)}' has {value}; every number must be finite. The weights have probably diverged: " +
                        "train again with a lower learning rate.");
                }
            }
        }

        return rows;
    }

    public void Dispose() => _registered.Dispose();

    // To managed memory at once: the layer before may free its result, and the batch's scope does.
    private Tensor Keep(Tensor input)
    {
        var width = (int)input.shape[1];
        var batch = input.to(ScalarType.Float32).cpu().contiguous();
        var values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(batch.bytes);
        _rows ??= new EmbeddingMatrix(_count, width);
        for (var i = 0; i < batch.shape[0]; i++)
        {
            values.Slice(i * width, width).CopyTo(_rows.Row(_filled++));
        }

        _progress?.Report((double)_filled / _count);
        return input;
    }

    private sealed class Removal(nn.Module<Tensor, Tensor>.HookRemover remover) : IDisposable
    {
        public void Dispose() => remover.remove();
    }
}
