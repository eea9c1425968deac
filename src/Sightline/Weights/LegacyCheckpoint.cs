using System.Buffers.Binary;
using System.Numerics;
using static TorchSharp.torch;

namespace Sightline.Weights;

/// <summary>PyTorch's .pth files from before 1.6, read as data. torchvision still publishes DenseNet and ResNeXt in this form.</summary>
/// <remarks>
/// Format: pytorch, torch/serialization.py, <c>_legacy_save</c>. Five pickles stand one behind the other: a magic number, the version, facts
/// of the machine, the content, and the keys of the storages; then each storage in that order, its length in elements (int64) before its values.
/// </remarks>
internal static class LegacyCheckpoint
{
    private const long Version = 1001;
    private const int LengthBytes = 8;

    private static readonly BigInteger Magic = BigInteger.Parse("01950a86a20f9469cfc6c", System.Globalization.NumberStyles.HexNumber, null);

    /// <summary>Whether the first bytes of a file are those of a bare pickle.</summary>
    public static bool Recognises(ReadOnlySpan<byte> start) => start.Length >= 2 && start[0] == 0x80 && start[1] is >= 2 and <= 5;

    /// <summary>As <see cref="TorchCheckpoint.Read"/>.</summary>
    public static TensorSet Read(string path)
    {
        Native.NativeRuntime.EnsureLoaded();
        using var stream = WeightsFile.Open(path);
        var start = new byte[Math.Min(stream.Length, TorchCheckpoint.MostTableBytes)];
        stream.ReadExactly(start);
        var pickles = new TensorUnpickler(path, start);
        if (pickles.Next() is not BigInteger magic || magic != Magic)
        {
            throw new WeightsException($"'{path}' is a Python pickle and no PyTorch file. Save the tensors: torch.save(model.state_dict(), 'weights.pth').");
        }

        if (pickles.Next() is not Version)
        {
            throw new WeightsException($"'{path}' is in a version of PyTorch's old format that is not known ({Version} is). Load and save it again with PyTorch.");
        }

        if (pickles.Next() is Dictionary<object, object?> machine && machine.TryGetValue("little_endian", out var little) && little is false)
        {
            throw new WeightsException($"'{path}' was written on a big-endian machine. Save it again on a little-endian one.");
        }

        var content = pickles.Next();
        var keys = pickles.Next() as List<object?> ?? throw Damaged(path, "no list of its storages");
        var places = Places(path, keys, pickles, stream);
        var (part, tensors) = TorchCheckpoint.Select(path, content);
        var values = TorchCheckpoint.Materialise(path, tensors, stream.Length, storage =>
        {
            stream.Position = places.TryGetValue(storage.Key, out var place) ? place : throw Damaged(path, $"no storage '{storage.Key}', which a tensor uses");
            return TensorBytes.Read(stream, [storage.Elements], storage.Type, storage.Elements * storage.ElementBytes);
        });
        return new TensorSet(path, values, part: part) { Architecture = TorchCheckpoint.Architecture(content) };
    }

    // Where the values of each storage begin. All lengths are checked against the file before anything is allocated.
    private static Dictionary<string, long> Places(string path, List<object?> keys, TensorUnpickler pickles, FileStream stream)
    {
        var places = new Dictionary<string, long>();
        var position = (long)pickles.Position;
        Span<byte> field = stackalloc byte[LengthBytes];
        foreach (var item in keys)
        {
            if (item is not string key || !pickles.Storages.TryGetValue(key, out var storage))
            {
                throw Damaged(path, $"a storage '{item}' that no tensor names");
            }

            if (stream.Length - position < LengthBytes || (stream.Length - position - LengthBytes) / storage.ElementBytes < storage.Elements)
            {
                throw new WeightsException($"'{path}' is cut short: it ends within storage '{key}'. Copy or download it again.");
            }

            stream.Position = position;
            stream.ReadExactly(field);
            var elements = BinaryPrimitives.ReadInt64LittleEndian(field);
            if (elements != storage.Elements || elements > int.MaxValue / storage.ElementBytes || !places.TryAdd(key, position + LengthBytes))
            {
                throw Damaged(path, $"{elements} elements in storage '{key}' where {storage.Elements} are due");
            }

            position += LengthBytes + (storage.Elements * storage.ElementBytes);
        }

        return places;
    }

    private static WeightsException Damaged(string path, string seen) => new($"'{path}' is damaged: it has {seen}. Copy or download it again.");
}
