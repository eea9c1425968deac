using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Sightline.Data.Store;

/// <summary>When a JPEG was taken, from its EXIF data.</summary>
/// <remarks>EXIF 2.32 (CIPA DC-008-2019), section 4.6.5: DateTimeOriginal, tag 0x9003 of the directory that tag 0x8769 points to, "YYYY:MM:DD HH:MM:SS".</remarks>
internal static class ExifTime
{
    private const int ExifDirectory = 0x8769;
    private const int DateTimeOriginal = 0x9003;
    private const int TextLength = 19;

    /// <summary>The time, taken as UTC since cameras do not store their zone there; null where there is none.</summary>
    public static DateTimeOffset? Read(ReadOnlySpan<byte> file)
    {
        for (var at = 2; at + 4 <= file.Length && file[at] == 0xFF;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (file[at + 1] == 0xDA || length < 2 || at + 2 + length > file.Length)
            {
                return null;
            }

            var body = file.Slice(at + 4, length - 2);
            if (file[at + 1] == 0xE1 && body.StartsWith("Exif\0\0"u8))
            {
                return FromTiff(body[6..]);
            }

            at += 2 + length;
        }

        return null;
    }

    private static DateTimeOffset? FromTiff(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8)
        {
            return null;
        }

        var little = tiff[0] == (byte)'I';
        if (Find(tiff, Read32(tiff[4..], little), ExifDirectory, little) is not { } directory
            || Find(tiff, directory, DateTimeOriginal, little) is not { } at
            || at + TextLength > tiff.Length)
        {
            return null;
        }

        var text = Encoding.ASCII.GetString(tiff.Slice((int)at, TextLength));
        return DateTimeOffset.TryParseExact(text, "yyyy:MM:dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
    }

    // The value of an entry: an offset for both tags that are looked for.
    private static uint? Find(ReadOnlySpan<byte> tiff, uint directory, int tag, bool little)
    {
        if (directory + 2L > tiff.Length)
        {
            return null;
        }

        var count = Read16(tiff[(int)directory..], little);
        for (var i = 0; i < count && directory + 2 + ((i + 1) * 12L) <= tiff.Length; i++)
        {
            var entry = tiff.Slice((int)directory + 2 + (i * 12), 12);
            if (Read16(entry, little) == tag)
            {
                return Read32(entry[8..], little);
            }
        }

        return null;
    }

    private static int Read16(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint Read32(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
