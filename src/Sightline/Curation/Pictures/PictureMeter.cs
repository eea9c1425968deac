using System.Buffers.Binary;
using System.Security.Cryptography;
using Sightline.Data;

namespace Sightline.Curation.Pictures;

/// <summary>Measures pictures. One per thread: it keeps its buffers.</summary>
internal sealed class PictureMeter : IDisposable
{
    private readonly Resampler _resampler = new();
    private readonly LevelMeter _levels = new();
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _thumbnail = new byte[Miniature.Side * Miniature.Side * 3];
    private readonly byte[] _luma = new byte[Math.Max(Miniature.Side * Miniature.Side, SharpnessMeter.Side * SharpnessMeter.Side)];
    private readonly byte[] _small = new byte[SharpnessMeter.Side * SharpnessMeter.Side * 3];

    /// <summary>The first 128 bits of SHA-256 over width, height and pixels.</summary>
    public UInt128 PixelHash(PixelBuffer picture)
    {
        Span<byte> size = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(size, picture.Width);
        BinaryPrimitives.WriteInt32LittleEndian(size[4..], picture.Height);
        _hash.AppendData(size);
        _hash.AppendData(picture.Pixels.AsSpan(0, picture.Length));
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.GetHashAndReset(digest);
        return BinaryPrimitives.ReadUInt128BigEndian(digest);
    }

    /// <summary>All facts of a picture.</summary>
    public PictureFacts Measure(PixelBuffer picture, UInt128 pixelHash, string? format)
    {
        var pixels = picture.Pixels.AsSpan(0, picture.Length);
        _levels.Measure(pixels);
        Miniature.Shrink(_resampler, pixels, picture.Width, picture.Height, _thumbnail);
        var luma = _luma.AsSpan(0, Miniature.Side * Miniature.Side);
        Luma.Of(_thumbnail, luma);
        return new PictureFacts
        {
            Width = picture.Width,
            Height = picture.Height,
            PixelHash = pixelHash,
            PerceptualHashes = PerceptualHash.All(luma),
            MeanBrightness = _levels.MeanBrightness,
            BrightnessP5 = _levels.BrightnessPercentile(5),
            BrightnessP99 = _levels.BrightnessPercentile(99),
            EntropyBits = _levels.EntropyBits(),
            IsGrey = _levels.IsGrey,
            Format = format,
            Miniature = Miniature.Means(_thumbnail),
            Sharpness = Sharpness(pixels, picture.Width, picture.Height),
        };
    }

    /// <summary>Frees the hash.</summary>
    public void Dispose() => _hash.Dispose();

    private double Sharpness(ReadOnlySpan<byte> pixels, int width, int height)
    {
        var (smallWidth, smallHeight) = SharpnessMeter.SizeFor(width, height);
        var count = smallWidth * smallHeight;
        var small = _small.AsSpan(0, count * 3);
        _resampler.Resize(
            pixels, width * 3, new Box(0, 0, width, height), smallWidth, smallHeight, new Box(0, 0, smallWidth, smallHeight), Interpolation.Bicubic, small);
        var luma = _luma.AsSpan(0, count);
        Luma.Of(small, luma);
        return SharpnessMeter.Measure(luma, smallWidth, smallHeight);
    }
}
