using Sightline.Curation.Duplicates;

namespace Sightline.Curation.Checks;

/// <summary>Pictures that are judged by and were trained on, or chosen by: the figures flatter the model.</summary>
internal sealed class LeakageCheck : IDatasetCheck
{
    private const int Test = 2;

    public IReadOnlyList<FindingKind> Kinds { get; } =
    [
        new("leakage",
            "A test picture is the same or nearly the same as a training or validation picture, or a validation picture as a training picture.",
            "Exclude it from one of the two splits, or split again with duplicates kept together."),
    ];

    public IEnumerable<Finding> Run(CheckInput input)
    {
        var found = new List<Finding>();
        for (var picture = 0; picture < input.Facts.Count; picture++)
        {
            for (var trusted = 0; trusted < input.Splits[picture] && input.Duplicates.Originals[picture] >= 0; trusted++)
            {
                if (Find(input, picture, trusted) is { } finding)
                {
                    found.Add(finding);
                    break;
                }
            }
        }

        return found.OrderByDescending(finding => finding.Severity).ThenByDescending(finding => input.Splits[finding.Images[0]] == Test).ThenBy(finding => finding.Score);
    }

    private static Finding? Find(CheckInput input, int picture, int split)
    {
        var original = input.Duplicates.Originals[picture];
        if (Member(input, original, split) is { } same)
        {
            return Make(input, picture, same, Severity.Error, 0, "has the same pixels as", "");
        }

        return input.Duplicates.NearestInSplit[split][original] is { } edge && Member(input, edge.Other(original), split) is { } near
            ? Make(input, picture, near, PairWords.Judge(edge, Severity.Error), edge.Distance, "is nearly the same as", $": {PairWords.Distance(edge)}")
            : null;
    }

    private static int? Member(CheckInput input, int original, int split)
    {
        foreach (var member in input.Duplicates.Members(original))
        {
            if (input.Splits[member] == split)
            {
                return member;
            }
        }

        return null;
    }

    private static Finding Make(CheckInput input, int picture, int other, Severity severity, int distance, string relation, string details) => new()
    {
        Kind = "leakage",
        Severity = severity,
        Subject = input.Name(picture),
        Images = [picture, other],
        Reason = $"It is in the {input.SplitName(picture)} split and {relation} '{input.Name(other)}' ({PairWords.Where(input, other, picture)}){details}.",
        Score = distance,
    };
}
