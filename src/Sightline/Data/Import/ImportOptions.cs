namespace Sightline.Data.Import;

/// <summary>What is imported and how.</summary>
public sealed record ImportOptions
{
    /// <summary>A folder, a file (list, table, COCO JSON, IDX, CIFAR, Parquet, archive), or the http(s) address of an archive.</summary>
    public required string Source { get; init; }

    /// <summary>The data set's name: 1 to 100 letters, digits, '.', '_' and '-'. A known name gets another version.</summary>
    public required string Name { get; init; }

    /// <summary>Keep the pictures in the store instead of referencing them where they lie. Default off; archives and binary formats are always kept.</summary>
    public bool Copy { get; init; }

    /// <summary>SHA-256 that the downloaded file must have, 64 hexadecimal digits; null for no check.</summary>
    public string? Sha256 { get; init; }

    /// <summary>File with the class names, one a line, that of label 0 first; null to take them from the source.</summary>
    public string? ClassesFile { get; init; }

    /// <summary>Folder that the paths of a list, table or COCO file are relative to; null for the file's own.</summary>
    public string? ImagesFolder { get; init; }

    /// <summary>Names of a table's columns where they are not the usual ones.</summary>
    public TableColumns Columns { get; init; } = new();

    /// <summary>Leave out pictures that a list names but that are not there, instead of refusing the list. Default off.</summary>
    public bool SkipMissing { get; init; }

    /// <summary>What an archive may grow to.</summary>
    public ImportLimits Limits { get; init; } = new();

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (Source.Length == 0)
        {
            yield return "The source is empty; pass a folder, a file or the address of an archive.";
        }

        if (Sha256 is { } hash && (hash.Length != 64 || !hash.All(char.IsAsciiHexDigit)))
        {
            yield return $"The SHA-256 '{hash}' has {hash.Length} characters; it must be 64 hexadecimal digits. 'sha256sum FILE' prints it.";
        }

        foreach (var problem in Limits.Check())
        {
            yield return problem;
        }
    }
}
