namespace Sightline.Data;

/// <summary>A decoded picture in a buffer that is used again for the next one. Owned by one thread.</summary>
internal sealed class PixelBuffer
{
    /// <summary>The pixels, R G B interleaved; only the first Width x Height x 3 bytes belong to the picture.</summary>
    public byte[] Pixels { get; private set; } = [];

    public int Width { get; private set; }

    public int Height { get; private set; }

    public int Length => Width * Height * 3;

    /// <summary>Sets the size; the content is undefined afterwards.</summary>
    public void Resize(int width, int height)
    {
        Width = width;
        Height = height;
        if (Pixels.Length < Length)
        {
            // A quarter more, so that a set of pictures of growing sizes does not allocate for each.
            Pixels = GC.AllocateUninitializedArray<byte>(Length + (Length / 4));
        }
    }

    public void CopyFrom(PixelImage image)
    {
        Resize(image.Width, image.Height);
        image.Pixels.CopyTo(Pixels, 0);
    }

    public PixelImage ToImage() => new(Pixels.AsSpan(0, Length).ToArray(), Width, Height);
}

/// <summary>A source that can decode into the caller's buffer, so that a loader makes no garbage.</summary>
internal interface IBufferedImageSource : IImageSource
{
    /// <summary>As <see cref="IImageSource.Decode"/>, into <paramref name="target"/>.</summary>
    void DecodeInto(int index, int shortSide, PixelBuffer target);
}
