using static TorchSharp.torch;

namespace Sightline.Weights;

/// <summary>Named tensors read from one file, on the CPU.</summary>
/// <remarks>Disposing the set disposes the tensors; so does the end of the dispose scope in which it was read, if there is one.</remarks>
public sealed class TensorSet : IDisposable
{
    internal TensorSet(
        string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null, string? part = null)
    {
        Path = path;
        Tensors = tensors;
        Metadata = metadata ?? new Dictionary<string, string>();
        Part = part;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The tensors by key, contiguous, of the file's types and shapes.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors { get; }

    /// <summary>Free text entries; only safetensors has them.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The entry of a training checkpoint that the tensors came from (<c>state_dict_ema</c>); null where the file is nothing else.</summary>
    public string? Part { get; }

    /// <summary>The model's name that the file itself states; null where it states none.</summary>
    internal string? Architecture { get; init; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Tensors.Values)
        {
            tensor.Dispose();
        }
    }
}
