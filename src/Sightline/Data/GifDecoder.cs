using System.Buffers.Binary;

namespace Sightline.Data;

/// <summary>
/// The first frame of a GIF. Own code, because other decoders blend: a transparent pixel keeps its palette colour here, as in Pillow's
/// <c>convert("RGB")</c>.
/// </summary>
/// <remarks>GIF89a specification, CompuServe 1990; LZW in appendix F.</remarks>
internal static class GifDecoder
{
    private const int MaximumCodes = 4096;

    private static readonly (int Start, int Step)[] Passes = [(0, 8), (4, 8), (2, 4), (1, 2)];

    public static void Decode(ReadOnlySpan<byte> file, PixelBuffer target)
    {
        if (file.Length < 13)
        {
            throw Truncated();
        }

        var width = BinaryPrimitives.ReadUInt16LittleEndian(file[6..]);
        var height = BinaryPrimitives.ReadUInt16LittleEndian(file[8..]);
        if (width == 0 || height == 0)
        {
            throw new ImageFormatException($"is a damaged Gif file (its size is {width} x {height})");
        }

        ImageDecoder.CheckSize(width, height);
        var at = 13;
        var global = ColourTable(file, file[10], ref at);
        var transparent = SkipToFrame(file, ref at);
        if (at + 9 > file.Length)
        {
            throw Truncated();
        }

        var left = BinaryPrimitives.ReadUInt16LittleEndian(file[at..]);
        var top = BinaryPrimitives.ReadUInt16LittleEndian(file[(at + 2)..]);
        var frame = new Frame(
            left, top, BinaryPrimitives.ReadUInt16LittleEndian(file[(at + 4)..]), BinaryPrimitives.ReadUInt16LittleEndian(file[(at + 6)..]),
            IsInterlaced: (file[at + 8] & 0x40) != 0);
        var flags = file[at + 8];
        at += 9;
        var local = ColourTable(file, flags, ref at);
        var palette = local.IsEmpty ? global : local;

        // What the frame does not cover shows the transparent index, or index 0.
        target.Resize(width, height);
        var canvas = new byte[width * height];
        canvas.AsSpan().Fill((byte)Math.Max(transparent, 0));
        Unpack(file, at, frame, canvas, width, height);
        Paint(canvas, palette, target.Pixels);
    }

    private readonly record struct Frame(int Left, int Top, int Width, int Height, bool IsInterlaced);

    private static ReadOnlySpan<byte> ColourTable(ReadOnlySpan<byte> file, byte flags, ref int at)
    {
        if ((flags & 0x80) == 0)
        {
            return [];
        }

        var length = 3 << ((flags & 7) + 1);
        if (at + length > file.Length)
        {
            throw Truncated();
        }

        var table = file.Slice(at, length);
        at += length;
        return table;
    }

    // Passes extensions up to the first picture; the transparent index of the last control extension, or -1.
    private static int SkipToFrame(ReadOnlySpan<byte> file, ref int at)
    {
        var transparent = -1;
        while (at + 2 <= file.Length)
        {
            var kind = file[at++];
            if (kind == 0x2C)
            {
                return transparent;
            }

            if (kind == 0x3B)
            {
                throw new ImageFormatException("is a Gif file without a picture");
            }

            if (kind != 0x21)
            {
                // Stray bytes between blocks are passed, as Pillow does.
                continue;
            }

            var label = file[at++];
            if (label == 0xF9 && at + 5 <= file.Length && file[at] >= 4)
            {
                transparent = (file[at + 1] & 1) != 0 ? file[at + 4] : -1;
            }

            while (at < file.Length && file[at] != 0)
            {
                at += file[at] + 1;
            }

            at++;
        }

        throw Truncated();
    }

