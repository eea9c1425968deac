namespace Sightline.Curation.Labels;

/// <summary>Chooses the pictures that a <see cref="PruningRule"/> holds to be mislabelled.</summary>
/// <remarks>Northcutt et al. 2021, section 3.2. Equal scores are taken in the order of the pictures.</remarks>
internal sealed class Pruning
{
    private readonly ClassProbabilities _probabilities;
    private readonly IReadOnlyList<int> _labels;
    private readonly ConfidentJoint _joint;
    private readonly int _minimum;
    private readonly int[][] _members;

    public Pruning(ClassProbabilities probabilities, IReadOnlyList<int> labels, ConfidentJoint joint, int minimumPerClass)
    {
        _probabilities = probabilities;
        _labels = labels;
        _joint = joint;
        _minimum = minimumPerClass;
        var byLabel = Enumerable.Range(0, labels.Count).ToLookup(i => labels[i]);
        _members = Enumerable.Range(0, probabilities.Classes).Select(label => byLabel[label].ToArray()).ToArray();
    }

    /// <summary>Rows, each once, in no order that counts.</summary>
    public IEnumerable<int> Flag(PruningRule rule) => rule switch
    {
        PruningRule.NoiseRate => NoiseRate(),
        PruningRule.OffDiagonal => _joint.OffDiagonalRows,
        PruningRule.Class => Class(),
        PruningRule.Both => NoiseRate().Intersect(Class()),
        PruningRule.PredictedClass => Enumerable.Range(0, _labels.Count).Where(i => _probabilities.Largest(i) != _labels[i]),
        PruningRule.LowMargin => Lowest(LabelQuality.NormalizedMargin),
        PruningRule.LowSelfConfidence => Lowest(LabelQuality.SelfConfidence),
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "The rule has no method; this is a fault of the library."),
    };

    // For every pair j != k: the C[k][j] pictures of label k with the largest p[j] - p[k].
    private HashSet<int> NoiseRate()
    {
        var flagged = new HashSet<int>();
        for (var label = 0; label < _members.Length; label++)
        {
            if (_members[label].Length <= _minimum)
            {
                continue;
            }

            var counts = Remaining(label);
            for (var other = 0; other < counts.Length; other++)
            {
                if (other != label && counts[other] > 0)
                {
                    flagged.UnionWith(Take(_members[label], counts[other], i => (double)_probabilities.Row(i)[label] - _probabilities.Row(i)[other]));
                }
            }
        }

        return flagged;
    }

    // For each class the n - C[k][k] pictures of smallest p[k].
    private HashSet<int> Class()
    {
        var flagged = new HashSet<int>();
        for (var label = 0; label < _members.Length; label++)
        {
            if (_members[label].Length > _minimum)
            {
                flagged.UnionWith(Take(_members[label], _members[label].Length - Remaining(label)[label], i => _probabilities.Row(i)[label]));
            }
        }

        return flagged;
    }

    private IEnumerable<int> Lowest(LabelQuality quality) => Take(
        [.. Enumerable.Range(0, _labels.Count)], _joint.OffDiagonalRows.Count, i => LabelScores.Of(quality, _probabilities.Row(i), _labels[i]));

    // A label's row of the calibrated joint, with one after another taken from its largest error until the minimum of pictures stays.
    private int[] Remaining(int label)
    {
        var counts = (int[])_joint.Calibrated[label].Clone();
        while (counts[label] < _minimum)
        {
            var largest = Enumerable.Range(0, counts.Length).Where(k => k != label).MaxBy(k => counts[k]);
            counts[largest]--;
            counts[label]++;
        }

        return counts;
    }

    // OrderBy keeps the order of equals.
    private static IEnumerable<int> Take(int[] rows, int count, Func<int, double> score) => rows.OrderBy(score).Take(count);
}
