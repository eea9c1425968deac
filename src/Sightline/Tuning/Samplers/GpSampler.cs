namespace Sightline.Tuning;

/// <summary>A Gaussian process and the point with the largest log expected improvement.</summary>
/// <remarks>Jones et al. 1998; Ament et al. 2023. Running trials are taken to give what the process expects of them (Ginsbourger et al. 2010).
/// A tail of bad values is drawn in (<see cref="HalfRank"/>). Several objectives are weighed anew for each trial (Knowles 2006, ParEGO). Trials that were stopped early count with what they would
/// have come to (<see cref="StoppedTrials"/>).</remarks>
internal sealed class GpSampler : ISampler
{
    private const int StartTrials = 10;

    /// <inheritdoc/>
    public string Name => "gp";

    /// <inheritdoc/>
    public Configuration? Propose(StudyView study, int number, int attempt)
    {
        var encoding = new GpEncoding(study.Space);
        var known = study.Trials.Where(trial => trial.State == TrialState.Complete)
            .Select(trial => (Trial: trial, Point: encoding.Point(trial.Configuration))).Where(entry => entry.Point is not null)
            .Select(entry => (entry.Trial, Point: entry.Point!)).ToList();
        var stopped = StoppedTrials.Expected(study).Select(entry => (entry.Loss, Point: encoding.Point(entry.Trial.Configuration))).Where(entry => entry.Point is not null).ToList();
        if (known.Count == 0 || known.Count + stopped.Count < StartTrials || encoding.Parameters.Count == 0 || attempt > 0)
        {
            return Samplers.Find("sobol").Propose(study, number, attempt);
        }

        var random = study.Stream(number, attempt);
        // Complete trials first: only they can be the best so far, and only they have constraints.
        var x = known.Select(entry => entry.Point).Concat(stopped.Select(entry => entry.Point!)).ToArray();
        var y = Standardize(Scores(study, [.. known.Select(entry => entry.Trial)], [.. stopped.Select(entry => entry.Loss)], ref random), out _);
        var running = study.Trials.Where(trial => trial.State is TrialState.Running or TrialState.Paused && trial.Number != number)
            .Select(trial => encoding.Point(trial.Configuration)).OfType<double[]>().ToList();
        var model = GaussianProcess.Fit(x, y, encoding.Categorical).Believe(running, y);

        var feasible = Enumerable.Range(0, known.Count).Where(i => known[i].Trial.Violation == 0).ToList();
        double? best = feasible.Count > 0 ? feasible.Max(i => y[i]) : null;
        var acquisition = new Acquisition(model, best, Constraints(known, encoding.Categorical));
        var incumbents = feasible.Count > 0 ? new[] { x[feasible.MaxBy(i => y[i])] } : [];
        var points = new AcquisitionSearch(study.Space, encoding, acquisition, study.Penalty).Best(incumbents, random.NextBits());
        Configuration? first = null;
        foreach (var point in points)
        {
            var configuration = encoding.Configuration(point);
            first ??= configuration;
            if (study.MayTry(configuration))
            {
                return configuration;
            }
        }

        return first;
    }

    /// <summary>One score per trial, larger is better.</summary>
    /// <param name="study">Says what is better.</param>
    /// <param name="trials">Complete.</param>
    /// <param name="expected">The losses that stopped trials would have come to; with several objectives there are none.</param>
    /// <param name="random">Draws the weights of several objectives.</param>
    private static double[] Scores(StudyView study, IReadOnlyList<Trial> trials, IReadOnlyList<double> expected, ref RandomStream random)
    {
        var objectives = study.Options.Directions.Count;
        if (objectives == 1)
        {
            return HalfRank.Warp(Finite([.. trials.Select(trial => -study.Loss(trial.Values[0])), .. expected.Select(loss => -loss)]));
        }

        var weights = new double[objectives];
        RandomDistributions.Dirichlet(1, weights, ref random);
        var losses = Enumerable.Range(0, objectives).Select(objective =>
        {
            var values = Finite([.. trials.Select(trial => study.Loss(trial.Values[objective], objective))]);
            var (low, width) = (values.Min(), Math.Max(1e-10, values.Max() - values.Min()));
            return values.Select(value => (value - low) / width).ToArray();
        }).ToArray();
        // Chebyshev's norm with a little of the sum, which reaches concave fronts too.
        return [.. Enumerable.Range(0, trials.Count).Select(i =>
            -weights.Select((weight, objective) => weight * losses[objective][i]).Max()
            - (0.05 * weights.Select((weight, objective) => weight * losses[objective][i]).Sum()))];
    }

    private static List<(GaussianProcess Model, double Threshold)> Constraints(List<(Trial Trial, double[] Point)> known, bool[] categorical)
    {
        var models = new List<(GaussianProcess Model, double Threshold)>();
        var count = known.Max(entry => entry.Trial.Constraints.Count);
        for (var c = 0; c < count; c++)
        {
            var told = known.Where(entry => entry.Trial.Constraints.Count > c).ToList();
            var values = Standardize([.. told.Select(entry => entry.Trial.Constraints[c])], out var threshold);
            models.Add((GaussianProcess.Fit([.. told.Select(entry => entry.Point)], values, categorical), threshold));
        }

        return models;
    }

    /// <summary>Values with mean 0 and deviation 1, and where 0 came to lie.</summary>
    private static double[] Standardize(double[] values, out double zero)
    {
        var finite = Finite(values);
        var mean = finite.Average();
        var deviation = Math.Max(1e-10, Math.Sqrt(finite.Average(value => (value - mean) * (value - mean))));
        zero = -mean / deviation;
        return [.. finite.Select(value => (value - mean) / deviation)];
    }

    /// <summary>Infinite values set to the largest and smallest finite ones.</summary>
    private static double[] Finite(double[] values)
    {
        var finite = values.Where(double.IsFinite).DefaultIfEmpty(0).ToList();
        var (low, high) = (finite.Min(), finite.Max());
        return [.. values.Select(value => Math.Clamp(value, low, high))];
    }
}
