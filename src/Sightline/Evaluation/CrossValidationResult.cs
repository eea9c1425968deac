using Sightline.Runs;

namespace Sightline.Evaluation;

/// <summary>What k-fold cross-validation found.</summary>
public sealed record CrossValidationResult
{
    /// <summary>The data.</summary>
    public required string Data { get; init; }

    /// <summary>Each fold.</summary>
    public required IReadOnlyList<FoldResult> Folds { get; init; }

    /// <summary>Accuracy over the folds.</summary>
    public required FoldMean Accuracy { get; init; }

    /// <summary>Macro F1 over the folds.</summary>
    public required FoldMean MacroF1 { get; init; }

    /// <summary>Loss over the folds, nats.</summary>
    public required FoldMean Loss { get; init; }

    /// <summary>The figures of all pictures together, each judged by the model that did not see it.</summary>
    public required EvaluationResult Pooled { get; init; }

    /// <summary>Clusters of near duplicates that were kept in one fold each.</summary>
    public int ClustersKeptWhole { get; init; }

    internal static CrossValidationResult Of(string data, IReadOnlyList<FoldResult> folds, IReadOnlyList<Predictions> judged) => new()
    {
        Data = data,
        Folds = folds,
        Accuracy = FoldMean.Of([.. folds.Select(fold => fold.Accuracy)]),
        MacroF1 = FoldMean.Of([.. folds.Select(fold => fold.MacroF1)]),
        Loss = FoldMean.Of([.. folds.Select(fold => fold.Loss)]),
        Pooled = Metrics.Compute(new Predictions
        {
            Classes = judged[0].Classes,
            Logits = [.. judged.SelectMany(part => part.Logits)],
            Labels = [.. judged.SelectMany(part => part.Labels)],
            Names = [.. judged.SelectMany(part => part.Names)],
        }),
    };
}

/// <summary>One fold.</summary>
public sealed record FoldResult
{
    /// <summary>From 1.</summary>
    public required int Fold { get; init; }

    /// <summary>The run trained on the other folds.</summary>
    public required string Run { get; init; }

    /// <summary>Pictures of the fold.</summary>
    public required int Examples { get; init; }

    /// <summary>Accuracy on them, 0..1.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Macro F1 on them, 0..1.</summary>
    public required double MacroF1 { get; init; }

    /// <summary>Mean cross-entropy on them, nats.</summary>
    public required double Loss { get; init; }

    /// <summary>Seconds of training.</summary>
    public required double Seconds { get; init; }

    internal static FoldResult Of(int fold, RunFolder run, Predictions predictions)
    {
        var figures = Metrics.Compute(predictions, new MetricsOptions { BootstrapSamples = 0 });
        return new FoldResult
        {
            Fold = fold,
            Run = run.Path,
            Examples = figures.Examples,
            Accuracy = figures.Accuracy,
            MacroF1 = figures.Macro.F1,
            Loss = figures.Loss,
            Seconds = run.ReadEvents() is { Count: > 0 } events ? events[^1].Seconds : 0,
        };
    }
}

/// <summary>A figure over the folds.</summary>
/// <param name="Mean">Mean.</param>
/// <param name="Deviation">Standard deviation between folds (n - 1).</param>
/// <param name="StandardError">
/// Of the mean, with the correction of Nadeau and Bengio 2003 for trainings that share pictures: deviation x sqrt(1/k + 1/(k-1)).
/// </param>
public sealed record FoldMean(double Mean, double Deviation, double StandardError)
{
    internal static FoldMean Of(double[] values)
    {
        var mean = values.Average();
        var deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
        return new FoldMean(mean, deviation, deviation * Math.Sqrt((1.0 / values.Length) + (1.0 / (values.Length - 1))));
    }
}
