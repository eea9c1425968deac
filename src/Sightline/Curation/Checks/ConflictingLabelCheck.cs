namespace Sightline.Curation.Checks;

/// <summary>The same picture under two classes.</summary>
internal sealed class ConflictingLabelCheck : IDatasetCheck
{
    public IReadOnlyList<FindingKind> Kinds { get; } =
    [
        new("conflicting-label",
            "The same or nearly the same picture, neither mirrored nor turned, has two classes.",
            "Decide which class is right, and remove or relabel the other."),
    ];

    public IEnumerable<Finding> Run(CheckInput input) =>
        Same(input).Concat(Near(input).OrderByDescending(finding => finding.Severity).ThenBy(finding => finding.Score));

    private static IEnumerable<Finding> Same(CheckInput input) =>
        from original in input.Duplicates.Copies.Keys.Order()
        from copy in input.Duplicates.Copies[original].Skip(1)
        where input.Labels[copy] != input.Labels[original]
        select Make(input, copy, original, Severity.Warning, 0, "has the same pixels as");

    private static IEnumerable<Finding> Near(CheckInput input)
    {
        var told = new HashSet<(int, int)>();
        foreach (var nearest in input.Duplicates.NearestOfOtherClass)
        {
            if (nearest is { } edge && told.Add((edge.First, edge.Second)))
            {
                yield return Make(
                    input, edge.Second, edge.First, PairWords.Judge(edge, Severity.Warning), edge.Distance, $"is nearly the same ({PairWords.Distance(edge)}) as");
            }
        }
    }

    private static Finding Make(CheckInput input, int picture, int other, Severity severity, int distance, string relation) => new()
    {
        Kind = "conflicting-label",
        Severity = severity,
        Subject = input.Name(picture),
        Images = [picture, other],
        Reason = $"It is of class '{input.ClassName(picture)}' and {relation} '{input.Name(other)}' of class '{input.ClassName(other)}'.",
        Score = distance,
    };
}
