using Sightline.Curation.Duplicates;

namespace Sightline.Curation.Checks;

/// <summary>Classes, and source folders, that a split does not have.</summary>
internal sealed class MissingFromSplitCheck : IDatasetCheck
{
    // A smaller group is missing by chance.
    private const int LeastGroup = 20;

    public IReadOnlyList<FindingKind> Kinds { get; } =
    [
        new("class-missing-from-split", "A split has no picture of a class.", "Split again with each class divided by itself, or add pictures."),
        new("group-missing-from-split",
            "A source folder of at least 20 pictures is missing from a split although other source folders are in all of them.",
            "Split by source folder, or divide each of them."),
    ];

    public IEnumerable<Finding> Run(CheckInput input) => Classes(input).Concat(Groups(input));

    private static IEnumerable<Finding> Classes(CheckInput input) =>
        from split in Used(input)
        let counts = ClassCounts.Of(input.Examples(split), input.Data.Classes.Count)
        from label in Enumerable.Range(0, counts.Length)
        where counts[label] == 0
        select new Finding
        {
            Kind = "class-missing-from-split",
            Severity = split == 0 ? Severity.Error : Severity.Warning,
            Subject = $"{input.Data.Classes[label]} in {PictureLabels.SplitNames[split]}",
            Reason = split == 0
                ? "The train split has no picture of this class, so it cannot be learnt."
                : $"The {PictureLabels.SplitNames[split]} split has no picture of this class, so it is never judged.",
        };

    private static IEnumerable<Finding> Groups(CheckInput input)
    {
        var used = Used(input).ToArray();
        var groups = Enumerable.Range(0, input.Splits.Count)
            .Where(i => input.Splits[i] >= 0)
            .GroupBy(i => SourceFolder.Of(input.Name(i), input.ClassName(i)))
            .Select(group => (group.Key, Counts: used.Select(split => group.Count(i => input.Splits[i] == split)).ToArray()))
            .ToList();

        // Where each group is in one split only, the split was made by groups: that is right.
        if (groups.Count < 2 || !groups.Any(group => group.Counts.All(count => count > 0)))
        {
            yield break;
        }

        foreach (var (name, counts) in groups.Where(group => group.Counts.Sum() >= LeastGroup).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            foreach (var at in Enumerable.Range(0, used.Length).Where(at => counts[at] == 0))
            {
                yield return new Finding
                {
                    Kind = "group-missing-from-split",
                    Severity = Severity.Note,
                    Subject = $"{(name.Length == 0 ? "(no folder)" : name)} in {PictureLabels.SplitNames[used[at]]}",
                    Reason = $"The source folder has {counts.Sum()} pictures, none of them in the {PictureLabels.SplitNames[used[at]]} split.",
                };
            }
        }
    }

    private static IEnumerable<int> Used(CheckInput input) => Enumerable.Range(0, 3).Where(split => input.Examples(split).Count > 0);
}
