using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Curation.Embeddings;

/// <summary>Coverage and diversity of the classes in the training split.</summary>
internal sealed record ClassCoverage(IReadOnlyList<Finding> Findings, IReadOnlyList<ClassSpread> PerClass, IReadOnlyList<ClassOverlap> Overlaps)
{
    // The eigenvalues of a larger matrix take too long, and the entropy hardly changes.
    private const int MostForEffectiveCount = 512;

    // Below it float32 cosines of equal vectors differ.
    private const double SmallestWidth = 1e-6;

    // With fewer the median class is no measure.
    private const int FewestClasses = 3;

    /// <param name="medianDistance">Of a picture to its nearest one: what counts as a different picture.</param>
    public static ClassCoverage Find(EmbeddedSplits splits, double medianDistance, EmbeddingCheckOptions options)
    {
        var classes = splits.Data.Classes;
        var members = new List<int>[classes.Count];
        for (var label = 0; label < members.Length; label++)
        {
            members[label] = [];
        }

        for (var row = 0; row < splits.Data.Train.Count; row++)
        {
            members[splits.Examples[row].Label].Add(row);
        }

        var centres = members.Select(rows => Centre(splits, rows)).ToArray();
        var spreads = classes.Select((name, label) => Spread(splits, members, centres, label, medianDistance)).ToList();
        var overlaps = Overlap(splits, members);
        return new ClassCoverage([.. LowDiversity(spreads, options), .. Overlapping(overlaps, options)], spreads, overlaps);
    }

    // The mean of the unit vectors, scaled to length 1; null for a class without pictures.
    private static double[]? Centre(EmbeddedSplits splits, List<int> rows)
    {
        var centre = new double[splits.Unit.Dimensions];
        foreach (var row in rows)
        {
            var vector = splits.Unit.Row(row);
            for (var d = 0; d < centre.Length; d++)
            {
                centre[d] += vector[d];
            }
        }

        var length = Math.Sqrt(centre.Sum(value => value * value));
        return length > 0 ? [.. centre.Select(value => value / length)] : null;
    }

    private static ClassSpread Spread(EmbeddedSplits splits, List<int>[] members, double[]?[] centres, int label, double width)
    {
        var (rows, classes) = (members[label], splits.Data.Classes);
        if (centres[label] is not { } centre)
        {
            return new ClassSpread(classes[label], rows.Count, null, null, null, rows.Count == 0 ? null : 1);
        }

        double? nearest = null;
        var nearestLabel = -1;
        for (var other = 0; other < centres.Length; other++)
        {
            if (other != label && centres[other] is { } there)
            {
                var distance = 1 - centre.Zip(there, (a, b) => a * b).Sum();
                (nearest, nearestLabel) = nearest is null || distance < nearest ? (Math.Max(distance, 0), other) : (nearest, nearestLabel);
            }
        }

        return new ClassSpread(
            classes[label],
            rows.Count,
            rows.Count < 2 ? null : rows.Average(row => Distance(splits.Unit.Row(row), centre)),
            nearest is null ? null : classes[nearestLabel],
            nearest,
            EffectiveCount(splits, rows, width));
    }

    private static double Distance(ReadOnlySpan<float> vector, double[] centre)
    {
        var product = 0.0;
        for (var d = 0; d < centre.Length; d++)
        {
            product += vector[d] * centre[d];
        }

        return Math.Max(0, 1 - product);
    }

    // Vendi score: the eigenvalues of the matrix of similarities, divided by its side, sum to 1. The kernel is a Gaussian on the sphere.
    private static double EffectiveCount(EmbeddedSplits splits, List<int> rows, double width)
    {
        var count = Math.Min(rows.Count, MostForEffectiveCount);
        var dimensions = splits.Unit.Dimensions;
        var values = new float[count * dimensions];
        for (var i = 0; i < count; i++)
        {
            splits.Unit.Row(rows[(int)((long)i * rows.Count / count)]).CopyTo(values.AsSpan(i * dimensions));
        }

        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        var vectors = tensor(values).reshape(count, dimensions).to(ScalarType.Float64);
        var distances = 1 - vectors.mm(vectors.t());
        var eigenvalues = linalg.eigvalsh((-distances / Math.Max(width, SmallestWidth)).exp() / count).data<double>().ToArray();
        return Math.Exp(-eigenvalues.Where(value => value > 0).Sum(value => value * Math.Log(value)));
    }

    private static List<ClassOverlap> Overlap(EmbeddedSplits splits, List<int>[] members)
    {
        var neighbours = splits.Between("train", "train");
        var shared = new Dictionary<(int First, int Second), double>();
        for (var label = 0; label < members.Length; label++)
        {
            foreach (var row in members[label])
            {
                var rows = neighbours.Rows(row);
                foreach (var other in rows)
                {
                    if (splits.Examples[other].Label != label)
                    {
                        var pair = (Math.Min(label, splits.Examples[other].Label), Math.Max(label, splits.Examples[other].Label));
                        shared[pair] = shared.GetValueOrDefault(pair) + (0.5 / rows.Length / members[label].Count);
                    }
                }
            }
        }

        return [.. shared.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key)
            .Select(entry => new ClassOverlap(splits.Data.Classes[entry.Key.First], splits.Data.Classes[entry.Key.Second], entry.Value))];
    }

    private static IEnumerable<Finding> LowDiversity(List<ClassSpread> spreads, EmbeddingCheckOptions options)
    {
        double[] known = [.. spreads.Select(spread => spread.MeanDistance).OfType<double>().Order()];
        if (known.Length < FewestClasses)
        {
            yield break;
        }

        var median = Quantiles.Of(known, 0.5);
        foreach (var spread in spreads.Where(spread => spread.MeanDistance < options.LowSpread * median).OrderBy(spread => spread.MeanDistance))
        {
            yield return new Finding
            {
                Kind = "low-diversity",
                Severity = Severity.Note,
                Subject = spread.Class,
                Reason = $"Its {spread.Pictures} training pictures lie close together: mean cosine distance to their centre " +
                    $"{spread.MeanDistance:0.####}, below {options.LowSpread:0.##} of the median class's {median:0.####}; " +
                    $"{Math.Min(spread.Pictures, MostForEffectiveCount)} of them are worth {spread.EffectiveCount:0.#} different ones. " +
                    "Add pictures from other sources, places or viewpoints.",
                Score = spread.MeanDistance,
            };
        }
    }

    private static IEnumerable<Finding> Overlapping(List<ClassOverlap> overlaps, EmbeddingCheckOptions options) => overlaps
        .TakeWhile(overlap => overlap.Share >= options.Overlap)
        .Select(overlap => new Finding
        {
            Kind = "overlapping-classes",
            Severity = Severity.Warning,
            Subject = $"{overlap.First} and {overlap.Second}",
            Reason = $"{overlap.Share:P1} of their pictures' nearest ones belong to the other class, the limit is {options.Overlap:P0}. " +
                "Look for labels given by mistake, define the classes more sharply, or join them.",
            Score = overlap.Share,
        });
}
