namespace Sightline.Data.Store;

/// <summary>One picture of a stored version: a line of its <c>images.jsonl</c>.</summary>
public sealed record StoredImage
{
    /// <summary>What a person calls it: its path relative to the source, with '/'. Unique within a version.</summary>
    public required string Name { get; init; }

    /// <summary>Its class, one of the version's classes.</summary>
    public required string Label { get; init; }

    /// <summary><c>train</c>, <c>validation</c> or <c>test</c>; null where the source had no splits and none were made.</summary>
    public string? Split { get; init; }

    /// <summary>What it belongs to (a patient, a video, a product); pictures of one group stay in one split. Null when unknown.</summary>
    public string? Group { get; init; }

    /// <summary>When it was taken, where the source says so; null otherwise.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>SHA-256 of the picture file's bytes, lower-case hexadecimal.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Length of the picture file in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>The file that holds it: an absolute path where it was found, or a path below the data set's folder for a copy.</summary>
    public required string File { get; init; }

    /// <summary>Where it begins in <see cref="File"/>, in bytes, where that holds many pictures; null where the file is the picture.</summary>
    public long? Offset { get; init; }

    /// <summary>When the file had changed last as it was imported, in 100-nanosecond ticks UTC; null for pictures inside another file.</summary>
    public long? Modified { get; init; }

    /// <summary>Why it is left out, null when it is used. Its file is never touched.</summary>
    public string? Excluded { get; init; }
}
