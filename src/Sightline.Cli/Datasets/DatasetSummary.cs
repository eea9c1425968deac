using Sightline.Cli.Output;
using Sightline.Data;
using Sightline.Data.Store;

namespace Sightline.Cli.Datasets;

/// <summary>A version in figures, as <c>data import</c>, <c>show</c>, <c>split</c> and <c>fix</c> print it.</summary>
internal sealed record DatasetSummary(
    string Dataset, string Name, int Version, int? Parent, string Hash, DateTimeOffset CreatedAt, string MadeBy, string Detail, string Source, string SourceFormat,
    string? SourceSha256, string Folder, int Images, int Excluded, IReadOnlyList<ClassCounts> Classes, IReadOnlyList<DataNotice> Notices)
{
    private const int NoticesShown = 10;
    private const int ClassesShown = 30;

    public static DatasetSummary Of(DatasetStore store, DatasetVersion version)
    {
        var images = store.ReadImages(version).ToLookup(image => image.Label, StringComparer.Ordinal);
        return new DatasetSummary(
            version.Reference, version.Name, version.Number, version.Parent, version.Hash, version.CreatedAt, version.MadeBy, version.Detail, version.Source, version.SourceFormat,
            version.SourceSha256, version.Folder, version.Images, version.Excluded, [.. version.Classes.Select(name => Count(name, images[name]))], store.ReadNotices(version));
    }

    /// <summary>Prints it for people.</summary>
    public void Write(TextWriter text)
    {
        text.WriteLine($"Data set    {Dataset}, {MadeBy} of {CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC{(Parent is { } parent ? $" from {Name}@{parent}" : "")}");
        text.WriteLine($"Made        {Detail}");
        text.WriteLine($"Source      {Source} ({SourceFormat})");
        text.WriteLine($"Pictures    {Images}{(Excluded > 0 ? $", and {Excluded} left out" : "")}");
        text.WriteLine($"Hash        {Hash}");
        text.WriteLine($"Folder      {Path.GetRelativePath(Environment.CurrentDirectory, Folder)}");
        text.WriteLine();
        WriteClasses(text);
        if (Notices.Count > 0)
        {
            text.WriteLine();
            text.WriteLine($"{Notices.Count} notices of the import:");
            foreach (var notice in Notices.Take(NoticesShown))
            {
                text.WriteLine($"  {notice.Kind}: {notice.Subject}: {notice.Reason}");
            }

            if (Notices.Count > NoticesShown)
            {
                text.WriteLine($"  ... and {Notices.Count - NoticesShown} more in {Path.Combine(Path.GetRelativePath(Environment.CurrentDirectory, Folder), "notices.jsonl")}");
            }
        }
    }

    private static ClassCounts Count(string name, IEnumerable<StoredImage> images)
    {
        var all = images.ToArray();
        var used = all.Where(image => image.Excluded is null).ToArray();
        return new ClassCounts(name, Of("train"), Of("validation"), Of("test"), Of(null), all.Length - used.Length);

        int Of(string? split) => used.Count(image => image.Split == split);
    }

    private void WriteClasses(TextWriter text)
    {
        var hasSplits = Classes.Any(line => line.Train + line.Validation + line.Test > 0);
        var table = hasSplits
            ? new TextTable("CLASS", "TRAIN", "VALIDATION", "TEST") { RightAligned = [1, 2, 3] }
            : new TextTable("CLASS", "PICTURES") { RightAligned = [1] };
        foreach (var line in Classes.Take(ClassesShown).Append(new ClassCounts(
            "all", Classes.Sum(line => line.Train), Classes.Sum(line => line.Validation), Classes.Sum(line => line.Test), Classes.Sum(line => line.Unassigned), 0)))
        {
            if (hasSplits)
            {
                table.Add(line.Name, $"{line.Train + line.Unassigned}", $"{line.Validation}", $"{line.Test}");
            }
            else
            {
                table.Add(line.Name, $"{line.Unassigned}");
            }
        }

        table.Write(text);
        if (Classes.Count > ClassesShown)
        {
            text.WriteLine($"... and {Classes.Count - ClassesShown} more classes; --json shows all.");
        }

        if (!hasSplits)
        {
            text.WriteLine("No splits yet: 'sightline train' sets 10 % aside for validation and for test, or divide with 'sightline data split'.");
        }
    }
}
