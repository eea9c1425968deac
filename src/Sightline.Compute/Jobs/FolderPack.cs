using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Sightline.Compute.Jobs;

/// <summary>A folder as one stream of bytes, known by its content. The same files give the same address and the same stream.</summary>
internal sealed class FolderPack
{
    private static readonly DateTimeOffset _time = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly string[] _compressed =
        [".jpg", ".jpeg", ".png", ".webp", ".gif", ".gz", ".tgz", ".zip", ".zst", ".xz", ".bz2", ".parquet", ".heic", ".avif", ".jp2"];

    private readonly IReadOnlyList<(PackEntry Entry, string Sha256)> _entries;

    private FolderPack(IReadOnlyList<(PackEntry Entry, string Sha256)> entries, IReadOnlyList<string> leftOut, string? path)
    {
        _entries = entries;
        LeftOut = leftOut;
        LocalPath = path;
        Bytes = entries.Sum(entry => entry.Entry.Length);
        IsCompressed = entries.Where(entry => _compressed.Contains(Path.GetExtension(entry.Entry.Name).ToLowerInvariant())).Sum(entry => entry.Entry.Length) < Bytes / 2;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (entry, sha256) in entries)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{entry.Name}\0{(entry.IsProgram ? 'x' : '-')}\0{sha256}\n"));
        }

        Address = Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>SHA-256 over names and contents, lower-case hexadecimal.</summary>
    public string Address { get; }

    /// <summary>Size of the files.</summary>
    public long Bytes { get; }

    /// <summary>Number of files.</summary>
    public int Files => _entries.Count;

    /// <summary>Whether the stream is compressed; pictures are already.</summary>
    public bool IsCompressed { get; }

    /// <summary>Files that are not sent, with the reason.</summary>
    public IReadOnlyList<string> LeftOut { get; }

    /// <summary>The folder on this machine; null where the pack is made of several.</summary>
    public string? LocalPath { get; }

    /// <summary>Takes a folder with all below it. Secrets and links that lead out of it are left out.</summary>
    public static FolderPack OfFolder(string folder, CancellationToken cancellationToken)
    {
        var root = Path.GetFullPath(folder);
        if (!Directory.Exists(root))
        {
            throw new ComputeException(ComputeTrouble.NotFound, $"The folder '{folder}' is not there. Pass one that is.");
        }

        var entries = new List<PackEntry>();
        var leftOut = new List<string>();
        Collect(root, Path.TrimEndingDirectorySeparator(root), entries, leftOut, cancellationToken);
        return Of(entries, leftOut, root, cancellationToken);
    }

    /// <summary>Takes files from several places.</summary>
    public static FolderPack Of(IEnumerable<PackEntry> entries, IReadOnlyList<string> leftOut, string? path, CancellationToken cancellationToken)
    {
        var sorted = entries.OrderBy(entry => entry.Name, StringComparer.Ordinal).ToArray();
        var hashes = new string[sorted.Length];
        Parallel.For(0, sorted.Length, new ParallelOptions { CancellationToken = cancellationToken }, index =>
        {
            using var stream = sorted[index].Open();
            hashes[index] = Convert.ToHexStringLower(SHA256.HashData(stream));
        });
        return new FolderPack([.. sorted.Zip(hashes)], leftOut, path);
    }

    /// <summary>Writes the stream. Each file is checked to be as it was when the address was taken.</summary>
    /// <param name="packed">Told the bytes of files packed so far.</param>
    public async Task WriteAsync(Stream target, Action<long> packed, CancellationToken cancellationToken)
    {
        var compressed = IsCompressed ? new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true) : null;
        try
        {
            await using var tar = new TarWriter(compressed ?? target, TarEntryFormat.Gnu, leaveOpen: true);
            var done = 0L;
            foreach (var (entry, sha256) in _entries)
            {
                using var content = new CheckedStream(entry.Open());
                await tar.WriteEntryAsync(
                    new GnuTarEntry(TarEntryType.RegularFile, entry.Name)
                    {
                        DataStream = content.Length > 0 ? content : null,
                        ModificationTime = _time,
                        AccessTime = default,
                        ChangeTime = default,
                        Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | (entry.IsProgram ? UnixFileMode.UserExecute : 0),
                    },
                    cancellationToken).ConfigureAwait(false);
                if (content.Length > 0 && content.Sha256() != sha256)
                {
                    throw new ComputeException(ComputeTrouble.BadData, $"'{entry.Path ?? entry.Name}' was changed while it was being sent. Repeat the command when the files are at rest.");
                }

                packed(done += entry.Length);
            }
        }
        finally
        {
            if (compressed is not null)
            {
                await compressed.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static void Collect(string root, string folder, List<PackEntry> entries, List<string> leftOut, CancellationToken cancellationToken)
    {
        foreach (var item in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var name = Path.GetRelativePath(root, item.FullName).Replace('\\', '/');
            if (item.LinkTarget is not null)
            {
                AddLink(root, name, item, entries, leftOut);
            }
            else if (item is DirectoryInfo)
            {
                Collect(root, item.FullName, entries, leftOut, cancellationToken);
            }
            else if (SecretFiles.Reason(name, item.FullName) is { } reason)
            {
                leftOut.Add($"{name}: {reason}");
            }
            else
            {
                entries.Add(PackEntry.OfFile(name, item.FullName));
            }
        }
    }

    // A link to a file of the same folder is sent as that file. Anything else could bring files along that nobody meant to send.
    private static void AddLink(string root, string name, FileSystemInfo link, List<PackEntry> entries, List<string> leftOut)
    {
        // A link's parent may be a link itself only above the root, which is resolved the same way on both sides.
        var target = link.ResolveLinkTarget(returnFinalTarget: true);
        if (target is not FileInfo { Exists: true } file)
        {
            leftOut.Add($"{name}: a link to {(target is { Exists: true } ? "a folder" : "nothing")}");
        }
        else if (!IsBelow(root, file.FullName))
        {
            leftOut.Add($"{name}: a link out of the folder, to '{file.FullName}'");
        }
        else if ((SecretFiles.Reason(name, file.FullName) ?? SecretFiles.Reason(Path.GetRelativePath(root, file.FullName).Replace('\\', '/'), file.FullName)) is { } reason)
        {
            leftOut.Add($"{name}: {reason}");
        }
        else
        {
            entries.Add(PackEntry.OfFile(name, file.FullName));
        }
    }

    private static bool IsBelow(string root, string path) =>
        Path.GetRelativePath(root, path) is var relative && relative != ".." && !relative.StartsWith($"..{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && !Path.IsPathRooted(relative)
        && !HasLinkedFolder(root, relative);

    // A folder of the path may be a link that leads out.
    private static bool HasLinkedFolder(string root, string relative)
    {
        var folder = root;
        foreach (var part in relative.Split(Path.DirectorySeparatorChar)[..^1])
        {
            folder = Path.Combine(folder, part);
            if (new DirectoryInfo(folder).LinkTarget is not null)
            {
                return true;
            }
        }

        return false;
    }

    private sealed class CheckedStream(Stream inner) : Stream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public override bool CanRead => true;

        // TarWriter takes the length from a stream that can seek; it reads it once from the start.
        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => inner.Length;

        public override long Position { get => inner.Position; set => inner.Position = value; }

        public string Sha256() => Convert.ToHexStringLower(_hash.GetHashAndReset());

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var count = inner.Read(buffer);
            _hash.AppendData(buffer[..count]);
            return count;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            _hash.AppendData(buffer.Span[..count]);
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            _hash.Dispose();
            base.Dispose(disposing);
        }
    }
}

