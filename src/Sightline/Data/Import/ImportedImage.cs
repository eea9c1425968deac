using Sightline.Data.Store;

namespace Sightline.Data.Import;

/// <summary>A picture as an importer found it, before it was checked.</summary>
/// <param name="Name">Its name in the version, with '/'.</param>
/// <param name="Label">Its class.</param>
/// <param name="Split">Its split, null where the source has none.</param>
internal sealed record ImportedImage(string Name, string Label, string? Split)
{
    /// <summary>What it belongs to, null when unknown.</summary>
    public string? Group { get; init; }

    /// <summary>When it was taken, null when unknown.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The file that is the picture; null for one that is in the pack already.</summary>
    public string? File { get; init; }

    /// <summary>For a picture in the pack: what is stored of it.</summary>
    public StoredImage? Packed { get; init; }
}
