using System.IO.Compression;

namespace Sightline.Data.Import;

/// <summary>Tells archives by their first bytes.</summary>
internal enum ArchiveFormat
{
    None,
    Zip,
    Tar,
    TarGzip,
}

/// <summary>Tells archives by their content; names may lie.</summary>
internal static class ArchiveKind
{
    public const string Expects = "a .zip, .tar, .tar.gz or .tgz of any of these, or the http(s) address of one (with --sha256)";

    // POSIX.1-1988 ustar: the magic at byte 257. Older tar has none and is told by its checksum.
    private const int Magic = 257;

    public static ArchiveFormat Of(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var start = new byte[512];
            var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            switch (start)
            {
                case [(byte)'P', (byte)'K', 3, 4, ..] or [(byte)'P', (byte)'K', 5, 6, ..]:
                    return ArchiveFormat.Zip;
                case [0x1F, 0x8B, ..]:
                    file.Position = 0;
                    using (var gzip = new GZipStream(file, CompressionMode.Decompress))
                    {
                        Array.Clear(start);
                        read = gzip.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
                        return IsTar(start, read) ? ArchiveFormat.TarGzip : ArchiveFormat.None;
                    }

                default:
                    return IsTar(start, read) ? ArchiveFormat.Tar : ArchiveFormat.None;
            }
        }
        catch (InvalidDataException)
        {
            return ArchiveFormat.None;
        }
    }

    private static bool IsTar(byte[] header, int length)
    {
        if (length < 512)
        {
            return false;
        }

        if (header.AsSpan(Magic).StartsWith("ustar"u8))
        {
            return true;
        }

        // The checksum field counts as spaces.
        var sum = header.Index().Sum(pair => pair.Index is >= 148 and < 156 ? ' ' : pair.Item);
        var field = System.Text.Encoding.ASCII.GetString(header, 148, 8).Trim('\0', ' ');
        try
        {
            return field.Length > 0 && Convert.ToInt32(field, 8) == sum && sum > 256;
        }
        catch (Exception error) when (error is FormatException or OverflowException or ArgumentException)
        {
            return false;
        }
    }
}
