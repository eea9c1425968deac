using Sightline.Runs;

namespace Sightline.Evaluation;

/// <summary>One share of the training pictures.</summary>
public sealed record LearningCurvePoint
{
    /// <summary>Share of the training pictures, 0..1.</summary>
    public required double Share { get; init; }

    /// <summary>Pictures trained on.</summary>
    public required int Pictures { get; init; }

    /// <summary>Accuracy on the judged split, 0..1.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Wilson interval of <see cref="Accuracy"/>.</summary>
    public required Interval AccuracyInterval { get; init; }

    /// <summary>Pictures judged.</summary>
    public required int Examples { get; init; }

    /// <summary>Accuracy on the pictures trained on, not augmented, at most 2,000 of them, 0..1.</summary>
    public required double TrainAccuracy { get; init; }

    /// <summary>Epochs trained.</summary>
    public required int Epochs { get; init; }

    /// <summary>Seconds of training.</summary>
    public required double Seconds { get; init; }

    /// <summary>The run's folder.</summary>
    public required string Run { get; init; }

    internal static LearningCurvePoint Of(double share, int pictures, RunFolder run, Predictions judged, Predictions trained)
    {
        var plain = new MetricsOptions { BootstrapSamples = 0 };
        var figures = Metrics.Compute(judged, plain);
        return new LearningCurvePoint
        {
            Share = share,
            Pictures = pictures,
            Accuracy = figures.Accuracy,
            AccuracyInterval = figures.AccuracyInterval,
            Examples = figures.Examples,
            TrainAccuracy = Metrics.Compute(trained, plain).Accuracy,
            Epochs = run.Settings.Options.Epochs,
            Seconds = run.ReadEvents() is { Count: > 0 } events ? events[^1].Seconds : 0,
            Run = run.Path,
        };
    }
}