/// <summary>One file of a pack.</summary>
/// <param name="Name">Its path in the pack, with '/'.</param>
/// <param name="Path">Where it lies; null where it is <paramref name="Content"/>.</param>
/// <param name="Content">Its content where it is no file.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="IsProgram">Whether it can be run.</param>
internal sealed record PackEntry(string Name, string? Path, byte[]? Content, long Length, bool IsProgram)
{
    public static PackEntry OfFile(string name, string path)
    {
        var isProgram = !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) != 0;
        var length = new FileInfo(path).Length;
        // A pipe or socket has no length either, and opening one would wait for ever.
        return new PackEntry(name, path, length == 0 ? [] : null, length, isProgram);
    }

    public static PackEntry OfBytes(string name, byte[] content) => new(name, null, content, content.Length, IsProgram: false);

    /// <summary>Pieces of files that are its content one after the other; null where it is one file.</summary>
    public IReadOnlyList<(string Path, long Offset, long Length)>? Parts { get; init; }

    public static PackEntry OfParts(string name, IReadOnlyList<(string Path, long Offset, long Length)> parts) =>
        new(name, null, null, parts.Sum(part => part.Length), IsProgram: false) { Parts = parts };

    public Stream Open() => Content is { } bytes ? new MemoryStream(bytes, writable: false)
        : Parts is { } parts ? new PartsStream(parts)
        : new FileStream(Path!, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, useAsync: false); // One of the three is set.
}
