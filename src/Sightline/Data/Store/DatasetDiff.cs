namespace Sightline.Data.Store;

/// <summary>A picture of which something differs between two versions.</summary>
/// <param name="Name">The picture's name.</param>
/// <param name="From">What it was; empty where it was not there.</param>
/// <param name="To">What it is; empty where it is not there.</param>
public sealed record ImageChange(string Name, string From, string To);

/// <summary>What differs between two versions of a data set, or of two.</summary>
public sealed record DatasetDiff
{
    /// <summary>The older, as <c>NAME@NUMBER</c>.</summary>
    public required string From { get; init; }

    /// <summary>The newer, as <c>NAME@NUMBER</c>.</summary>
    public required string To { get; init; }

    /// <summary>Pictures that only the newer has; <see cref="ImageChange.To"/> is the class.</summary>
    public required IReadOnlyList<ImageChange> Added { get; init; }

    /// <summary>Pictures that only the older has; <see cref="ImageChange.From"/> is the class.</summary>
    public required IReadOnlyList<ImageChange> Removed { get; init; }

    /// <summary>Pictures of the same name with other content; the SHA-256 of both.</summary>
    public required IReadOnlyList<ImageChange> Changed { get; init; }

    /// <summary>Pictures with another class.</summary>
    public required IReadOnlyList<ImageChange> Relabelled { get; init; }

    /// <summary>Pictures that are left out now; <see cref="ImageChange.To"/> is the reason.</summary>
    public required IReadOnlyList<ImageChange> Excluded { get; init; }

    /// <summary>Pictures that are used again; <see cref="ImageChange.From"/> is the reason why they were not.</summary>
    public required IReadOnlyList<ImageChange> Restored { get; init; }

    /// <summary>Pictures in another split.</summary>
    public required IReadOnlyList<ImageChange> Moved { get; init; }

    /// <summary>Classes that only the newer has.</summary>
    public required IReadOnlyList<string> ClassesAdded { get; init; }

    /// <summary>Classes that only the older has.</summary>
    public required IReadOnlyList<string> ClassesRemoved { get; init; }

    /// <summary>Compares two versions, picture by picture, by name.</summary>
    /// <exception cref="DataException">A version's file cannot be read.</exception>
    public static DatasetDiff Between(DatasetStore store, DatasetVersion from, DatasetVersion to)
    {
        var old = store.ReadImages(from).ToDictionary(image => image.Name, StringComparer.Ordinal);
        var now = store.ReadImages(to);
        var names = now.Select(image => image.Name).ToHashSet(StringComparer.Ordinal);
        var both = now.Where(image => old.ContainsKey(image.Name)).Select(image => (Old: old[image.Name], New: image)).ToArray();
        return new DatasetDiff
        {
            From = from.Reference,
            To = to.Reference,
            Added = [.. now.Where(image => !old.ContainsKey(image.Name)).Select(image => new ImageChange(image.Name, "", image.Label))],
            Removed = [.. old.Values.Where(image => !names.Contains(image.Name)).Select(image => new ImageChange(image.Name, image.Label, ""))],
            Changed = Of(both, image => image.Sha256),
            Relabelled = Of(both, image => image.Label),
            Excluded = [.. Of(both, image => image.Excluded ?? "").Where(change => change.From.Length == 0)],
            Restored = [.. Of(both, image => image.Excluded ?? "").Where(change => change.To.Length == 0)],
            Moved = Of(both, image => image.Split ?? "none"),
            ClassesAdded = [.. to.Classes.Except(from.Classes)],
            ClassesRemoved = [.. from.Classes.Except(to.Classes)],
        };
    }

    private static ImageChange[] Of((StoredImage Old, StoredImage New)[] pairs, Func<StoredImage, string> value) =>
        [.. pairs.Where(pair => value(pair.Old) != value(pair.New)).Select(pair => new ImageChange(pair.New.Name, value(pair.Old), value(pair.New)))];
}
