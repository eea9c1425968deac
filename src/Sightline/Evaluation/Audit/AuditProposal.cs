using Sightline.Augment;

namespace Sightline.Evaluation.Audit;

/// <summary>From verdicts to a policy.</summary>
internal static class AuditProposal
{
    private const string Flip = "horizontalFlip";
    private const string Crop = "crop";

    // Two operators a picture, as RandAugment applies; each at most every other time.
    private const double OperatorsPerPicture = 2;
    private const double MostProbability = 0.5;

    /// <summary>Operators that are useful, each at the largest strength up to which nothing is too strong.</summary>
    /// <param name="lines">By operator, strengths rising.</param>
    /// <param name="size">Side of the input, pixels.</param>
    public static AugmentOptions Of(IReadOnlyList<AuditLine> lines, int size)
    {
        var byName = lines.GroupBy(line => line.Operator).ToList();
        var strongest = byName
            .Select(group => (group.Key, Line: group.TakeWhile(line => line.Verdict != AuditVerdict.TooStrong).LastOrDefault(line => line.Verdict == AuditVerdict.Useful)))
            .ToDictionary(pair => pair.Key, pair => pair.Line);

        // The flip has a setting of its own, and so has the crop of larger inputs.
        var hasCropSetting = new AugmentOptions().For(size).MinimumCropArea < 1;
        var listed = strongest.Where(pair => pair.Value is not null && pair.Key != Flip && !(pair.Key == Crop && hasCropSetting)).Select(pair => pair.Value!).ToList();
        var probability = Math.Round(Math.Min(MostProbability, OperatorsPerPicture / Math.Max(1, listed.Count)), 2);
        return new AugmentOptions
        {
            HorizontalFlip = !byName.Any(group => group.Key == Flip) || strongest[Flip] is not null,
            MinimumCropArea = hasCropSetting && byName.Any(group => group.Key == Crop) ? Area(strongest[Crop]) : null,
            Operators = [.. listed.Select(line => new OperatorStep { Operator = line.Operator, Probability = probability, Strength = line.Strength ?? 1 })],
        };
    }

    private static double Area(AuditLine? line) => line?.Strength is { } strength ? Math.Round(OperatorCatalog.Find(Crop).Value(strength), 2) : 1;
}
