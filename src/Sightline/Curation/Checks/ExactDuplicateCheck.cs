namespace Sightline.Curation.Checks;

/// <summary>Pictures with the same pixels as an earlier one.</summary>
internal sealed class ExactDuplicateCheck : IDatasetCheck
{
    public IReadOnlyList<FindingKind> Kinds { get; } =
    [
        new("exact-duplicate", "The decoded pixels are the same as those of an earlier picture, whatever the file format.", "Keep one of each group."),
    ];

    public IEnumerable<Finding> Run(CheckInput input) =>
        from original in input.Duplicates.Copies.Keys.Order()
        from copy in input.Duplicates.Copies[original].Skip(1)
        select new Finding
        {
            Kind = "exact-duplicate",
            Severity = Severity.Warning,
            Subject = input.Name(copy),
            Images = [copy, original],
            Reason = $"It has the same pixels as '{input.Name(original)}' ({PairWords.Where(input, original, copy)}).",
            Score = 0,
        };
}
