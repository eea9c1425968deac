using System.Buffers.Binary;
using System.IO.Compression;
using Sightline.Data;

namespace Sightline.Runs.Report;

/// <summary>
/// Writes 8-bit grey or RGB pictures as PNG (W3C Recommendation, third edition). The base library has no picture encoder, and
/// the report should not need a native one.
/// </summary>
internal static class Png
{
    private static readonly uint[] _crcTable = MakeCrcTable();

    public static byte[] Encode(PixelImage image)
    {
        var grey = IsGrey(image.Pixels);
        var channels = grey ? 1 : 3;
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a]);

        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], image.Height);
        header[8] = 8;
        header[9] = (byte)(grey ? 0 : 2);
        Chunk(file, "IHDR"u8, header);

        using var data = new MemoryStream();
        using (var zlib = new ZLibStream(data, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            WriteRows(zlib, grey ? Grey(image.Pixels) : image.Pixels, image.Width * channels, channels);
        }

        Chunk(file, "IDAT"u8, data.ToArray());
        Chunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    /// <summary>Each row with the filter whose bytes, taken as signed, have the least sum (the specification's section 12.7).</summary>
    private static void WriteRows(Stream target, byte[] pixels, int stride, int channels)
    {
        var above = new byte[stride];
        var best = new byte[stride + 1];
        var trial = new byte[stride + 1];
        for (var start = 0; start < pixels.Length; start += stride)
        {
            var row = pixels.AsSpan(start, stride);
            var bestSum = long.MaxValue;
            for (var filter = 0; filter < 5; filter++)
            {
                var sum = Filter(filter, row, above, channels, trial);
                if (sum < bestSum)
                {
                    bestSum = sum;
                    (best, trial) = (trial, best);
                }
            }

            target.Write(best);
            row.CopyTo(above);
        }
    }

    private static long Filter(int filter, ReadOnlySpan<byte> row, byte[] above, int channels, byte[] result)
    {
        result[0] = (byte)filter;
        var sum = 0L;
        for (var i = 0; i < row.Length; i++)
        {
            var left = i < channels ? 0 : row[i - channels];
            var corner = i < channels ? 0 : above[i - channels];
            var predicted = filter switch
            {
                0 => 0,
                1 => left,
                2 => above[i],
                3 => (left + above[i]) / 2,
                _ => Paeth(left, above[i], corner),
            };
            result[i + 1] = (byte)(row[i] - predicted);
            sum += Math.Abs((int)(sbyte)result[i + 1]);
        }

        return sum;
    }

    private static int Paeth(int left, int above, int corner)
    {
        var estimate = left + above - corner;
        var (toLeft, toAbove, toCorner) = (Math.Abs(estimate - left), Math.Abs(estimate - above), Math.Abs(estimate - corner));
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }

    private static bool IsGrey(byte[] pixels)
    {
        for (var i = 0; i < pixels.Length; i += 3)
        {
            if (pixels[i] != pixels[i + 1] || pixels[i] != pixels[i + 2])
            {
                return false;
            }
        }

        return true;
    }

    private static byte[] Grey(byte[] pixels)
    {
        var grey = new byte[pixels.Length / 3];
        for (var i = 0; i < grey.Length; i++)
        {
            grey[i] = pixels[3 * i];
        }

        return grey;
    }

    private static void Chunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(type);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Crc(Crc(uint.MaxValue, type), data));
        file.Write(number);
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            crc = _crcTable[(crc ^ value) & 0xff] ^ (crc >> 8);
        }

        return crc;
    }

    /// <summary>CRC-32 of ISO 3309, polynomial 0xEDB88320 reflected (the specification's annex D).</summary>
    private static uint[] MakeCrcTable()
    {
        var table = new uint[256];
        for (var n = 0u; n < 256; n++)
        {
            var c = n;
            for (var bit = 0; bit < 8; bit++)
            {
                c = (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
            }

            table[n] = c;
        }

        return table;
    }
}