    private static void Unpack(ReadOnlySpan<byte> file, int at, Frame frame, byte[] canvas, int width, int height)
    {
        if (at >= file.Length || file[at] is < 1 or > 8)
        {
            throw at >= file.Length ? Truncated() : Damaged();
        }

        var firstBits = file[at++];
        var clear = 1 << firstBits;
        Span<short> prefix = stackalloc short[MaximumCodes];
        Span<byte> suffix = stackalloc byte[MaximumCodes];
        Span<byte> stack = stackalloc byte[MaximumCodes + 1];
        var (next, bits, previous, first) = (clear + 2, firstBits + 1, -1, (byte)0);
        var (buffer, available, blockLeft) = (0u, 0, 0);
        long written = 0;
        var total = (long)frame.Width * frame.Height;
        while (written < total)
        {
            while (available < bits)
            {
                if (blockLeft == 0)
                {
                    blockLeft = at < file.Length ? file[at++] : throw Truncated();
                    if (blockLeft == 0)
                    {
                        throw Truncated();
                    }
                }

                buffer |= (uint)(at < file.Length ? file[at++] : throw Truncated()) << available;
                available += 8;
                blockLeft--;
            }

            var code = (int)(buffer & ((1u << bits) - 1));
            buffer >>= bits;
            available -= bits;
            if (code == clear)
            {
                (next, bits, previous) = (clear + 2, firstBits + 1, -1);
                continue;
            }

            if (code == clear + 1)
            {
                throw Truncated();
            }

            if (code > next || (code == next && previous < 0) || (previous < 0 && code >= clear))
            {
                throw Damaged();
            }

            // The code that is about to be defined stands for the previous string and its own first byte.
            var depth = 0;
            var walk = code;
            if (code == next)
            {
                stack[depth++] = first;
                walk = previous;
            }

            while (walk >= clear)
            {
                stack[depth++] = suffix[walk];
                walk = prefix[walk];
            }

            first = (byte)walk;
            stack[depth++] = first;
            if (previous >= 0 && next < MaximumCodes)
            {
                (prefix[next], suffix[next]) = ((short)previous, first);
                next++;
                if (next == 1 << bits && bits < 12)
                {
                    bits++;
                }
            }

            previous = code;
            while (depth > 0 && written < total)
            {
                Place(frame, written++, stack[--depth], canvas, width, height);
            }
        }
    }

    private static void Place(Frame frame, long position, byte index, byte[] canvas, int width, int height)
    {
        var row = (int)(position / frame.Width);
        var y = frame.Top + (frame.IsInterlaced ? InterlacedRow(row, frame.Height) : row);
        var x = frame.Left + (int)(position % frame.Width);
        if (x < width && y < height)
        {
            canvas[(y * width) + x] = index;
        }
    }

    // Rows come as every 8th from 0, every 8th from 4, every 4th from 2, every 2nd from 1 (appendix E).
    private static int InterlacedRow(int row, int height)
    {
        foreach (var (start, step) in Passes)
        {
            var count = (height - start + step - 1) / step;
            if (row < count)
            {
                return start + (row * step);
            }

            row -= Math.Max(count, 0);
        }

        return height;
    }

    private static void Paint(byte[] canvas, ReadOnlySpan<byte> palette, byte[] rgb)
    {
        for (var i = 0; i < canvas.Length; i++)
        {
            var colour = canvas[i] * 3;
            if (palette.IsEmpty)
            {
                // No table at all: the index is the grey level.
                rgb[i * 3] = rgb[(i * 3) + 1] = rgb[(i * 3) + 2] = canvas[i];
            }
            else if (colour + 2 < palette.Length)
            {
                palette.Slice(colour, 3).CopyTo(rgb.AsSpan(i * 3));
            }
            else
            {
                rgb.AsSpan(i * 3, 3).Clear();
            }
        }
    }

    private static ImageFormatException Truncated() => new("is a damaged Gif file (its data end too early)");

    private static ImageFormatException Damaged() => new("is a damaged Gif file (its data are invalid)");
}
