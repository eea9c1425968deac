using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Sightline.Runs.TensorBoard;

/// <summary>Writes TensorBoard's event files: TFRecords, each with one Event message of one or more figures.</summary>
/// <remarks>
/// tensorflow/core/lib/io/record_writer.h for the frame (length, masked CRC-32C of it, data, masked CRC-32C of them), tensorflow/core/util/event.proto
/// and framework/summary.proto for the fields. Forty bytes per figure; TorchSharp's own writer opens the file anew for each of them.
/// </remarks>
internal sealed class EventFile : IDisposable
{
    private const uint MaskDelta = 0xa282ead8;

    // Length and its check before the data, their check after them.
    private const int FrameBytes = 16;

    private readonly FileStream _stream;

    /// <param name="path">A new file; TensorBoard finds it by <c>tfevents</c> in its name.</param>
    /// <param name="begun">When the first event was.</param>
    public EventFile(string path, DateTimeOffset begun)
    {
        _stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        var head = new MemoryStream();
        Begin(head, begun, 0);
        Text(head, 3, "brain.Event:2");
        Record(head.ToArray());
    }

    /// <summary>Writes figures of one step.</summary>
    /// <param name="at">When.</param>
    /// <param name="step">Steps taken.</param>
    /// <param name="figures">Tags and values.</param>
    public void Write(DateTimeOffset at, long step, IEnumerable<(string Tag, double Value)> figures)
    {
        var summary = new MemoryStream();
        Span<byte> bits = stackalloc byte[4];
        foreach (var (tag, figure) in figures)
        {
            var value = new MemoryStream();
            Text(value, 1, tag);
            Key(value, 2, 5);
            BinaryPrimitives.WriteSingleLittleEndian(bits, (float)figure);
            value.Write(bits);
            Bytes(summary, 1, value.ToArray());
        }

        Write(at, step, summary);
    }

    /// <summary>Writes histograms of one step.</summary>
    /// <param name="at">When.</param>
    /// <param name="step">Steps taken.</param>
    /// <param name="histograms">Tags and values.</param>
    public void Write(DateTimeOffset at, long step, IEnumerable<(string Tag, Histogram Values)> histograms)
    {
        var summary = new MemoryStream();
        foreach (var (tag, values) in histograms)
        {
            var (value, proto) = (new MemoryStream(), new MemoryStream());
            double[] heads = [values.Least, values.Most, values.Count, values.Sum, values.Squares];
            for (var field = 1; field <= heads.Length; field++)
            {
                Key(proto, field, 1);
                Double(proto, heads[field - 1]);
            }

            Doubles(proto, 6, values.Limits);
            Doubles(proto, 7, values.Counts);
            Text(value, 1, tag);
            Bytes(value, 5, proto.ToArray());
            Bytes(summary, 1, value.ToArray());
        }

        Write(at, step, summary);
    }

    /// <summary>Writes a message as <see cref="ReadUpTo"/> gave it.</summary>
    public void WriteRecord(byte[] message) => Record(message);

    /// <summary>The messages of a file of ours up to a step, without its head; one cut short by a crash is left out.</summary>
    /// <param name="path">A file that this class wrote.</param>
    /// <param name="lastStep">The last step to keep.</param>
    public static IReadOnlyList<byte[]> ReadUpTo(string path, long lastStep)
    {
        var messages = new List<byte[]>();
        ReadOnlySpan<byte> rest = File.ReadAllBytes(path);
        var isHead = true;
        while (rest.Length >= FrameBytes && BinaryPrimitives.ReadUInt64LittleEndian(rest) is var length && length <= (ulong)(rest.Length - FrameBytes))
        {
            var message = rest.Slice(FrameBytes - 4, (int)length).ToArray();
            if (!isHead && StepOf(message) <= lastStep)
            {
                messages.Add(message);
            }

            isHead = false;
            rest = rest[(FrameBytes + (int)length)..];
        }

        return messages;
    }

    public void Dispose() => _stream.Dispose();

    // As Begin writes it: a key and eight bytes of time, a key and the step.
    private static long StepOf(ReadOnlySpan<byte> message)
    {
        var (step, shift) = (0L, 0);
        for (var i = 10; i < message.Length; i++, shift += 7)
        {
            step |= (long)(message[i] & 0x7F) << shift;
            if (message[i] < 0x80)
            {
                break;
            }
        }

        return step;
    }

    private void Write(DateTimeOffset at, long step, MemoryStream summary)
    {
        if (summary.Length == 0)
        {
            return;
        }

        var message = new MemoryStream();
        Begin(message, at, step);
        Bytes(message, 5, summary.ToArray());
        Record(message.ToArray());
    }

    private static void Begin(MemoryStream target, DateTimeOffset at, long step)
    {
        Key(target, 1, 1);
        Double(target, at.ToUnixTimeMilliseconds() / 1000.0);
        Key(target, 2, 0);
        Number(target, (ulong)step);
    }

    private static void Double(MemoryStream target, double value)
    {
        Span<byte> bits = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(bits, value);
        target.Write(bits);
    }

    // Packed, as proto3 writes repeated numbers.
    private static void Doubles(MemoryStream target, int field, IReadOnlyList<double> values)
    {
        var packed = new MemoryStream();
        foreach (var value in values)
        {
            Double(packed, value);
        }

        Bytes(target, field, packed.ToArray());
    }

    private static void Key(MemoryStream target, int field, int wireType) => Number(target, (ulong)((field << 3) | wireType));

    private static void Text(MemoryStream target, int field, string text) => Bytes(target, field, Encoding.UTF8.GetBytes(text));

    private static void Bytes(MemoryStream target, int field, byte[] bytes)
    {
        Key(target, field, 2);
        Number(target, (ulong)bytes.Length);
        target.Write(bytes);
    }

    private static void Number(MemoryStream target, ulong value)
    {
        while (value >= 0x80)
        {
            target.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        target.WriteByte((byte)value);
    }

    private void Record(byte[] data)
    {
        Span<byte> length = stackalloc byte[8];
        Span<byte> check = stackalloc byte[4];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)data.Length);
        _stream.Write(length);
        BinaryPrimitives.WriteUInt32LittleEndian(check, Masked(length));
        _stream.Write(check);
        _stream.Write(data);
        BinaryPrimitives.WriteUInt32LittleEndian(check, Masked(data));
        _stream.Write(check);
        _stream.Flush();
    }

    private static uint Masked(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var one in data)
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return BitOperations.RotateRight(~crc, 15) + MaskDelta;
    }
}
