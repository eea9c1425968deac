namespace Sightline.Data;

/// <summary>Where a data set's pictures come from: files on disk, or arrays in memory. Safe for use by many threads.</summary>
public interface IImageSource
{
    /// <summary>Number of pictures.</summary>
    int Count { get; }

    /// <summary>The picture's name as shown to a person: its path relative to the data set, or <c>split/number</c>.</summary>
    string Name(int index);

    /// <summary>Decodes a picture, upright, as 8-bit RGB.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    /// <param name="shortSide">
    /// The short side that the caller needs, in pixels; a decoder may return a reduced picture whose short side is at least this.
    /// 0 asks for the full size.
    /// </param>
    /// <exception cref="DataException">The file is corrupt, unsupported or too large; the message gives path and reason.</exception>
    PixelImage Decode(int index, int shortSide);
}

/// <summary>One labelled picture of a split.</summary>
/// <param name="Index">Its number in the <see cref="IImageSource"/>.</param>
/// <param name="Label">Its class, an index into <see cref="ImageDataset.Classes"/>.</param>
public readonly record struct Example(int Index, int Label);

/// <summary>Something about the data that the user should know; never fatal.</summary>
/// <param name="Kind"><c>corrupt-file</c>, <c>unsupported-file</c>, <c>missing-class</c>, …</param>
/// <param name="Subject">The path, or the class and split.</param>
/// <param name="Reason">What is wrong, in plain words.</param>
public sealed record DataNotice(string Kind, string Subject, string Reason);

/// <summary>A labelled image data set: classes by name, three splits, one image source.</summary>
public sealed class ImageDataset
{
    /// <summary>Where it was read from, as the user wrote it.</summary>
    public required string Location { get; init; }

    /// <summary>SHA-256 over the sorted names, labels, splits and contents (file sizes and bytes), lower-case hexadecimal. The data version.</summary>
    public required string Version { get; init; }

    /// <summary>Class names in the order of their labels: ordinal order of names, or the order that the format defines.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>The pictures of all splits.</summary>
    public required IImageSource Images { get; init; }

    /// <summary>What is trained on; never empty.</summary>
    public required IReadOnlyList<Example> Train { get; init; }

    /// <summary>What epochs are judged by; never empty (made from the training split when the data has none).</summary>
    public required IReadOnlyList<Example> Validation { get; init; }

    /// <summary>What the final figure comes from; empty when the data has none.</summary>
    public required IReadOnlyList<Example> Test { get; init; }

    /// <summary>Whether the test split came with the data; false where it was carved out of them, or there is none.</summary>
    public bool HasGivenTest { get; init; }

    /// <summary>Skipped files with their reasons, classes missing in a split.</summary>
    public required IReadOnlyList<DataNotice> Notices { get; init; }
}
