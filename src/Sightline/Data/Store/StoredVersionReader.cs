using System.Security.Cryptography;
using System.Text;

namespace Sightline.Data.Store;

/// <summary>Opens a stored version as a data set.</summary>
internal static class StoredVersionReader
{
    private const int FilesNamed = 3;

    public static bool Recognises(string location) => VersionFiles.IsVersion(location);

    /// <summary>The home of a version's packs: the folder of its data set.</summary>
    public static string Home(string versionFolder) => Path.GetDirectoryName(Path.GetFullPath(versionFolder))!; // A version lies in a data set's folder.

    /// <remarks>The indices of <see cref="ImageDataset.Images"/> count the pictures in use in ordinal order of their names.</remarks>
    public static ImageDataset Open(string location, SplitOptions split)
    {
        var version = VersionFiles.ReadVersion(location);
        var images = VersionFiles.ReadImages(location).Where(image => image.Excluded is null).ToArray();
        var home = Home(location);
        CheckFiles(version, images, home);
        var numbers = version.Classes.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        var parts = SplitName.All.Select(_ => new List<Example>()).ToArray();
        var unassigned = 0;
        foreach (var (index, image) in images.Index())
        {
            if (!numbers.TryGetValue(image.Label, out var label))
            {
                throw new DataException($"'{Path.Combine(location, VersionFiles.Images)}' gives '{image.Name}' the class '{image.Label}', which the version does not have. Import the data set again.");
            }

            unassigned += image.Split is null ? 1 : 0;
            parts[image.Split is null ? 0 : SplitName.IndexOf(image.Split)].Add(new Example(index, label));
        }

        var draft = new SplitDraft(version.Classes, parts[0], parts[1].Count > 0 ? parts[1] : null, parts[2].Count > 0 ? parts[2] : null);
        var notices = VersionFiles.ReadNotices(location);
        var done = Splits.Complete(draft, split, location, notices, carveTest: draft.FoundValidation is null && draft.FoundTest is null && unassigned > 0);
        return new ImageDataset
        {
            Location = location,
            Version = ReferenceEquals(done, draft) ? version.Hash : HashWithSplits(version, done),
            Classes = version.Classes,
            Images = new StoredImages(home, images),
            Train = done.Train,
            Validation = done.Validation,
            Test = done.Test,
            HasGivenTest = draft.FoundTest is not null,
            Notices = notices,
        };
    }

    // Splits that were made while opening are part of what is trained on.
    private static string HashWithSplits(DatasetVersion version, SplitDraft splits)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(version.Hash));
        splits.AppendTo(hash, version.Classes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // A version does not change, so files that did are refused rather than trained on. Reading each file anew would take minutes: its size
    // and time are compared, and only where the time differs the content.
    private static void CheckFiles(DatasetVersion version, IReadOnlyList<StoredImage> images, string home)
    {
        var bad = new string?[images.Count];
        Parallel.For(0, images.Count, index =>
        {
            var image = images[index];
            var file = new FileInfo(Path.Combine(home, image.File));
            bad[index] = !file.Exists ? "is missing"
                : image.Offset is { } offset ? (file.Length < offset + image.Bytes ? "is cut short" : null)
                : LengthOf(file) != image.Bytes || (ModifiedOf(file) != image.Modified && HashOf(file) != image.Sha256) ? "was changed"
                : null;
        });
        var found = bad.Index().Where(pair => pair.Item is not null).ToArray();
        if (found.Length > 0)
        {
            var named = string.Join(", ", found.Take(FilesNamed).Select(pair => $"'{Path.Combine(home, images[pair.Index].File)}' {pair.Item}"));
            throw new DataException(
                $"{found.Length} of the {images.Count} pictures of {version.Reference} are not as they were imported: {named}{(found.Length > FilesNamed ? ", ..." : "")}. " +
                $"Put the files back, or make a new version with 'sightline data import SOURCE --name {version.Name}' (--copy keeps pictures in the store).");
        }
    }

    /// <summary>When a file, or what a link leads to, changed last: ticks UTC.</summary>
    public static long ModifiedOf(FileInfo file) => Followed(file).LastWriteTimeUtc.Ticks;

    private static long LengthOf(FileInfo file) => Followed(file).Length;

    private static FileInfo Followed(FileInfo file) =>
        file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? target : file;

    private static string HashOf(FileInfo file)
    {
        try
        {
            using var stream = file.OpenRead();
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
