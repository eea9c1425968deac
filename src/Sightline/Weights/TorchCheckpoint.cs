using System.IO.Compression;
using static TorchSharp.torch;

namespace Sightline.Weights;

/// <summary>PyTorch's .pth files in their zip form (since 1.6) and the one before, read as data: tensors only, and nothing in the file is run.</summary>
/// <remarks>Format: pytorch, torch/serialization.py. A pickle <c>NAME/data.pkl</c> describes the tensors, <c>NAME/data/K</c> are their values.</remarks>
public static class TorchCheckpoint
{
    /// <summary>The table of tensors of the largest published models has about 1 MB.</summary>
    internal const long MostTableBytes = 16 << 20;

    /// <summary>A tensor may repeat its storage (stride 0, shared weights), but a small file may not become a very large set.</summary>
    private const long RepeatedBytes = 256 << 20;

    // Where training programs put the weights, in timm's order: averaged weights before the raw ones.
    private static readonly string[] Parts = ["state_dict_ema", "model_ema", "state_dict", "model_state_dict", "model"];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>
    /// Contiguous tensors: of the file's dictionary, or of the first of its entries <c>state_dict_ema</c>, <c>model_ema</c>,
    /// <c>state_dict</c>, <c>model_state_dict</c>, <c>model</c> that holds tensors. The caller owns the set.
    /// </returns>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="WeightsException">The file is damaged, holds no tensors, or asks for anything but tensors; that is named.</exception>
    public static TensorSet Read(string path)
    {
        Native.NativeRuntime.EnsureLoaded();
        using var stream = WeightsFile.Open(path);
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
            var table = Table(path, zip);
            var root = table.FullName[..^"data.pkl".Length];
            CheckByteOrder(path, zip, root);
            var content = TensorUnpickler.Read(path, Bytes(path, table, MostTableBytes));
            var (part, tensors) = Select(path, content);
            return new TensorSet(path, Materialise(path, tensors, stream.Length, storage => ReadStorage(path, zip, root, storage)), part: part)
            {
                Architecture = Architecture(content),
            };
        }
        catch (InvalidDataException error)
        {
            throw new WeightsException($"'{path}' is cut short or damaged ({error.Message.TrimEnd('.')}). Copy or download it again.", error);
        }
    }

    /// <summary>Whether the first bytes of a file are those of a zip archive.</summary>
    internal static bool Recognises(ReadOnlySpan<byte> start) => start.StartsWith("PK\x03\x04"u8) || start.StartsWith("PK\x05\x06"u8);

    private static ZipArchiveEntry Table(string path, ZipArchive zip)
    {
        var table = zip.Entries.FirstOrDefault(entry => entry.Name == "data.pkl" && entry.FullName.Count(letter => letter == '/') <= 1);
        if (table is null)
        {
            throw new WeightsException($"'{path}' is a zip archive and no PyTorch file: it has no data.pkl. Choose a .pth or .safetensors file.");
        }

        if (zip.Entries.Any(entry => entry.Name == "constants.pkl"))
        {
            throw new WeightsException(
                $"'{path}' is a TorchScript program. Save its tensors instead: torch.save(torch.jit.load('program.pt').state_dict(), 'weights.pth').");
        }

        return table;
    }

    private static void CheckByteOrder(string path, ZipArchive zip, string root)
    {
        if (zip.GetEntry(root + "byteorder") is { } entry && !Bytes(path, entry, 16).AsSpan().StartsWith("little"u8))
        {
            throw new WeightsException($"'{path}' was written on a big-endian machine. Save it again on a little-endian one.");
        }
    }

    private static byte[] Bytes(string path, ZipArchiveEntry entry, long most)
    {
        if (entry.Length > most)
        {
            throw new WeightsException($"'{path}' has an entry '{entry.FullName}' of {entry.Length} bytes; at most {most} are allowed.");
        }

        var bytes = new byte[entry.Length];
        using var stream = entry.Open();
        ReadAll(path, entry, stream, bytes);
        return bytes;
    }

    private static void ReadAll(string path, ZipArchiveEntry entry, Stream stream, Span<byte> target)
    {
        if (stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) < target.Length)
        {
            throw new WeightsException($"'{path}' is cut short: its entry '{entry.FullName}' ends early. Copy or download it again.");
        }
    }

    /// <summary>The model's name that training programs (timm's for one) store beside the weights; null where there is none.</summary>
    internal static string? Architecture(object? content) =>
        content is Dictionary<object, object?> top && top.TryGetValue("arch", out var value) ? value as string : null;

    /// <summary>The state dictionary in what a pickle held.</summary>
    internal static (string? Part, Dictionary<string, TorchTensor> Tensors) Select(string path, object? content)
    {
        if (content is Dictionary<object, object?> top)
        {
            foreach (var part in Parts)
            {
                if (top.TryGetValue(part, out var value) && value is Dictionary<object, object?> inner && Tensors(inner) is { Count: > 0 } found)
                {
                    return (part, found);
                }
            }

            if (Tensors(top) is { Count: > 0 } tensors)
            {
                return (null, tensors);
            }
        }

        var seen = content is Dictionary<object, object?> keys ? $"the keys {string.Join(", ", keys.Keys.Take(8))}" : "no dictionary";
        throw new WeightsException($"'{path}' holds no state dictionary; it has {seen}. Save one: torch.save(model.state_dict(), 'weights.pth').");
    }

    private static Dictionary<string, TorchTensor> Tensors(Dictionary<object, object?> dictionary) => dictionary
        .Where(pair => pair is { Key: string, Value: TorchTensor })
        .ToDictionary(pair => (string)pair.Key, pair => (TorchTensor)pair.Value!);

    /// <summary>The tensors with their values; each storage is read once.</summary>
    internal static Dictionary<string, Tensor> Materialise(
        string path, Dictionary<string, TorchTensor> tensors, long fileBytes, Func<TorchStorage, Tensor> read)
    {
        Check(path, tensors, fileBytes);
        var result = new Dictionary<string, Tensor>();
        using var scope = NewDisposeScope();
        var blocks = new Dictionary<string, Tensor>();
        foreach (var (key, tensor) in tensors)
        {
            if (!blocks.TryGetValue(tensor.Storage.Key, out var block))
            {
                block = read(tensor.Storage);
                blocks.Add(tensor.Storage.Key, block);
            }
            else if (block.dtype != tensor.Storage.Type || block.numel() != tensor.Storage.Elements)
            {
                throw Lies(path, key, $"uses storage {tensor.Storage.Key} as another type or length than the tensor before it");
            }

            // A tensor without elements may have any strides.
            result.Add(key, TensorBytes.Count(tensor.Shape) == 0
                ? empty(tensor.Shape, block.dtype)
                : block.as_strided(tensor.Shape, tensor.Strides, tensor.Offset).clone().contiguous());
        }

        foreach (var tensor in result.Values)
        {
            tensor.MoveToOuterDisposeScope();
        }

        return result;
    }

    // Everything is checked before anything is allocated: each view must lie within its storage.
    private static void Check(string path, Dictionary<string, TorchTensor> tensors, long fileBytes)
    {
        var total = 0L;
        foreach (var (key, tensor) in tensors)
        {
            if (tensor.Shape.Length != tensor.Strides.Length || TensorBytes.Count(tensor.Shape) is not { } count)
            {
                throw Lies(path, key, $"has the shape [{string.Join(", ", tensor.Shape)}] and the strides [{string.Join(", ", tensor.Strides)}]");
            }

            var last = (Int128)tensor.Offset;
            for (var i = 0; i < tensor.Shape.Length; i++)
            {
                last += (Int128)(tensor.Shape[i] - 1) * tensor.Strides[i];
            }

            if (tensor.Offset < 0 || tensor.Strides.Any(stride => stride < 0) || (count > 0 && last >= tensor.Storage.Elements))
            {
                throw Lies(path, key, $"reaches element {last} of a storage of {tensor.Storage.Elements}");
            }

            total = count > (8 * fileBytes) + RepeatedBytes ? long.MaxValue / 2 : total + (count * tensor.Storage.ElementBytes);
            if (total > (8 * fileBytes) + RepeatedBytes)
            {
                throw Lies(path, key, $"would bring the tensors to over {(8 * fileBytes) + RepeatedBytes} bytes from a file of {fileBytes}");
            }
        }
    }

    private static Tensor ReadStorage(string path, ZipArchive zip, string root, TorchStorage storage)
    {
        var name = $"{root}data/{storage.Key}";
        var entry = zip.GetEntry(name) ?? throw new WeightsException($"'{path}' lacks the entry '{name}'. Copy or download it again.");
        if (storage.Elements > int.MaxValue / storage.ElementBytes || entry.Length != storage.Elements * storage.ElementBytes)
        {
            throw new WeightsException(
                $"'{path}' is damaged: its entry '{name}' has {entry.Length} bytes where {storage.Elements} elements of {storage.ElementBytes} are due.");
        }

        using var stream = entry.Open();
        try
        {
            return TensorBytes.Read(stream, [storage.Elements], storage.Type, entry.Length);
        }
        catch (EndOfStreamException error)
        {
            throw new WeightsException($"'{path}' is cut short: its entry '{name}' ends early. Copy or download it again.", error);
        }
    }

    private static WeightsException Lies(string path, string key, string what) =>
        new($"'{path}' has a table that lies: tensor '{key}' {what}. Get the file from a source you trust.");
}
