using System.Globalization;

namespace Sightline.Curation.Checks;

/// <summary>Classes with far fewer training pictures than others.</summary>
internal sealed class ClassImbalanceCheck : IDatasetCheck
{
    // cleanlab: share below 0.1 / K (cleanlab/datalab/internal/issue_manager/imbalance.py).
    private const double LeastShare = 0.1;
    private const double LargestRatio = 10;

    public IReadOnlyList<FindingKind> Kinds { get; } =
    [
        new("class-imbalance",
            "A class has less than a tenth of the training pictures that even classes would have (warning), or of those that the largest class has (note).",
            "Add pictures of it, weight the classes, or draw them evenly; judge by macro F1 rather than accuracy."),
    ];

    public IEnumerable<Finding> Run(CheckInput input)
    {
        var counts = ClassCounts.Of(input.Data.Train, input.Data.Classes.Count);
        var (most, mean) = (counts.Max(), counts.Average());
        return
            from label in Enumerable.Range(0, counts.Length)
            where counts[label] > 0 && (counts[label] < LeastShare * mean || counts[label] * LargestRatio < most)
            orderby counts[label]
            select new Finding
            {
                Kind = "class-imbalance",
                Severity = counts[label] < LeastShare * mean ? Severity.Warning : Severity.Note,
                Subject = input.Data.Classes[label],
                Reason = string.Create(CultureInfo.InvariantCulture,
                    $"It has {counts[label]} training pictures; the largest class, '{input.Data.Classes[Array.IndexOf(counts, most)]}', has {most}, the mean is {mean:0}."),
                Score = (double)counts[label] / most,
            };
    }
}
