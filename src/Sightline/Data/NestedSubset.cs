namespace Sightline.Data;

/// <summary>Parts of a split that lie in one another: of each class the same share, and a smaller part is always within a larger one.</summary>
internal static class NestedSubset
{
    /// <summary>A part of a split.</summary>
    /// <param name="examples">The split.</param>
    /// <param name="share">Above 0 to 1. Of each class at least one picture is taken.</param>
    /// <param name="seed">Of the order in which pictures join.</param>
    public static IReadOnlyList<Example> Of(IReadOnlyList<Example> examples, double share, long seed) => share >= 1 ? examples :
    [
        .. examples.GroupBy(example => example.Label)
            .SelectMany(group => Ordered(group, seed).Take(Math.Max(1, (int)Math.Round(share * group.Count()))))
            .OrderBy(example => example.Index),
    ];

    // The order follows from seed and picture alone, so that every part, in every process, is a beginning of the same sequence.
    private static IOrderedEnumerable<Example> Ordered(IEnumerable<Example> examples, long seed) =>
        examples.OrderBy(example => Seeds.Mix(seed, example.Index)).ThenBy(example => example.Index);
}
