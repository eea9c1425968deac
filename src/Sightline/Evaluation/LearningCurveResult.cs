using System.Globalization;

namespace Sightline.Evaluation;

/// <summary>Whether more data or a larger model would help.</summary>
public enum LearningCurveVerdict
{
    /// <summary>Neither shows a gain worth half a point.</summary>
    Neither,

    /// <summary>More training pictures.</summary>
    MoreData,

    /// <summary>A larger model.</summary>
    LargerModel,

    /// <summary>Both.</summary>
    Both,
}

/// <summary>What the learning curve found.</summary>
public sealed record LearningCurveResult
{
    /// <summary>A gain below this is not worth saying.</summary>
    private const double Useful = 0.005;

    /// <summary>A model that makes this share of its errors on its own training pictures too is too small, or trained too short.</summary>
    private const double ErrorsOfItsOwn = 0.5;

    private const int Redraws = 200;

    /// <summary>The data.</summary>
    public required string Data { get; init; }

    /// <summary>The split judged: <c>test</c>, or <c>validation</c> where there is none.</summary>
    public required string Split { get; init; }

    /// <summary>The shares, rising.</summary>
    public required IReadOnlyList<LearningCurvePoint> Points { get; init; }

    /// <summary>The fitted curve's accuracy with all pictures that there could ever be, 0..1: 1 - a of a + b n^-c.</summary>
    public required double Ceiling { get; init; }

    /// <summary>The fitted curve's exponent c, 0.05 to 2; how fast errors fall with pictures.</summary>
    public required double Exponent { get; init; }

    /// <summary>The fitted curve's accuracy at twice the pictures, 0..1.</summary>
    public required double AccuracyAtDouble { get; init; }

    /// <summary>What twice the pictures would gain by the curve, 0..1.</summary>
    public required double GainOfDouble { get; init; }

    /// <summary>Its 95 % interval, from fits to accuracies drawn anew with the chance that so few judged pictures leave.</summary>
    public required Interval GainOfDoubleInterval { get; init; }

    /// <summary>The larger model that was trained too; null where none was.</summary>
    public string? LargerModel { get; init; }

    /// <summary>What it gained; null where none was trained.</summary>
    public RunComparison? Larger { get; init; }

    /// <summary>The verdict.</summary>
    public required LearningCurveVerdict Verdict { get; init; }

    /// <summary>The verdict in words, with its numbers.</summary>
    public required string Sentence { get; init; }

    internal static LearningCurveResult Of(
        string data, string split, IReadOnlyList<LearningCurvePoint> points, string? largerModel, RunComparison? larger, long seed)
    {
        double[] pictures = [.. points.Select(point => (double)point.Pictures)];
        double[] errors = [.. points.Select(point => 1 - point.Accuracy)];
        var fit = LearningCurveFit.Of(pictures, errors);
        var gain = Gain(fit);
        var interval = Redraw(pictures, points, seed);
        var last = points[^1];
        var dataHelps = gain >= Useful && interval.Low > 0;
        var modelHelps = larger is null
            ? 1 - last.TrainAccuracy >= Math.Max(Useful, ErrorsOfItsOwn * (1 - last.Accuracy))
            : larger.AccuracyDifference >= Useful && larger.McNemar.PValue < 0.05;
        return new LearningCurveResult
        {
            Data = data,
            Split = split,
            Points = points,
            Ceiling = 1 - fit.Floor,
            Exponent = fit.Exponent,
            AccuracyAtDouble = 1 - fit.At(2 * fit.Largest),
            GainOfDouble = gain,
            GainOfDoubleInterval = interval,
            LargerModel = largerModel,
            Larger = larger,
            Verdict = (dataHelps, modelHelps) switch
            {
                (true, true) => LearningCurveVerdict.Both,
                (true, false) => LearningCurveVerdict.MoreData,
                (false, true) => LearningCurveVerdict.LargerModel,
                _ => LearningCurveVerdict.Neither,
            },
            Sentence = $"{OfData(dataHelps, fit, gain, interval)} {OfModel(modelHelps, last, largerModel, larger)}",
        };
    }

    private static double Gain(LearningCurveFit fit) => fit.At(fit.Largest) - fit.At(2 * fit.Largest);

    // The same pictures judge all shares, so their chances are not independent; drawn as if they were, the interval is rather too wide.
    private static Interval Redraw(double[] pictures, IReadOnlyList<LearningCurvePoint> points, long seed)
    {
        var gains = new double[Redraws];
        for (var draw = 0; draw < Redraws; draw++)
        {
            var random = new RandomStream(Seeds.Mix(seed, draw, 0x6375));
            var errors = new double[points.Count];
            for (var i = 0; i < errors.Length; i++)
            {
                // Wilson's centre keeps a spread where no picture, or each, is wrong.
                var (interval, z) = (points[i].AccuracyInterval, 1.959963984540054);
                var error = 1 - points[i].Accuracy + (RandomDistributions.Normal(ref random) * (interval.High - interval.Low) / (2 * z));
                errors[i] = Math.Clamp(error, 0, 1);
            }

            gains[draw] = Gain(LearningCurveFit.Of(pictures, errors));
        }

        Array.Sort(gains);
        return new Interval(gains[(int)(0.025 * Redraws)], gains[(int)(0.975 * Redraws) - 1]);
    }

    private static string OfData(bool helps, LearningCurveFit fit, double gain, Interval interval) => Say(
        $"{(helps ? "More data would help" : "More data of this kind shows no sure gain")}: twice the training pictures ({2 * fit.Largest:N0}) would bring about {100 * gain:+0.0;-0.0;0.0} points of accuracy by the curve (95 % interval {100 * interval.Low:0.0} to {100 * interval.High:0.0}).");

    private static string OfModel(bool helps, LearningCurvePoint last, string? name, RunComparison? larger) => larger is not null
        ? Say($"{(helps ? "A larger model helps" : "A larger model shows no sure gain")}: {name} brings {100 * larger.AccuracyDifference:+0.0;-0.0;0.0} points on the same pictures (McNemar p = {larger.McNemar.PValue:0.####}).")
        : helps
            ? Say($"A larger model or a longer training would probably help: this one has only {100 * last.TrainAccuracy:0.0} % of its own training pictures right. --larger MODEL measures it.")
            : Say($"The model's size is not what limits: it has {100 * last.TrainAccuracy:0.0} % of its own training pictures right, {100 * last.Accuracy:0.0} % of others. --larger MODEL measures what a larger one brings.");

    private static string Say(FormattableString words) => words.ToString(CultureInfo.InvariantCulture);
}
