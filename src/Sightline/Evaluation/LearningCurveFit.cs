namespace Sightline.Evaluation;

/// <summary>A power law through errors by numbers of training pictures: floor + scale (n / largest n)^-exponent.</summary>
/// <remarks>The usual form of learning curves (Cortes et al. 1993; Hestness et al. 2017).</remarks>
/// <param name="Floor">Error that more pictures of this kind would not remove, 0..1.</param>
/// <param name="Scale">What is above it at the largest number, at least 0.</param>
/// <param name="Exponent">0.05 to 2.</param>
/// <param name="Largest">The largest number of pictures.</param>
internal sealed record LearningCurveFit(double Floor, double Scale, double Exponent, double Largest)
{
    private const double Least = 0.05;
    private const double Most = 2;

    /// <summary>The law's error at a number of pictures.</summary>
    public double At(double pictures) => Floor + (Scale * Math.Pow(pictures / Largest, -Exponent));

    /// <summary>Least squares. For a given exponent the other two have a closed form; the exponent is searched.</summary>
    /// <param name="pictures">Different numbers, rising; at least 3.</param>
    /// <param name="errors">0..1.</param>
    public static LearningCurveFit Of(double[] pictures, double[] errors)
    {
        double Squares(double exponent) => Sum(With(exponent, pictures, errors), pictures, errors);
        const int Steps = 100;
        var best = Enumerable.Range(0, Steps + 1).Select(i => Least + ((Most - Least) * i / Steps)).MinBy(Squares);

        // Golden-section search between the neighbours.
        var (low, high) = (Math.Max(Least, best - ((Most - Least) / Steps)), Math.Min(Most, best + ((Most - Least) / Steps)));
        var ratio = (Math.Sqrt(5) - 1) / 2;
        for (var i = 0; i < 60; i++)
        {
            var (a, b) = (high - (ratio * (high - low)), low + (ratio * (high - low)));
            (low, high) = Squares(a) <= Squares(b) ? (low, b) : (a, high);
        }

        return With((low + high) / 2, pictures, errors);
    }

    private static LearningCurveFit With(double exponent, double[] pictures, double[] errors)
    {
        var largest = pictures[^1];
        var x = Array.ConvertAll(pictures, n => Math.Pow(n / largest, -exponent));
        var (meanX, meanE) = (x.Average(), errors.Average());
        var (cross, square) = (0.0, 0.0);
        for (var i = 0; i < x.Length; i++)
        {
            cross += (x[i] - meanX) * (errors[i] - meanE);
            square += (x[i] - meanX) * (x[i] - meanX);
        }

        var scale = Math.Max(0, cross / square);
        var floor = meanE - (scale * meanX);
        if (floor < 0)
        {
            // A negative error is none: the best line through the origin.
            (floor, scale) = (0, x.Zip(errors, (a, e) => a * e).Sum() / x.Sum(a => a * a));
        }

        return new LearningCurveFit(floor, scale, exponent, largest);
    }

    private static double Sum(LearningCurveFit fit, double[] pictures, double[] errors) =>
        pictures.Zip(errors, (n, error) => Math.Pow(fit.At(n) - error, 2)).Sum();
}
