namespace Sightline.Evaluation;

/// <summary>A run's mistakes on a split.</summary>
public sealed record RunErrors
{
    /// <summary>The run's folder.</summary>
    public required string Run { get; init; }

    /// <summary>The split judged.</summary>
    public required string Split { get; init; }

    /// <summary>Pictures judged.</summary>
    public required int Examples { get; init; }

    /// <summary>Pictures taken for another class, of all pairs of classes.</summary>
    public required int Errors { get; init; }

    /// <summary>Which class is taken for which, most often first.</summary>
    public required IReadOnlyList<ConfusedPair> Pairs { get; init; }

    /// <summary>The mistakes, highest loss first; only those of one pair where one was asked for.</summary>
    public required IReadOnlyList<RunError> Mistakes { get; init; }

    /// <summary>Judges a run and lists what it has wrong.</summary>
    /// <param name="runFolder">The run.</param>
    /// <param name="dataLocation">Another data set with the same classes; null takes the run's own.</param>
    /// <param name="split">As in <see cref="Evaluator.Run"/>.</param>
    /// <param name="pair">Only mistakes of this true class taken for that predicted class; null takes all.</param>
    /// <param name="cancel">Stops after the current batch.</param>
    /// <exception cref="NotFoundException">The run, its weights or the data are not there.</exception>
    /// <exception cref="DataException">The data changed, has a class that the run does not know, or the split is empty.</exception>
    /// <exception cref="SettingsException">A class of the pair is none of the run's.</exception>
    public static RunErrors Of(string runFolder, string? dataLocation, string? split, (string True, string Predicted)? pair, CancellationToken cancel)
    {
        if (pair is { } both)
        {
            var settings = Sightline.Runs.RunFolder.Open(runFolder).Settings;
            settings.RequireClass(both.True);
            settings.RequireClass(both.Predicted);
        }

        var judged = JudgedSplit.Of(runFolder, dataLocation, split, cancel: cancel);
        var all = Mistake.Worst(judged.Predictions, int.MaxValue);
        return new RunErrors
        {
            Run = judged.Run.Path,
            Split = judged.Split,
            Examples = judged.Examples.Count,
            Errors = all.Count,
            Pairs = ConfusedPair.Of(Metrics.Compute(judged.Predictions, new MetricsOptions { BootstrapSamples = 0 })),
            Mistakes =
            [
                .. all.Where(mistake => pair is not { } asked || (mistake.TrueClass == asked.True && mistake.PredictedClass == asked.Predicted))
                    .Select(mistake => new RunError
                    {
                        Path = judged.Path(judged.Examples[mistake.Position]),
                        TrueClass = mistake.TrueClass,
                        PredictedClass = mistake.PredictedClass,
                        Probability = mistake.Probability,
                        TrueProbability = mistake.TrueProbability,
                        Loss = -Math.Log(Math.Max(mistake.TrueProbability, double.Epsilon)),
                    }),
            ],
        };
    }
}

/// <summary>A picture that a run takes for another class.</summary>
public sealed record RunError
{
    /// <summary>Its path where it is a file, else its name in the data set.</summary>
    public required string Path { get; init; }

    /// <summary>The class it is labelled with.</summary>
    public required string TrueClass { get; init; }

    /// <summary>The class it is taken for.</summary>
    public required string PredictedClass { get; init; }

    /// <summary>Probability of the predicted class, 0..1.</summary>
    public required double Probability { get; init; }

    /// <summary>Probability of the true class, 0..1.</summary>
    public required double TrueProbability { get; init; }

    /// <summary>Cross-entropy, nats.</summary>
    public required double Loss { get; init; }
}
