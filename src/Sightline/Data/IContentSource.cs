namespace Sightline.Data;

/// <summary>A source whose pictures are encoded files, or entries of an archive, that can be told apart without decoding.</summary>
internal interface IContentSource : IImageSource
{
    /// <summary>SHA-256 of the encoded bytes in hexadecimal; null where it is not known.</summary>
    string? ContentKey(int index);

    /// <summary>Reads the first bytes of the encoded picture; returns how many there were.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    int ReadHeader(int index, Span<byte> target);
}
