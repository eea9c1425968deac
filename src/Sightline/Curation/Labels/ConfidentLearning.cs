namespace Sightline.Curation.Labels;

/// <summary>Finds wrong labels from out-of-sample probabilities.</summary>
/// <remarks>
/// Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", Journal of Artificial Intelligence Research 70
/// (2021), sections 3.1 and 3.2; bounds and ties as in cleanlab (count.py, filter.py, rank.py).
/// </remarks>
public static class ConfidentLearning
{
    /// <summary>With fewer classes the off-diagonal count is too coarse and the calibrated joint estimates the number of errors.</summary>
    private const int FewClasses = 4;

    /// <summary>Flags and ranks the labels that are probably wrong.</summary>
    /// <param name="probabilities">Out of sample, [N,K].</param>
    /// <param name="labels">Given labels, [N], each 0..K-1.</param>
    /// <param name="options">Rule, order, pictures that stay.</param>
    /// <exception cref="SettingsException">An option is out of its range.</exception>
    /// <exception cref="DataException">There are no pictures, or a different number of labels and rows.</exception>
    /// <exception cref="ArgumentException">A label is outside 0..K-1.</exception>
    public static ConfidentLearningResult Find(ClassProbabilities probabilities, IReadOnlyList<int> labels, ConfidentLearningOptions options)
    {
        Check(probabilities, labels, options);
        var joint = ConfidentJoint.Count(probabilities, labels);
        var quality = new double[labels.Count];
        for (var i = 0; i < quality.Length; i++)
        {
            quality[i] = LabelScores.Of(options.Quality, probabilities.Row(i), labels[i]);
        }

        var flagged = new Pruning(probabilities, labels, joint, options.MinimumPerClass).Flag(options.Rule);
        var issues = flagged
            .Where(row => !options.SpareLikeliest || !LabelWins(probabilities.Row(row), labels[row]))
            .OrderBy(row => quality[row])
            .ThenBy(row => row)
            .Select(row => Describe(probabilities, labels, quality, row));
        return new ConfidentLearningResult
        {
            Thresholds = joint.Thresholds,
            ConfidentJoint = joint.Counts,
            CalibratedJoint = joint.Calibrated,
            EstimatedErrors = probabilities.Classes < FewClasses ? joint.CalibratedErrors : joint.OffDiagonalRows.Count,
            Issues = [.. issues],
            Quality = quality,
            Agreement = Enumerable.Range(0, labels.Count).Count(i => probabilities.Largest(i) == labels[i]) / (double)labels.Count,
        };
    }

    private static LabelIssue Describe(ClassProbabilities probabilities, IReadOnlyList<int> labels, double[] quality, int row)
    {
        var values = probabilities.Row(row);
        var suggested = 0;
        for (var k = 0; k < values.Length; k++)
        {
            suggested = k != labels[row] && (suggested == labels[row] || values[k] > values[suggested]) ? k : suggested;
        }

        return new LabelIssue(row, labels[row], suggested, quality[row], values[labels[row]], values[suggested]);
    }

    // A label that is as probable as any other class is never flagged.
    private static bool LabelWins(ReadOnlySpan<float> row, int label)
    {
        var largest = 0.0;
        foreach (var value in row)
        {
            largest = Math.Max(largest, value);
        }

        return row[label] + ConfidentJoint.Tie >= largest;
    }

    private static void Check(ClassProbabilities probabilities, IReadOnlyList<int> labels, ConfidentLearningOptions options)
    {
        var problems = options.Check().ToArray();
        if (problems.Length > 0)
        {
            throw new SettingsException(string.Join(' ', problems));
        }

        if (labels.Count == 0)
        {
            throw new DataException("There are no labels to judge; at least one picture is needed. Choose another split or data set.");
        }

        if (labels.Count != probabilities.Count)
        {
            throw new DataException(
                $"There are {probabilities.Count} rows of probabilities and {labels.Count} labels; there must be one row per picture, in the same order.");
        }

        for (var i = 0; i < labels.Count; i++)
        {
            if ((uint)labels[i] >= (uint)probabilities.Classes)
            {
                throw new ArgumentException(
                    $"Label {i} is {labels[i]}; with {probabilities.Classes} classes it must be from 0 to {probabilities.Classes - 1}.", nameof(labels));
            }
        }
    }
}
