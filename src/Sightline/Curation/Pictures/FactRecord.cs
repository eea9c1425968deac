using System.Buffers.Binary;
using Sightline.Data;

namespace Sightline.Curation.Pictures;

/// <summary>One picture's facts as bytes of a fixed length, little-endian.</summary>
internal static class FactRecord
{
    /// <summary>Key 16, pixel hash 16, size 8, flags 1, format 1, hashes 64, five figures 40, miniature 192.</summary>
    public const int Length = 16 + 16 + 8 + 2 + (PerceptualHash.Turns * 8) + (5 * 8) + MiniatureLength;

    private const int MiniatureLength = 8 * 8 * 3;
    private const int Figures = 42 + (PerceptualHash.Turns * 8);
    private const byte Grey = 1;
    private const byte Flat = 2;

    public static void Write(UInt128 key, PictureFacts facts, Span<byte> target)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(target, key);
        BinaryPrimitives.WriteUInt128LittleEndian(target[16..], facts.PixelHash);
        BinaryPrimitives.WriteInt32LittleEndian(target[32..], facts.Width);
        BinaryPrimitives.WriteInt32LittleEndian(target[36..], facts.Height);
        var isFlat = facts.PerceptualHashes.Count == 0;
        target[40] = (byte)((facts.IsGrey ? Grey : 0) | (isFlat ? Flat : 0));
        target[41] = (byte)(Enum.TryParse<ImageFormat>(facts.Format, ignoreCase: true, out var format) ? format : ImageFormat.Unknown);
        for (var turn = 0; turn < PerceptualHash.Turns; turn++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(target[(42 + (turn * 8))..], isFlat ? 0 : facts.PerceptualHashes[turn]);
        }

        ReadOnlySpan<double> figures = [facts.MeanBrightness, facts.BrightnessP5, facts.BrightnessP99, facts.Sharpness, facts.EntropyBits];
        for (var i = 0; i < figures.Length; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(target[(Figures + (i * 8))..], figures[i]);
        }

        facts.Miniature.CopyTo(target[^MiniatureLength..]);
    }

    public static (UInt128 Key, PictureFacts Facts) Read(ReadOnlySpan<byte> source)
    {
        var figures = new double[5];
        for (var i = 0; i < figures.Length; i++)
        {
            figures[i] = BinaryPrimitives.ReadDoubleLittleEndian(source[(Figures + (i * 8))..]);
        }

        var hashes = new ulong[(source[40] & Flat) != 0 ? 0 : PerceptualHash.Turns];
        for (var turn = 0; turn < hashes.Length; turn++)
        {
            hashes[turn] = BinaryPrimitives.ReadUInt64LittleEndian(source[(42 + (turn * 8))..]);
        }

        return (BinaryPrimitives.ReadUInt128LittleEndian(source), new PictureFacts
        {
            PixelHash = BinaryPrimitives.ReadUInt128LittleEndian(source[16..]),
            Width = BinaryPrimitives.ReadInt32LittleEndian(source[32..]),
            Height = BinaryPrimitives.ReadInt32LittleEndian(source[36..]),
            IsGrey = (source[40] & Grey) != 0,
            Format = FormatName((ImageFormat)source[41]),
            PerceptualHashes = hashes,
            MeanBrightness = figures[0],
            BrightnessP5 = figures[1],
            BrightnessP99 = figures[2],
            Sharpness = figures[3],
            EntropyBits = figures[4],
            Miniature = source[^MiniatureLength..].ToArray(),
        });
    }

    /// <summary>The format in lower case; null where it is not known.</summary>
    public static string? FormatName(ImageFormat format) => format == ImageFormat.Unknown ? null : format.ToString().ToLowerInvariant();
}
