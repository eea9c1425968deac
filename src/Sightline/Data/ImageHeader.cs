using System.Buffers.Binary;

namespace Sightline.Data;

/// <summary>File formats that are read.</summary>
internal enum ImageFormat
{
    Unknown,
    Jpeg,
    Png,
    Gif,
    Bmp,
    WebP,
}

/// <summary>What a file says of itself in its first bytes.</summary>
internal static class ImageHeader
{
    /// <summary>The format by its signature; names of files say nothing.</summary>
    public static ImageFormat Detect(ReadOnlySpan<byte> file) => file switch
    {
        [0xFF, 0xD8, 0xFF, ..] => ImageFormat.Jpeg,
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => ImageFormat.Png,
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => ImageFormat.Gif,
        [(byte)'B', (byte)'M', ..] => ImageFormat.Bmp,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => ImageFormat.WebP,
        _ => ImageFormat.Unknown,
    };

    /// <summary>The EXIF orientation of a JPEG, 1 to 8; 1 where there is none.</summary>
    public static int JpegOrientation(ReadOnlySpan<byte> file)
    {
        var at = 2;
        while (at + 4 <= file.Length && file[at] == 0xFF)
        {
            var marker = file[at + 1];
            if (marker == 0xFF)
            {
                at++;
                continue;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (marker == 0xDA || length < 2 || at + 2 + length > file.Length)
            {
                break;
            }

            var body = file.Slice(at + 4, length - 2);
            if (marker == 0xE1 && body.StartsWith("Exif\0\0"u8))
            {
                return TiffOrientation(body[6..]);
            }

            at += 2 + length;
        }

        return 1;
    }

    // EXIF is a TIFF file: byte order, 42, offset of the first directory; entries of 12 bytes. Tag 0x0112 is the orientation.
    private static int TiffOrientation(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8)
        {
            return 1;
        }

        var little = tiff[0] == (byte)'I';
        var directory = Read32(tiff[4..], little);
        if (directory > tiff.Length - 2)
        {
            return 1;
        }

        var count = Read16(tiff[(int)directory..], little);
        for (var i = 0; i < count; i++)
        {
            var at = (int)directory + 2 + (i * 12);
            if (at + 12 > tiff.Length)
            {
                return 1;
            }

            if (Read16(tiff[at..], little) == 0x0112)
            {
                var value = Read16(tiff[(at + 8)..], little);
                return value is >= 1 and <= 8 ? value : 1;
            }
        }

        return 1;
    }

    private static int Read16(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint Read32(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
