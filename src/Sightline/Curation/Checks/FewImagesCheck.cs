namespace Sightline.Curation.Checks;

/// <summary>Classes with few training pictures, whatever the others have.</summary>
internal sealed class FewImagesCheck : IDatasetCheck
{
    // Azure Custom Vision asks for at least 15 a tag and advises 50.
    private const int Least = 15;
    private const int Advised = 50;

    public IReadOnlyList<FindingKind> Kinds { get; } =
    [
        new("few-images", "A class has fewer than 15 training pictures (warning), or fewer than 50 (note).", "Add pictures of it, or start from trained weights."),
    ];

    public IEnumerable<Finding> Run(CheckInput input)
    {
        var counts = ClassCounts.Of(input.Data.Train, input.Data.Classes.Count);
        return
            from label in Enumerable.Range(0, counts.Length)
            where counts[label] is > 0 and < Advised
            orderby counts[label]
            select new Finding
            {
                Kind = "few-images",
                Severity = counts[label] < Least ? Severity.Warning : Severity.Note,
                Subject = input.Data.Classes[label],
                Reason = $"It has {counts[label]} training {(counts[label] == 1 ? "picture" : "pictures")}; at least {Least} are needed, {Advised} or more advised.",
                Score = counts[label],
            };
    }
}
