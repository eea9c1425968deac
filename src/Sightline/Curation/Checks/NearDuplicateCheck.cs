namespace Sightline.Curation.Checks;

/// <summary>Pictures that are nearly the same: resized, compressed, recoloured a little, mirrored or turned by quarters.</summary>
internal sealed class NearDuplicateCheck : IDatasetCheck
{
    public IReadOnlyList<FindingKind> Kinds { get; } =
    [
        new("near-duplicate",
            "The perceptual hashes are at most 4 of 64 bits apart, or at most 10 and the colours at most 8 of 255 levels; mirrored and turned copies too. Colours that differ by more than 20 make it a note.",
            "Keep one of each group; a split must not part them."),
    ];

    public IEnumerable<Finding> Run(CheckInput input) => input.Duplicates.Forest.OrderBy(edge => edge.IsDoubtful).Select(edge => new Finding
    {
        Kind = "near-duplicate",
        Severity = PairWords.Judge(edge, Severity.Warning),
        Subject = input.Name(edge.Second),
        Images = [edge.Second, edge.First],
        Reason = $"It is nearly the same as '{input.Name(edge.First)}' ({PairWords.Where(input, edge.First, edge.Second)}): {PairWords.Distance(edge)}.",
        Score = edge.Distance,
    });
}
