using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Sightline.Weights;

/// <summary>NumPy's .npy files: floats, int64 and bool are read, float32 and int64 are written.</summary>
/// <remarks>Format: numpy/numpy, numpy/lib/format.py, versions 1.0 to 3.0.</remarks>
public static partial class NumpyFile
{
    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads an array.</summary>
    /// <param name="path">The file.</param>
    /// <returns>A float16, float32, float64, int64 or bool CPU tensor, row-major. The caller owns it.</returns>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="WeightsException">The file is damaged, of another format or of another element type.</exception>
    public static Tensor Read(string path)
    {
        Native.NativeRuntime.EnsureLoaded();
        using var stream = WeightsFile.Open(path);
        var header = ReadHeader(path, stream);
        var match = HeaderPattern().Match(header);
        if (!match.Success)
        {
            throw new WeightsException($"'{path}' has a NumPy header that cannot be used: {header.Trim()}. Save a plain array with numpy.save.");
        }

        var (type, size) = match.Groups["type"].Value switch
        {
            "<f2" => (float16, 2),
            "<f4" => (float32, 4),
            "<f8" => (float64, 8),
            "<i8" => (int64, 8),
            "|b1" => (@bool, 1),
            var other => throw new WeightsException(
                $"'{path}' has elements of type '{other}'; '<f2', '<f4' and '<f8' (floats), '<i8' (int64) and '|b1' (bool) can be read. " +
                "Save array.astype('float32')."),
        };
        var shape = match.Groups["side"].Captures.Select(side => long.Parse(side.ValueSpan, CultureInfo.InvariantCulture)).ToArray();
        var available = stream.Length - stream.Position;
        if (TensorBytes.Count(shape) is not { } count || count > int.MaxValue / size || count * size != available)
        {
            throw new WeightsException(
                $"'{path}' is damaged: an array of shape ({string.Join(", ", shape)}) and type {type} does not fit the {available} bytes of data in it.");
        }

        if (match.Groups["order"].Value == "False")
        {
            return TensorBytes.Read(stream, shape, type, available);
        }

        // Column-major data is the row-major data of the array with its axes reversed.
        using var reversed = TensorBytes.Read(stream, [.. shape.Reverse()], type, available);
        using var view = reversed.permute([.. Enumerable.Range(0, shape.Length).Select(axis => (long)axis).Reverse()]);
        return view.clone().contiguous();
    }

    /// <summary>Writes an array; the old file, if any, stays until the new one is complete.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensor">float32 or int64, any device and stride.</param>
    /// <exception cref="ArgumentException">The tensor has another type.</exception>
    public static void Write(string path, Tensor tensor)
    {
        var type = tensor.dtype == float32 ? "<f4" : tensor.dtype == int64 ? "<i8"
            : throw new ArgumentException($"The tensor is {tensor.dtype}; a .npy file takes float32 or int64 here.", nameof(tensor));
        var shape = string.Concat(tensor.shape.Select(side => side.ToString(CultureInfo.InvariantCulture) + ", "));
        var header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({(tensor.dim() == 1 ? shape.TrimEnd() : shape.TrimEnd(' ', ','))}), }}";

        // The header ends with a newline, padded so that the data starts at a multiple of 64.
        var padded = header.PadRight(((10 + header.Length + 1 + 63) / 64 * 64) - 11) + "\n";
        AtomicFile.Write(path, stream =>
        {
            stream.Write([.. Magic, 1, 0, (byte)padded.Length, (byte)(padded.Length >> 8)]);
            stream.Write(Encoding.ASCII.GetBytes(padded));
            TensorBytes.Write(stream, tensor);
        });
    }

    private static string ReadHeader(string path, FileStream stream)
    {
        Span<byte> start = stackalloc byte[12];
        var read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (read < start.Length || !start[..6].SequenceEqual(Magic))
        {
            throw new WeightsException($"'{path}' is no .npy file. Save the array with numpy.save.");
        }

        // Version 1 has a two-byte length, later ones four.
        var isFirst = start[6] == 1;
        var length = isFirst ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        stream.Position = isFirst ? 10 : 12;
        if (length > 1 << 16 || length > stream.Length - stream.Position)
        {
            throw new WeightsException($"'{path}' is damaged: its header would have {length} bytes and {stream.Length - stream.Position} follow.");
        }

        var header = new byte[length];
        stream.ReadExactly(header);
        return Encoding.UTF8.GetString(header);
    }

    [GeneratedRegex(@"^\{'descr': '(?<type>[^']+)', 'fortran_order': (?<order>True|False), 'shape': \((?:(?<side>\d{1,18}),? ?)*\), \}\s*$")]
    private static partial Regex HeaderPattern();
}
