namespace Sightline.Data.Import;

/// <summary>Bounds on what an archive may unpack to, so that a small file cannot fill the disk.</summary>
public sealed record ImportLimits
{
    /// <summary>Most bytes in all; above 0. Default 256 GiB (ImageNet-1k unpacks to 150 GB).</summary>
    public long UnpackedBytes { get; init; } = 256L << 30;

    /// <summary>Most bytes of one file; above 0. Default 4 GiB.</summary>
    public long EntryBytes { get; init; } = 4L << 30;

    /// <summary>Most files; above 0. Default 20 million.</summary>
    public int Entries { get; init; } = 20_000_000;

    /// <summary>
    /// Most bytes unpacked per byte of the archive, once 64 MiB are unpacked; above 1. Default 100: pictures are compressed already, and what
    /// deflate can do at most is 1,032.
    /// </summary>
    public double Ratio { get; init; } = 100;

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (UnpackedBytes <= 0 || EntryBytes <= 0 || Entries <= 0)
        {
            yield return $"The limits are {UnpackedBytes} bytes, {EntryBytes} bytes a file and {Entries} files; each must be above 0.";
        }

        if (!(Ratio > 1))
        {
            yield return $"The limit of the compression ratio is {Ratio}; it must be above 1. Pass --max-ratio 100.";
        }
    }
}
