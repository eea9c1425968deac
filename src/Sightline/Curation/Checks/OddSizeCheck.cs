using System.Globalization;

namespace Sightline.Curation.Checks;

/// <summary>Pictures much smaller or larger than the rest.</summary>
internal sealed class OddSizeCheck : IDatasetCheck
{
    private const double Ranges = 3;

    // cleanvision's rule is the quartiles alone. Sets whose pictures were all resized to one width have quartiles so near each other that nearly a quarter
    // of the set would be odd (clothing photos of 400 pixels width: 826 of 3,781), so a picture must differ by this factor too.
    private const double LeastFactor = 1.5;

    public IReadOnlyList<FindingKind> Kinds { get; } =
    [
        new("odd-size",
            "sqrt(width x height) is outside the quartiles of the set by more than 3 times their difference, and 1.5 times larger or smaller than the median.",
            "Look whether it is a thumbnail or a stray; replace or exclude it.")
        { IsProperty = true },
    ];

    public IEnumerable<Finding> Run(CheckInput input)
    {
        var sizes = input.Facts.OfType<Pictures.PictureFacts>().Select(facts => facts.Size).Order().ToArray();
        if (sizes.Length == 0)
        {
            yield break;
        }

        var (first, third) = (Percentile(sizes, 0.25), Percentile(sizes, 0.75));
        var median = Percentile(sizes, 0.5);
        var least = Math.Min(Math.Max(0, first - (Ranges * (third - first))), median / LeastFactor);
        var most = Math.Max(third + (Ranges * (third - first)), median * LeastFactor);
        var odd = Enumerable.Range(0, input.Facts.Count)
            .Where(i => input.Facts[i] is { } facts && (facts.Size < least || facts.Size > most))
            .OrderByDescending(i => Math.Abs(Math.Log(input.Facts[i]!.Size / median))); // Of those above.
        foreach (var i in odd)
        {
            var facts = input.Facts[i]!; // As above.
            yield return new Finding
            {
                Kind = "odd-size",
                Severity = Severity.Warning,
                Subject = input.Name(i),
                Images = [i],
                Reason = string.Create(CultureInfo.InvariantCulture,
                    $"It is {facts.Width} x {facts.Height} pixels, sqrt(width x height) = {facts.Size:0}; the rest of the set leads one to expect {least:0} to {most:0}."),
                Score = facts.Size,
            };
        }
    }

    // Between two values interpolated, as numpy does.
    private static double Percentile(double[] sorted, double share)
    {
        var rank = share * (sorted.Length - 1);
        var below = (int)rank;
        return sorted[below] + ((sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]) * (rank - below));
    }
}
