using System.Globalization;
using Sightline.Data;

namespace Sightline.Recommendation;

/// <summary>The model to take of those that could be, and why.</summary>
/// <param name="Name">Null where none keeps the limits.</param>
/// <param name="Reason">In words.</param>
internal sealed record Choice(string? Name, string Reason)
{
    // Below so many pictures the layers of an untrained network hardly learn what any published weights know.
    private const int FewPictures = 20_000;

    public static Choice Of(IReadOnlyList<ModelCandidate> candidates, RecommendOptions options, ImageDataset data)
    {
        var fitting = candidates.Where(one => one is { IsPareto: true, Fits: true }).ToList();
        if (fitting.Count == 0)
        {
            var (least, quickest) = (candidates.MinBy(one => one.MemoryBytes), candidates.MinBy(one => one.Minutes));
            return new Choice(null, Say(
                $"No model keeps the limits. The least memory takes {least?.Name} ({Gib(least)} GiB), the least time {quickest?.Name} ({quickest?.Minutes:0.#} minutes). Take a smaller --batch or --size, fewer --epochs, or wider limits."));
        }

        if (options.MaxMinutes is { } minutes)
        {
            var best = fitting.MaxBy(one => one.PriorTop1)!; // There is at least one.
            return new Choice(best.Name, Say(
                $"{best.Name} has the highest published accuracy of the models that keep the limits: {best.Minutes:0.#} of {minutes:0.#} minutes, {Gib(best)} GiB.{Few(data, options)}"));
        }

        // Each doubling of the time must bring a point: from the quickest on, the best of accuracy less that price.
        var fastest = fitting.Min(one => one.Minutes);
        double Worth(ModelCandidate one) => one.PriorTop1 - (options.PointsPerDoubling * Math.Log2(one.Minutes / fastest));
        var chosen = fitting.MaxBy(Worth)!; // There is at least one.
        var next = fitting.Where(one => one.PriorTop1 > chosen.PriorTop1).MaxBy(Worth);
        return new Choice(chosen.Name, Say(
            $"{chosen.Name} ({chosen.Minutes:0.#} minutes, {Gib(chosen)} GiB): from the quickest model on, each doubling of the training time up to it brings, on average, {options.PointsPerDoubling:0.#} point of published accuracy or more{(next is null ? "." : FormattableString.Invariant($"; {next.Name} would bring {next.PriorTop1 - chosen.PriorTop1:0.0} more for {next.Minutes / chosen.Minutes:0.0} times as long."))}{Few(data, options)}"));
    }

    private static string Few(ImageDataset data, RecommendOptions options) => data.Train.Count < FewPictures && options.Training is { Weights: null, Pretrained: null }
        ? Say($" With {data.Train.Count:N0} training pictures, start from published weights if you can (--pretrained): the order of models is that of pretrained ones.")
        : "";

    private static string Gib(ModelCandidate? one) => Say($"{(one?.MemoryBytes ?? 0) / (double)(1 << 30):0.0}");

    private static string Say(FormattableString words) => words.ToString(CultureInfo.InvariantCulture);
}
