using System.Globalization;

namespace Sightline.Curation.Checks;

/// <summary>Pictures that are nearly the same: resized, compressed, recoloured a little, mirrored or turned by quarters.</summary>
internal sealed class NearDuplicateCheck : IDatasetCheck
{
    public IReadOnlyList<FindingKind> Kinds { get; } =
    [
        new("near-duplicate",
            "The perceptual hashes are at most 4 of 64 bits apart, or at most 10 and the colours at most 8 of 255 levels; " +
            "mirrored and turned copies too. Colours that differ by more than 20 make it a note.",
            "Keep one of each group; a split must not part them."),
        new("similar-pictures",
            "More than a tenth of the pictures have another whose perceptual hash is within 4 bits: hashes do not tell these pictures apart.",
            "Nothing; near duplicates are those that also differ by at most 5 of 255 levels of colour. Copies made lighter or darker are not found."),
    ];

    public IEnumerable<Finding> Run(CheckInput input) => Pairs(input).Concat(Similar(input));

    private static IEnumerable<Finding> Similar(CheckInput input) => !input.Duplicates.IsStrict ? [] :
    [
        new Finding
        {
            Kind = "similar-pictures",
            Severity = Severity.Note,
            Subject = "the data set",
            Reason = string.Create(CultureInfo.InvariantCulture,
                $"{100 * input.Duplicates.ShareNear:0} % of the pictures have another within 4 bits; at more than 10 % near duplicates must be near in colour too."),
            Score = input.Duplicates.ShareNear,
        },
    ];

    private static IEnumerable<Finding> Pairs(CheckInput input) => input.Duplicates.Forest.OrderBy(edge => edge.IsDoubtful).Select(edge => new Finding
    {
        Kind = "near-duplicate",
        Severity = PairWords.Judge(edge, Severity.Warning),
        Subject = input.Name(edge.Second),
        Images = [edge.Second, edge.First],
        Reason = $"It is nearly the same as '{input.Name(edge.First)}' ({PairWords.Where(input, edge.First, edge.Second)}): {PairWords.Distance(edge)}.",
        Score = edge.Distance,
    });
}
