using System.Globalization;

namespace Sightline.Curation.Checks;

/// <summary>Source folders or file formats that tell the class, so that a model may learn the camera in place of the subject.</summary>
/// <remarks>
/// The measure is Goodman and Kruskal's lambda (1954), leaving one out: the share of the errors of always guessing the largest class that
/// guessing the largest class of the picture's folder, itself not counted, avoids. 0 is chance, 1 is certainty.
/// </remarks>
internal sealed class ConfoundedSourceCheck : IDatasetCheck
{
    private const double Limit = 0.5;
    private const int Named = 3;

    public IReadOnlyList<FindingKind> Kinds { get; } =
    [
        new("confounded-source",
            "The source folder (below the class folder, and shared by several classes) or the file format predicts the class: lambda is at least 0.5 (chance 0).",
            "Collect every class from every source, and split by source."),
    ];

    public IEnumerable<Finding> Run(CheckInput input)
    {
        var pictures = Enumerable.Range(0, input.Labels.Count).Where(i => input.Labels[i] >= 0).ToArray();

        // Folders that each belong to one class may be kinds of that class rather than sources.
        return Judge(input, pictures, "source folder", i => SourceFolder.Of(input.Name(i), input.ClassName(i)), mustBeShared: true)
            .Concat(Judge(input, pictures, "file format", i => input.Facts[i]?.Format ?? "", mustBeShared: false));
    }

    private static IEnumerable<Finding> Judge(CheckInput input, int[] pictures, string what, Func<int, string> source, bool mustBeShared)
    {
        var table = new Dictionary<string, int[]>(StringComparer.Ordinal);
        var totals = new int[input.Data.Classes.Count];
        foreach (var i in pictures)
        {
            var name = source(i);
            if (!table.TryGetValue(name, out var counts))
            {
                table[name] = counts = new int[totals.Length];
            }

            counts[input.Labels[i]]++;
            totals[input.Labels[i]]++;
        }

        if (table.Count < 2 || (mustBeShared && table.Values.All(counts => counts.Count(count => count > 0) < 2)))
        {
            yield break;
        }

        var lambda = Lambda(table.Values, totals);
        if (lambda >= Limit)
        {
            var strongest = table.OrderByDescending(row => row.Value.Max()).ThenBy(row => row.Key, StringComparer.Ordinal).Take(Named).Select(row =>
                string.Create(CultureInfo.InvariantCulture,
                    $"'{row.Key}' is {100.0 * row.Value.Max() / row.Value.Sum():0} % '{input.Data.Classes[Array.IndexOf(row.Value, row.Value.Max())]}'"));
            yield return new Finding
            {
                Kind = "confounded-source",
                Severity = Severity.Warning,
                Subject = what,
                Reason = string.Create(CultureInfo.InvariantCulture,
                    $"The {what} predicts the class with lambda {lambda:0.00} (chance 0, limit {Limit:0.0}): {string.Join(", ", strongest)}."),
                Score = lambda,
            };
        }
    }

    /// <summary>Lambda of a table of sources by classes, each picture guessed without itself.</summary>
    internal static double Lambda(IEnumerable<int[]> table, int[] totals)
    {
        var all = totals.Sum();
        var right = 0L;
        foreach (var counts in table)
        {
            for (var label = 0; label < counts.Length; label++)
            {
                // A tie after taking the picture out is a wrong guess.
                var others = counts.Where((_, other) => other != label).DefaultIfEmpty(0).Max();
                right += counts[label] - 1 > others ? counts[label] : 0;
            }
        }

        var wrongByDefault = all - totals.Max();
        return wrongByDefault == 0 ? 0 : (double)(right - totals.Max()) / wrongByDefault;
    }
}
