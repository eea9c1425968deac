namespace Sightline.Curation.Labels;

/// <summary>Counts of given label against confident class, and the same calibrated to the number of pictures of each label.</summary>
/// <remarks>Northcutt et al. 2021, section 3.1, equations 1 to 3.</remarks>
internal sealed class ConfidentJoint
{
    /// <summary>Probabilities closer than this count as equal.</summary>
    public const double Tie = 1e-6;

    private const double SmallestThreshold = 2e-6;

    // No probability reaches it.
    private const double AbsentThreshold = 2;

    private ConfidentJoint(double[] thresholds, int[][] counts, int[][] calibrated, List<int> offDiagonalRows)
    {
        Thresholds = thresholds;
        Counts = counts;
        Calibrated = calibrated;
        OffDiagonalRows = offDiagonalRows;
    }

    public double[] Thresholds { get; }

    /// <summary>Row = given label, column = confident class.</summary>
    public int[][] Counts { get; }

    public int[][] Calibrated { get; }

    /// <summary>The pictures counted off the diagonal, in order.</summary>
    public List<int> OffDiagonalRows { get; }

    public int CalibratedErrors => Calibrated.Select((row, label) => row.Sum() - row[label]).Sum();

    public static ConfidentJoint Count(ClassProbabilities probabilities, IReadOnlyList<int> labels)
    {
        var classes = probabilities.Classes;
        var sizes = new int[classes];
        var sums = new double[classes];
        for (var i = 0; i < labels.Count; i++)
        {
            sizes[labels[i]]++;
            sums[labels[i]] += probabilities.Row(i)[labels[i]];
        }

        var thresholds = sums.Zip(sizes, (sum, size) => size == 0 ? AbsentThreshold : Math.Max(sum / size, SmallestThreshold)).ToArray();
        var counts = sizes.Select(_ => new int[classes]).ToArray();
        var offDiagonal = new List<int>();
        for (var i = 0; i < labels.Count; i++)
        {
            if (ConfidentClass(probabilities, i, thresholds) is not { } guess)
            {
                continue;
            }

            counts[labels[i]][guess]++;
            if (guess != labels[i])
            {
                offDiagonal.Add(i);
            }
        }

        for (var k = 0; k < classes; k++)
        {
            counts[k][k] = Math.Max(counts[k][k], 1);
        }

        return new ConfidentJoint(thresholds, counts, Calibrate(counts, sizes), offDiagonal);
    }

    // Null where no class reaches its threshold: often an outlier.
    private static int? ConfidentClass(ClassProbabilities probabilities, int index, double[] thresholds)
    {
        var row = probabilities.Row(index);
        int? only = null;
        for (var k = 0; k < row.Length; k++)
        {
            if (row[k] < thresholds[k] - Tie)
            {
                continue;
            }

            if (only is not null)
            {
                return probabilities.Largest(index);
            }

            only = k;
        }

        return only;
    }

    // Each row's sum becomes its label's number of pictures; a label without pictures has zeros. The sum is then N already.
    private static int[][] Calibrate(int[][] counts, int[] sizes)
    {
        var calibrated = new int[counts.Length][];
        for (var label = 0; label < counts.Length; label++)
        {
            double sum = counts[label].Sum();
            calibrated[label] = Round(counts[label].Select(count => count / sum * sizes[label]).ToArray());
        }

        return calibrated;
    }

    // To the nearest whole numbers, then those furthest from theirs are moved by one until the sum is kept; the first of equals first.
    private static int[] Round(double[] values)
    {
        var rounded = values.Select(value => (int)Math.Round(value)).ToArray();
        var missing = (int)Math.Round(values.Sum()) - rounded.Sum();
        var step = Math.Sign(missing);
        var order = Enumerable.Range(0, values.Length)
            .Where(i => rounded[i] + step >= 0)
            .OrderByDescending(i => (values[i] - rounded[i]) * step)
            .ThenBy(i => i)
            .Take(Math.Abs(missing));
        foreach (var i in order.ToArray())
        {
            rounded[i] += step;
        }

        return rounded;
    }
}
