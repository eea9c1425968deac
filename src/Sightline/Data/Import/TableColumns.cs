namespace Sightline.Data.Import;

/// <summary>Names of a table's columns; null takes the first usual name that the table has. Case is ignored.</summary>
public sealed record TableColumns
{
    /// <summary>The picture's path. Usual: path, file, filename, file_name, image, image_path, filepath.</summary>
    public string? Path { get; init; }

    /// <summary>The class. Usual: label, class, category, class_name.</summary>
    public string? Label { get; init; }

    /// <summary>train, validation or test. Usual: split, set, subset. Optional.</summary>
    public string? Split { get; init; }

    /// <summary>What belongs together. Usual: group, group_id, source. Optional.</summary>
    public string? Group { get; init; }

    /// <summary>When the picture was taken, ISO 8601. Usual: time, timestamp, date, taken_at. Optional.</summary>
    public string? Time { get; init; }
}
