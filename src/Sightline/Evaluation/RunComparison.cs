using System.Globalization;

namespace Sightline.Evaluation;

/// <summary>Two models on the same pictures. Differences are second minus first.</summary>
public sealed record RunComparison
{
    /// <summary>The first run's folder.</summary>
    public required string First { get; init; }

    /// <summary>The second run's folder.</summary>
    public required string Second { get; init; }

    /// <summary>The data that both were judged on.</summary>
    public required string Data { get; init; }

    /// <summary>The split that both were judged on.</summary>
    public required string Split { get; init; }

    /// <summary>Pictures judged.</summary>
    public required int Examples { get; init; }

    /// <summary>Accuracy of the first, 0..1.</summary>
    public required double FirstAccuracy { get; init; }

    /// <summary>Accuracy of the second, 0..1.</summary>
    public required double SecondAccuracy { get; init; }

    /// <summary>Second minus first.</summary>
    public required double AccuracyDifference { get; init; }

    /// <summary>Its interval by resampling pictures, each with both models' answers.</summary>
    public required BootstrapInterval AccuracyDifferenceInterval { get; init; }

    /// <summary>Macro F1 of the first, 0..1.</summary>
    public required double FirstMacroF1 { get; init; }

    /// <summary>Macro F1 of the second, 0..1.</summary>
    public required double SecondMacroF1 { get; init; }

    /// <summary>Second minus first.</summary>
    public required double MacroF1Difference { get; init; }

    /// <summary>Its interval.</summary>
    public required BootstrapInterval MacroF1DifferenceInterval { get; init; }

    /// <summary>Whether the accuracies differ by more than chance.</summary>
    public required McNemarTest McNemar { get; init; }

    /// <summary>Pictures that both have right.</summary>
    public required int BothRight { get; init; }

    /// <summary>Pictures that both have wrong.</summary>
    public required int BothWrong { get; init; }

    /// <summary>Share of pictures for which both name the same class, 0..1.</summary>
    public required double Agreement { get; init; }

    /// <summary>Class by class.</summary>
    public required IReadOnlyList<ClassComparison> PerClass { get; init; }

    /// <summary>The result in one sentence.</summary>
    public required string Sentence { get; init; }

    /// <summary>What may make the comparison unfair; empty where nothing is known.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Resamples behind the intervals.</summary>
    public required int BootstrapSamples { get; init; }

    /// <summary>Their seed.</summary>
    public required long BootstrapSeed { get; init; }

    /// <summary>Compares what two models said about the same pictures.</summary>
    /// <param name="first">One model's logits.</param>
    /// <param name="second">The other's: the same pictures in the same order, the same classes in the same order.</param>
    /// <param name="options">Bootstrap; null takes the defaults.</param>
    /// <exception cref="ArgumentException">Pictures or classes differ, or the bootstrap is off.</exception>
    /// <exception cref="DataException">There is no picture, or a logit is not a finite number.</exception>
    public static RunComparison Of(Predictions first, Predictions second, MetricsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        options ??= new MetricsOptions();
        if (!first.Classes.SequenceEqual(second.Classes) || !first.Labels.AsSpan().SequenceEqual(second.Labels) || options.BootstrapSamples == 0)
        {
            throw new ArgumentException("Both predictions must be of the same pictures and classes, in the same order, and the bootstrap must be on.", nameof(second));
        }

        var (one, other) = (Score.All(first), Score.All(second));
        var labels = first.Labels;
        var outcomes = new int[2, 2];
        var agreed = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            outcomes[one[i].Predicted == labels[i] ? 1 : 0, other[i].Predicted == labels[i] ? 1 : 0]++;
            agreed += one[i].Predicted == other[i].Predicted ? 1 : 0;
        }

        var plain = new MetricsOptions { BootstrapSamples = 0 };
        var (a, b) = (Metrics.Compute(first, plain), Metrics.Compute(second, plain));
        var intervals = Bootstrap.Intervals(
            new DifferenceOfFigures(new ResampledFigures(labels, one, first.Classes.Count), new ResampledFigures(labels, other, first.Classes.Count)),
            labels.Length, options.BootstrapSamples, options.Seed);
        var test = McNemarTest.Of(outcomes[1, 0], outcomes[0, 1]);
        return new RunComparison
        {
            First = "",
            Second = "",
            Data = "",
            Split = "",
            Examples = labels.Length,
            FirstAccuracy = a.Accuracy,
            SecondAccuracy = b.Accuracy,
            AccuracyDifference = b.Accuracy - a.Accuracy,
            AccuracyDifferenceInterval = intervals[ResampledFigures.Accuracy],
            FirstMacroF1 = a.Macro.F1,
            SecondMacroF1 = b.Macro.F1,
            MacroF1Difference = b.Macro.F1 - a.Macro.F1,
            MacroF1DifferenceInterval = intervals[ResampledFigures.MacroF1],
            McNemar = test,
            BothRight = outcomes[1, 1],
            BothWrong = outcomes[0, 0],
            Agreement = (double)agreed / labels.Length,
            PerClass = ClassComparison.All(labels, one, other, a.PerClass, b.PerClass),
            Sentence = Say(b.Accuracy - a.Accuracy, intervals[ResampledFigures.Accuracy].Percentile, test),
            Warnings = [],
            BootstrapSamples = options.BootstrapSamples,
            BootstrapSeed = options.Seed,
        };
    }

    private static string Say(double difference, Interval interval, McNemarTest test)
    {
        var figures = string.Create(
            CultureInfo.InvariantCulture,
            $"{100 * difference:+0.00;-0.00;0.00} points of accuracy (95 % interval {100 * interval.Low:+0.00;-0.00;0.00} to {100 * interval.High:+0.00;-0.00;0.00}; McNemar p = {test.PValue:0.####})");
        return test.PValue < 0.05
            ? $"The {(difference > 0 ? "second" : "first")} run is better: {figures}."
            : $"No difference is shown: {figures}. More test pictures would tell smaller differences apart.";
    }

    /// <summary>Each figure of the second minus the first's, on the same draw.</summary>
    private sealed class DifferenceOfFigures(ResampledFigures first, ResampledFigures second) : IResampled
    {
        private readonly double[] _first = new double[first.Count];

        public int Count => first.Count;

        public void Clear()
        {
            first.Clear();
            second.Clear();
        }

        public void Add(int picture, int times)
        {
            first.Add(picture, times);
            second.Add(picture, times);
        }

        public void Write(Span<double> target)
        {
            first.Write(_first);
            second.Write(target);
            for (var f = 0; f < target.Length; f++)
            {
                target[f] -= _first[f];
            }
        }
    }
}
