using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Sightline.Data;

/// <summary>What a JPEG's EXIF data say.</summary>
/// <remarks>
/// EXIF 2.32 (CIPA DC-008-2019): a TIFF file in the segment APP1, section 4.6.4 for the orientation (tag 0x0112), 4.6.5 for DateTimeOriginal
/// (tag 0x9003, "YYYY:MM:DD HH:MM:SS", in the directory that tag 0x8769 points to).
/// </remarks>
internal static class Exif
{
    private const int OrientationTag = 0x0112;
    private const int DirectoryTag = 0x8769;
    private const int TimeTag = 0x9003;
    private const int TimeLength = 19;
    private const int EntryLength = 12;

    /// <summary>The orientation, 1 to 8; 1 where there is none.</summary>
    public static int Orientation(ReadOnlySpan<byte> file)
    {
        var tiff = Tiff(file, out var little);
        var entry = Entry(tiff, tiff.IsEmpty ? 0 : Read32(tiff[4..], little), OrientationTag, little);
        return entry.IsEmpty ? 1 : Read16(entry[8..], little) is var value and >= 1 and <= 8 ? value : 1;
    }

    /// <summary>When the picture was taken, as UTC since cameras do not store their zone there; null where that is not said.</summary>
    public static DateTimeOffset? Time(ReadOnlySpan<byte> file)
    {
        var tiff = Tiff(file, out var little);
        var directory = Entry(tiff, tiff.IsEmpty ? 0 : Read32(tiff[4..], little), DirectoryTag, little);
        var entry = directory.IsEmpty ? default : Entry(tiff, Read32(directory[8..], little), TimeTag, little);
        if (entry.IsEmpty || Read32(entry[8..], little) is var at && at + (long)TimeLength > tiff.Length)
        {
            return null;
        }

        var text = Encoding.ASCII.GetString(tiff.Slice((int)at, TimeLength));
        return DateTimeOffset.TryParseExact(text, "yyyy:MM:dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
    }

    // The TIFF file within the JPEG; empty where there is none.
    private static ReadOnlySpan<byte> Tiff(ReadOnlySpan<byte> file, out bool little)
    {
        little = false;
        for (var at = 2; at + 4 <= file.Length && file[at] == 0xFF;)
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
                return default;
            }

            var body = file.Slice(at + 4, length - 2);
            if (marker == 0xE1 && body.StartsWith("Exif\0\0"u8))
            {
                var tiff = body[6..];
                little = tiff is [(byte)'I', ..];
                return tiff.Length < 8 ? default : tiff;
            }

            at += 2 + length;
        }

        return default;
    }

    // The 12 bytes of a directory's entry: tag, type, count, value or offset. Empty where there is none.
    private static ReadOnlySpan<byte> Entry(ReadOnlySpan<byte> tiff, uint directory, int tag, bool little)
    {
        if (directory + 2L > tiff.Length)
        {
            return default;
        }

        var count = Read16(tiff[(int)directory..], little);
        for (var at = directory + 2L; count > 0 && at + EntryLength <= tiff.Length; count--, at += EntryLength)
        {
            var entry = tiff.Slice((int)at, EntryLength);
            if (Read16(entry, little) == tag)
            {
                return entry;
            }
        }

        return default;
    }

    private static int Read16(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint Read32(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
