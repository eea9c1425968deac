using System.Text.Json;
using Sightline.Compute.Jobs;
using Sightline.Data.Store;

namespace Sightline.Cli.Jobs;

/// <summary>Data as they are sent to a host, and where they are to be found in what arrives.</summary>
/// <param name="Pack">The files.</param>
/// <param name="Below">Path of the data below the pack's folder; empty for the folder itself.</param>
internal sealed record DataPack(FolderPack Pack, string Below)
{
    private const string Pictures = "pictures.bin";

    /// <summary>Takes a folder, a file or a stored version.</summary>
    public static DataPack Of(string location, CancellationToken cancellationToken)
    {
        var full = Path.GetFullPath(location);
        if (VersionFiles.IsVersion(full))
        {
            return new DataPack(OfVersion(full, cancellationToken), "data/" + Path.GetFileName(full));
        }

        return Directory.Exists(full)
            ? new DataPack(FolderPack.OfFolder(full, cancellationToken), "")
            : new DataPack(FolderPack.Of([PackEntry.OfFile(Path.GetFileName(full), full)], [], null, cancellationToken), Path.GetFileName(full));
    }

    // A version names pictures wherever they lie. They are sent one after the other in one file, which the store can read as a pack; names,
    // labels and splits stay, so the version's hash does too.
    private static FolderPack OfVersion(string folder, CancellationToken cancellationToken)
    {
        var home = StoredVersionReader.Home(folder);
        var images = VersionFiles.ReadImages(folder);
        var parts = new List<(string Path, long Offset, long Length)>();
        var sent = new List<StoredImage>();
        var offset = 0L;
        foreach (var image in images)
        {
            if (image.Excluded is not null)
            {
                sent.Add(image with { File = Pictures, Offset = 0, Modified = null });
                continue;
            }

            parts.Add((Path.Combine(home, image.File), image.Offset ?? 0, image.Bytes));
            sent.Add(image with { File = Pictures, Offset = offset, Modified = null });
            offset += image.Bytes;
        }

        var lines = new MemoryStream();
        foreach (var image in sent)
        {
            JsonSerializer.Serialize(lines, image, VersionFiles.Line);
            lines.WriteByte((byte)'\n');
        }

        var name = $"data/{Path.GetFileName(folder)}";
        var entries = new List<PackEntry>
        {
            PackEntry.OfBytes($"{name}/{VersionFiles.Images}", lines.ToArray()),
            PackEntry.OfFile($"{name}/{VersionFiles.Version}", Path.Combine(folder, VersionFiles.Version)),
            PackEntry.OfParts($"data/{Pictures}", parts),
        };
        if (File.Exists(Path.Combine(folder, VersionFiles.Notices)))
        {
            entries.Add(PackEntry.OfFile($"{name}/{VersionFiles.Notices}", Path.Combine(folder, VersionFiles.Notices)));
        }

        return FolderPack.Of(entries, [], null, cancellationToken);
    }
}
