namespace Sightline.Evaluation;

/// <summary>Finds the temperature of <see cref="Calibration"/>.</summary>
internal static class TemperatureScaling
{
    private const double Least = 0.01;
    private const double Most = 100;

    /// <summary>
    /// The temperature, 0.01 to 100, with the least mean cross-entropy. That is convex in the inverse temperature, so Newton's method kept within
    /// a shrinking bracket always arrives.
    /// </summary>
    public static (double Temperature, bool IsAtLimit) Fit(Predictions predictions)
    {
        var (low, high) = (1 / Most, 1 / Least);
        var atLow = Slope(predictions, low).Slope;
        if (atLow == 0 && Slope(predictions, high).Slope == 0)
        {
            return (1, false); // Every row has one value only: no temperature changes anything.
        }

        if (atLow >= 0 || Slope(predictions, high).Slope <= 0)
        {
            return (atLow >= 0 ? Most : Least, true);
        }

        var inverse = 1.0;
        for (var i = 0; i < 100 && high - low > 1e-12 * high; i++)
        {
            var (slope, curvature) = Slope(predictions, inverse);
            (low, high) = slope > 0 ? (low, inverse) : (inverse, high);
            var next = curvature > 0 ? inverse - (slope / curvature) : low;
            next = next > low && next < high ? next : (low + high) / 2;
            if (Math.Abs(next - inverse) <= 1e-13 * inverse)
            {
                break;
            }

            inverse = next;
        }

        return (1 / inverse, false);
    }

    // With p = softmax(b z): d/db of the loss is the mean of E_p[z] - z of the true class, and the second derivative the mean of Var_p[z].
    private static (double Slope, double Curvature) Slope(Predictions predictions, double inverse)
    {
        var (slope, curvature) = (0.0, 0.0);
        for (var i = 0; i < predictions.Labels.Length; i++)
        {
            var row = predictions.Row(i);
            double largest = row[predictions.Predicted(i)];
            var (sum, first, second) = (0.0, 0.0, 0.0);
            foreach (var logit in row)
            {
                var z = logit - largest;
                var weight = Math.Exp(inverse * z);
                sum += weight;
                first += weight * z;
                second += weight * z * z;
            }

            var mean = first / sum;
            slope += mean - (row[predictions.Labels[i]] - largest);
            curvature += (second / sum) - (mean * mean);
        }

        return (slope / predictions.Labels.Length, curvature / predictions.Labels.Length);
    }
}
