using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using static TorchSharp.torch;

namespace Sightline.Weights;

/// <summary>The safetensors format: 8 bytes of header length, a JSON header, raw little-endian values. Data only, no code.</summary>
/// <remarks>
/// Format: huggingface/safetensors, README "Format". A file is read only if its entries cover the data exactly once, so that no bytes
/// hide in it and none are shared; the reference reader asks the same.
/// </remarks>
public static class Safetensors
{
    private const string MetadataKey = "__metadata__";

    /// <summary>The reference reader's limit.</summary>
    private const long MostHeaderBytes = 100_000_000;

    // Unsigned 16 to 64-bit and 8-bit float types exist in the format, but not in LibTorch's stable set; weights do not use them.
    private static readonly (string Name, ScalarType Type, int Bytes)[] Types =
    [
        ("F64", float64, 8), ("F32", float32, 4), ("F16", float16, 2), ("BF16", bfloat16, 2),
        ("I64", int64, 8), ("I32", int32, 4), ("I16", int16, 2), ("I8", int8, 1), ("U8", uint8, 1), ("BOOL", @bool, 1),
    ];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The tensors and the metadata; the caller owns the set.</returns>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="WeightsException">The file is cut short, or its header lies about its content; the message says where.</exception>
    public static TensorSet Read(string path)
    {
        Native.NativeRuntime.EnsureLoaded();
        using var stream = WeightsFile.Open(path);
        var header = ReadHeader(path, stream);
        var dataStart = stream.Position;
        var metadata = new Dictionary<string, string>();
        var entries = ReadEntries(path, header, metadata);
        CheckCoverage(path, entries, stream.Length - dataStart);
        var tensors = new Dictionary<string, Tensor>();
        try
        {
            foreach (var entry in entries)
            {
                stream.Position = dataStart + entry.Begin;
                tensors.Add(entry.Key, TensorBytes.Read(stream, entry.Shape, entry.Type, entry.End - entry.Begin));
            }
        }
        catch (Exception error)
        {
            foreach (var tensor in tensors.Values)
            {
                tensor.Dispose();
            }

            throw new WeightsException($"'{path}' could not be read ({error.Message}). Copy or download it again.", error);
        }

        return new TensorSet(path, tensors, metadata);
    }

    /// <summary>Writes a file; the old one, if any, stays until the new one is complete. The same input gives the same bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">Tensors of any device and stride; stored row by row.</param>
    /// <param name="metadata">Free text entries; null writes none.</param>
    /// <exception cref="WeightsException">A tensor's type has no place in the format.</exception>
    /// <exception cref="IOException">The file cannot be written; the old one is untouched.</exception>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        // Wide types first, so that each tensor starts at a multiple of its element size.
        var ordered = tensors
            .Select(pair => (pair.Key, Tensor: pair.Value, Type: TypeOf(path, pair.Key, pair.Value.dtype)))
            .OrderByDescending(item => item.Type.Bytes).ThenBy(item => item.Key, StringComparer.Ordinal).ToList();
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(MetadataKey);
                foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            var begin = 0L;
            foreach (var (key, tensor, type) in ordered)
            {
                var end = begin + (tensor.numel() * type.Bytes);
                json.WriteStartObject(key);
                json.WriteString("dtype", type.Name);
                WriteNumbers(json, "shape", tensor.shape);
                WriteNumbers(json, "data_offsets", [begin, end]);
                json.WriteEndObject();
                begin = end;
            }

