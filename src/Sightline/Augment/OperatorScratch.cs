using Sightline.Data;

namespace Sightline.Augment;

/// <summary>What operators work with besides the picture: how they sample, what they fill with, and buffers that are used again. One per thread.</summary>
internal sealed class OperatorScratch
{
    // Vector loads take up to a whole vector where fewer bytes belong to the picture.
    private const int Slack = 64;

    private byte[] _bytes = [];
    private float[] _floats = [];

    /// <summary>How rotated, sheared and scaled pixels are read.</summary>
    public AffineSampling Sampling { get; init; } = AffineSampling.Bilinear;

    /// <summary>What an erased rectangle becomes: R, G, B.</summary>
    public (byte R, byte G, byte B) Fill { get; init; }

    /// <summary>For crops that are resized.</summary>
    public Resampler Resampler { get; } = new();

    /// <summary>A copy of the picture, with spare bytes behind it; valid until the next call.</summary>
    public byte[] Copy(ReadOnlySpan<byte> image)
    {
        if (_bytes.Length < image.Length + Slack)
        {
            _bytes = new byte[image.Length + Slack];
        }

        image.CopyTo(_bytes);
        return _bytes;
    }

    /// <summary>Room for numbers; valid until the next call, content undefined.</summary>
    public Span<float> Floats(int count)
    {
        if (_floats.Length < count)
        {
            _floats = new float[count];
        }

        return _floats.AsSpan(0, count);
    }
}
