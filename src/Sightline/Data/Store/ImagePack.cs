using System.Formats.Tar;

namespace Sightline.Data.Store;

/// <summary>Many pictures in one tar file, which any tool can list and unpack, and from which each is read by its offset.</summary>
/// <remarks>One file instead of 60,000 small ones: those take 4 KiB of disk and an opening each.</remarks>
internal sealed class ImagePack : IDisposable
{
    public const string FileName = "images.tar";

    private const int Block = 512;

    private readonly FileStream _file;
    private readonly TarWriter _tar;

    public ImagePack(string folder)
    {
        _file = new FileStream(Path.Combine(folder, FileName), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
        _tar = new TarWriter(_file, TarEntryFormat.Gnu, leaveOpen: true);
    }

    /// <summary>Adds a picture and returns where its bytes begin.</summary>
    public long Add(string name, ReadOnlyMemory<byte> content)
    {
        using var data = new MemoryStream(content.ToArray(), writable: false);
        // A fixed time and mode: the same pictures give the same file.
        _tar.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, name)
        {
            ModificationTime = DateTimeOffset.UnixEpoch,
            Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            DataStream = data,
        });
        var padded = (content.Length + Block - 1L) / Block * Block;
        return _file.Position - padded;
    }

    public void Dispose()
    {
        // On a full disk each of these fails; the file is closed all the same, so that its folder can be removed.
        try
        {
            _tar.Dispose();
            _file.Flush(flushToDisk: true);
        }
        finally
        {
            _file.Dispose();
        }
    }
}
