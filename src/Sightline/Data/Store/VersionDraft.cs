namespace Sightline.Data.Store;

/// <summary>A version before it is written.</summary>
internal sealed record VersionDraft
{
    public required string Name { get; init; }

    public int? Parent { get; init; }

    public required string MadeBy { get; init; }

    public required string Detail { get; init; }

    public required string Source { get; init; }

    public required string SourceFormat { get; init; }

    public string? SourceSha256 { get; init; }

    public required IReadOnlyList<string> Classes { get; init; }

    public required IReadOnlyList<StoredImage> Images { get; init; }

    public required IReadOnlyList<DataNotice> Notices { get; init; }

    /// <summary>The next version after <paramref name="parent"/>, with other pictures.</summary>
    public static VersionDraft After(
        DatasetVersion parent, IReadOnlyList<StoredImage> images, IReadOnlyList<DataNotice> notices, string madeBy, string detail) => new()
        {
            Name = parent.Name,
            Parent = parent.Number,
            MadeBy = madeBy,
            Detail = detail,
            Source = parent.Source,
            SourceFormat = parent.SourceFormat,
            SourceSha256 = parent.SourceSha256,
            Classes = parent.Classes,
            Images = images,
            Notices = notices,
        };
}
