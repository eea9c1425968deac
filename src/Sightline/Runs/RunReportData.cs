using Sightline.Data;

namespace Sightline.Runs;

/// <summary>The data of a run, as its report shows it.</summary>
public sealed record RunReportData
{
    /// <summary>Where it was read from, as the user wrote it.</summary>
    public required string Location { get; init; }

    /// <summary>SHA-256 that stands for names, labels, splits and contents.</summary>
    public required string Version { get; init; }

    /// <summary>Class names by label.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>The splits in the order shown, empty ones left out.</summary>
    public required IReadOnlyList<RunReportSplit> Splits { get; init; }

    /// <summary>Skipped files, missing classes.</summary>
    public IReadOnlyList<DataNotice> Notices { get; init; } = [];

    /// <summary>Takes the counts from a data set.</summary>
    public static RunReportData From(ImageDataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        (string Name, IReadOnlyList<Example> Examples)[] splits =
            [("train", data.Train), ("validation", data.Validation), ("test", data.Test)];
        return new RunReportData
        {
            Location = data.Location,
            Version = data.Version,
            Classes = data.Classes,
            Splits = [.. splits.Where(split => split.Examples.Count > 0)
                .Select(split => new RunReportSplit(split.Name, Count(split.Examples, data.Classes.Count)))],
            Notices = data.Notices,
        };
    }

    private static int[] Count(IReadOnlyList<Example> examples, int classes)
    {
        var counts = new int[classes];
        foreach (var example in examples)
        {
            counts[example.Label]++;
        }

        return counts;
    }
}
