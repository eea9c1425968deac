using System.Formats.Tar;
using System.IO.Compression;

namespace Sightline.Data.Import;

/// <summary>
/// Unpacks an archive into an empty folder. Refused are entries that would land outside it, links and devices, and more than the limits allow;
/// what is counted are the bytes that come out, not what headers claim.
/// </summary>
internal sealed class ArchiveUnpacker(string archive, string target, ImportContext context)
{
    private const long RatioFreeBytes = 64 << 20;

    private readonly byte[] _buffer = new byte[1 << 16];
    private readonly string _root = Path.GetFullPath(target) + Path.DirectorySeparatorChar;
    private long _bytes;
    private int _entries;

    private ImportLimits Limits => context.Options.Limits;

    /// <exception cref="DataException">The archive is damaged, or holds what is refused.</exception>
    public void Run(ArchiveFormat format)
    {
        Directory.CreateDirectory(target);
        try
        {
            using var file = new FileStream(archive, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            switch (format)
            {
                case ArchiveFormat.Zip:
                    Unzip(file);
                    break;
                case ArchiveFormat.TarGzip:
                    using (var gzip = new GZipStream(file, CompressionMode.Decompress))
                    {
                        Untar(gzip, file);
                    }

                    break;
                default:
                    Untar(file, file);
                    break;
            }
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new DataException($"'{archive}' is damaged or cut short: {error.Message.TrimEnd('.')}. Fetch it again.", error);
        }

        if (_entries == 0)
        {
            throw new DataException($"'{archive}' holds no files. Check that it is the right archive.");
        }
    }

    private void Unzip(FileStream file)
    {
        using var zip = new ZipArchive(file, ZipArchiveMode.Read);
        foreach (var entry in zip.Entries)
        {
            if (entry.FullName.EndsWith('/') || entry.FullName.EndsWith('\\'))
            {
                continue;
            }

            // The upper half is the Unix mode (Info-ZIP); 0120000 is a symbolic link.
            if (((entry.ExternalAttributes >> 16) & 0xF000) == 0xA000)
            {
                throw Refused(entry.FullName, "is a link");
            }

            if (entry.IsEncrypted)
            {
                throw Refused(entry.FullName, "is encrypted");
            }

            using var content = entry.Open();
            Extract(entry.FullName, content, () => Math.Max(1, entry.CompressedLength), _entries, zip.Entries.Count, "files");
        }
    }

    private void Untar(Stream stream, FileStream file)
    {
        using var tar = new TarReader(stream, leaveOpen: true);
        while (tar.GetNextEntry() is { } entry)
        {
            switch (entry.EntryType)
            {
                case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                    Extract(entry.Name, entry.DataStream ?? Stream.Null, () => Math.Max(1, file.Position), file.Position, file.Length, "bytes");
                    break;
                case TarEntryType.Directory or TarEntryType.GlobalExtendedAttributes or TarEntryType.DirectoryList:
                    break;
                case TarEntryType.SymbolicLink or TarEntryType.HardLink:
                    throw Refused(entry.Name, $"is a link to '{entry.LinkName}'");
                default:
                    throw Refused(entry.Name, $"is of the kind {entry.EntryType}");
            }
        }
    }

    private void Extract(string name, Stream content, Func<long> packedBytes, long done, long total, string unit)
    {
        var path = Resolve(name);
        if (++_entries > Limits.Entries)
        {
            throw new DataException($"'{archive}' holds more than {Limits.Entries:N0} files. Split it into several archives.");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!); // Below the root.
        try
        {
            using var output = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            Copy(name, content, output, packedBytes);
        }
        catch (IOException error) when (error.HResult is 17 or unchecked((int)0x80070050))
        {
            throw new DataException($"'{archive}' holds '{name}' twice (or in two spellings). Give each file a name of its own.", error);
        }

        context.Report("unpack", done, total, unit);
    }

    private void Copy(string name, Stream content, FileStream output, Func<long> packedBytes)
    {
        long length = 0;
        var before = packedBytes();
        for (int read; (read = content.Read(_buffer)) > 0;)
        {
            context.Cancel.ThrowIfCancellationRequested();
            length += read;
            _bytes += read;
            if (length > Limits.EntryBytes)
            {
                throw new DataException($"'{name}' in '{archive}' is larger than {Limits.EntryBytes:N0} bytes; no picture is. Remove it from the archive.");
            }

            if (_bytes > Limits.UnpackedBytes)
            {
                throw new DataException(
                    $"'{archive}' unpacks to more than {Limits.UnpackedBytes:N0} bytes. If that is right, raise the limit with --max-unpacked-gib.");
            }

            var packed = Math.Max(before, packedBytes());
            if (length > RatioFreeBytes && (double)length / packed > Limits.Ratio)
            {
                throw Bomb(name, (double)length / packed);
            }

            output.Write(_buffer.AsSpan(0, read));
        }

        if (_bytes > RatioFreeBytes && (double)_bytes / new FileInfo(archive).Length > Limits.Ratio)
        {
            throw Bomb(name, (double)_bytes / new FileInfo(archive).Length);
        }
    }

    private DataException Bomb(string name, double ratio) => new(
        $"'{archive}' unpacks to {ratio:0} times its size at '{name}'; at most {Limits.Ratio:0} times is allowed, as pictures do not shrink so far. " +
        "If the archive is trusted, raise the limit with --max-ratio.");

    private string Resolve(string name)
    {
        var parts = name.Replace('\\', '/').Split('/');
        if (name.Length == 0 || Path.IsPathRooted(name) || (OperatingSystem.IsWindows() && name.Contains(':')) || name.Contains('\0') || parts.Contains(".."))
        {
            throw Refused(name, "leads out of the folder it is unpacked into");
        }

        var path = Path.GetFullPath(Path.Combine(target, name));
        return path.StartsWith(_root, StringComparison.Ordinal) ? path : throw Refused(name, "leads out of the folder it is unpacked into");
    }

    private DataException Refused(string name, string what) => new(
        $"'{name}' in '{archive}' {what}; only plain files below the archive's own folder are unpacked. Pack the data again without it.");
}