            json.WriteEndObject();
        }

        while (text.Length % 8 != 0)
        {
            text.WriteByte((byte)' ');
        }

        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
            stream.Write(length);
            stream.Write(text.GetBuffer(), 0, (int)text.Length);
            foreach (var (_, tensor, _) in ordered)
            {
                TensorBytes.Write(stream, tensor);
            }
        });
    }

    /// <summary>Whether the first bytes of a file are those of this format: a header length, then an opening brace.</summary>
    internal static bool Recognises(ReadOnlySpan<byte> start) =>
        start.Length >= 9 && start[8] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(start) <= MostHeaderBytes;

    private static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<long> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }

    private static (string Name, ScalarType Type, int Bytes) TypeOf(string path, string key, ScalarType type)
    {
        var found = Array.Find(Types, row => row.Type == type);
        return found.Name is not null ? found : throw new WeightsException(
            $"Tensor '{key}' is {type}, which '{path}' cannot hold. Convert it to one of {string.Join(", ", Types.Select(row => row.Type))}.");
    }

    private static byte[] ReadHeader(string path, FileStream stream)
    {
        Span<byte> start = stackalloc byte[8];
        if (stream.Length < 8)
        {
            throw Cut(path, $"it has {stream.Length} bytes and needs at least 8");
        }

        stream.ReadExactly(start);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (length > MostHeaderBytes)
        {
            throw new WeightsException($"'{path}' is no safetensors file: its header would have {length} bytes; at most {MostHeaderBytes} are allowed.");
        }

        if ((long)length > stream.Length - 8)
        {
            throw Cut(path, $"its header has {length} bytes and only {stream.Length - 8} follow");
        }

        var header = new byte[length];
        stream.ReadExactly(header);
        return header;
    }

    private static List<Entry> ReadEntries(string path, byte[] header, Dictionary<string, string> metadata)
    {
        var entries = new Dictionary<string, Entry>();
        try
        {
            using var json = JsonDocument.Parse(header);
            foreach (var property in json.RootElement.EnumerateObject())
            {
                if (property.Name == MetadataKey)
                {
                    foreach (var item in property.Value.EnumerateObject())
                    {
                        metadata[item.Name] = item.Value.GetString() ?? throw new FormatException($"metadata '{item.Name}' is null");
                    }
                }
                else if (!entries.TryAdd(property.Name, ReadEntry(property)))
                {
                    throw new FormatException($"tensor '{property.Name}' occurs twice");
                }
            }
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw new WeightsException($"'{path}' has a safetensors header that cannot be used: {error.Message}. Copy or download the file again.", error);
        }

        return [.. entries.Values];
    }

    private static Entry ReadEntry(JsonProperty property)
    {
        var name = property.Value.GetProperty("dtype").GetString();
        var type = Array.Find(Types, row => row.Name == name);
        if (type.Name is null)
        {
            throw new FormatException(
                $"tensor '{property.Name}' is {name}; {string.Join(", ", Types.Select(row => row.Name))} can be read");
        }

        var shape = property.Value.GetProperty("shape").EnumerateArray().Select(side => side.GetInt64()).ToArray();
        var offsets = property.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64()).ToArray();
        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0])
        {
            throw new FormatException($"tensor '{property.Name}' has the data offsets [{string.Join(", ", offsets)}]");
        }

        var bytes = offsets[1] - offsets[0];
        if (TensorBytes.Count(shape) is not { } count || count > long.MaxValue / type.Bytes || count * type.Bytes != bytes)
        {
            throw new FormatException($"tensor '{property.Name}' is {name} [{string.Join(", ", shape)}] and has {bytes} bytes");
        }

        return bytes <= int.MaxValue
            ? new Entry(property.Name, type.Type, shape, offsets[0], offsets[1])
            : throw new FormatException($"tensor '{property.Name}' has {bytes} bytes; at most {int.MaxValue} can be read");
    }

    private static void CheckCoverage(string path, List<Entry> entries, long available)
    {
        var end = 0L;
        foreach (var entry in entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (entry.Begin != end)
            {
                throw new WeightsException(
                    $"'{path}' has a header that lies: tensor '{entry.Key}' starts at byte {entry.Begin} of the data where {end} is due. " +
                    "Tensors must neither overlap nor leave gaps. Get the file from a source you trust.");
            }

            end = entry.End;
        }

        if (end > available)
        {
            throw Cut(path, $"its tensors need {end} bytes of data and {available} are there");
        }

        if (end < available)
        {
            throw new WeightsException($"'{path}' has {available - end} bytes behind its last tensor. Get the file from a source you trust.");
        }
    }

    private static WeightsException Cut(string path, string facts) =>
        new($"'{path}' is cut short: {facts}. Copy or download it again.");

    private sealed record Entry(string Key, ScalarType Type, long[] Shape, long Begin, long End);
}
