using System.Text.Json.Serialization;

namespace Sightline.Data.Store;

/// <summary>An immutable version of a stored data set: its <c>version.json</c>.</summary>
public sealed record DatasetVersion
{
    /// <summary>The layout of the files, 1.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The data set's name.</summary>
    public required string Name { get; init; }

    /// <summary>1, 2, 3 …</summary>
    public required int Number { get; init; }

    /// <summary>The version that it was made from; null for an import.</summary>
    public int? Parent { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>SHA-256 over classes and the sorted names, contents, labels, splits, groups and exclusions, lower-case hexadecimal.</summary>
    public required string Hash { get; init; }

    /// <summary>What made it: <c>import</c>, <c>split</c>, <c>fix</c> or <c>undo</c>.</summary>
    public required string MadeBy { get; init; }

    /// <summary>How, in plain words.</summary>
    public required string Detail { get; init; }

    /// <summary>Where the pictures came from, as the user wrote it.</summary>
    public required string Source { get; init; }

    /// <summary>The importer's name.</summary>
    public required string SourceFormat { get; init; }

    /// <summary>SHA-256 of the downloaded archive; null where nothing was downloaded.</summary>
    public string? SourceSha256 { get; init; }

    /// <summary>Class names in the order of their labels.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Pictures in use.</summary>
    public required int Images { get; init; }

    /// <summary>Pictures left out by decisions.</summary>
    public required int Excluded { get; init; }

    /// <summary><c>NAME@NUMBER</c>, as commands take it.</summary>
    [JsonIgnore]
    public string Reference => $"{Name}@{Number}";

    /// <summary>The folder of this version; can be opened by <see cref="ImageDatasets.Open"/>.</summary>
    [JsonIgnore]
    public string Folder { get; internal init; } = "";
}
