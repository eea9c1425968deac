using System.Security.Cryptography;
using Sightline.Data.Store;

namespace Sightline.Data.Import;

/// <summary>What an importer works with.</summary>
internal sealed class ImportContext(string path, ImportOptions options, string work, IProgress<ImportProgress>? progress, CancellationToken cancel) : IDisposable
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(250);

    private ImagePack? _pack;
    private long _reported;
    private ImportProgress? _told;

    /// <summary>The source: a file or folder.</summary>
    public string Path { get; } = path;

    public ImportOptions Options { get; } = options;

    /// <summary>A folder that goes away after the import.</summary>
    public string Scratch { get; } = System.IO.Path.Combine(work, "scratch");

    public CancellationToken Cancel { get; } = cancel;

    public List<DataNotice> Notices { get; } = [];

    /// <summary>The class names of <see cref="ImportOptions.ClassesFile"/>, or of a <c>classes.txt</c> beside the source; null when there is neither.</summary>
    public IReadOnlyList<string>? ClassNames() => ClassList.Read(
        Options.ClassesFile, Directory.Exists(Path) ? Path : System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!); // A file lies in a folder.

    /// <summary>Puts a picture file's bytes into the pack.</summary>
    public ImportedImage Pack(ImportedImage image, ReadOnlyMemory<byte> content, string? sha256 = null)
    {
        _pack ??= new ImagePack(work);
        var stored = new StoredImage
        {
            Name = image.Name,
            Label = image.Label,
            Split = image.Split,
            Group = image.Group,
            Time = image.Time,
            Sha256 = sha256 ?? Convert.ToHexStringLower(SHA256.HashData(content.Span)),
            Bytes = content.Length,
            File = ImagePack.FileName,
            Offset = _pack.Add(image.Name, content),
        };
        return image with { File = null, Packed = stored };
    }

    /// <summary>Tells how far it is, a few times a second, and ends the work when that is wanted.</summary>
    public void Report(string stage, long done, long? total, string unit = "pictures")
    {
        Cancel.ThrowIfCancellationRequested();
        Tell(new ImportProgress(stage, done, total, unit));
    }

    /// <summary>As <see cref="Report"/>, for work that ends by itself when that is wanted.</summary>
    public void Tell(ImportProgress state)
    {
        var isNewEnd = state.Done == state.Total && state != _told;
        if (isNewEnd || TimeProvider.System.GetElapsedTime(_reported) > ReportInterval)
        {
            _reported = TimeProvider.System.GetTimestamp();
            _told = state;
            progress?.Report(state);
        }
    }

    public void Dispose()
    {
        _pack?.Dispose();
        _pack = null;
    }
}
