namespace Sightline.Tuning;

/// <summary>Tree-structured Parzen estimators, as Optuna 5 has them: a joint model of good and of other trials, the candidate with the largest ratio.</summary>
/// <remarks>Bergstra et al. 2011; optuna/samplers/_tpe/sampler.py (MIT) for the constants. Differences: what was tried is passed over for the
/// next-best candidate, and what may not be tried is dropped before the choice.</remarks>
internal sealed class TpeSampler : ISampler
{
    private const int StartTrials = 10;
    private const int Candidates = 24;

    /// <inheritdoc/>
    public string Name => "tpe";

    /// <inheritdoc/>
    public Configuration? Propose(StudyView study, int number, int attempt)
    {
        var random = study.Stream(number, attempt);
        if (study.Trials.Where(trial => trial.State is TrialState.Complete or TrialState.Pruned).Take(StartTrials).Count() < StartTrials)
        {
            return RandomSampler.Draw(study.Space, ref random);
        }

        var (below, above) = TpeSplit.Of(study);
        var several = study.Options.Directions.Count > 1;
        var blocks = several ? [.. study.Space.Parameters.Where(HasChoice).Select(parameter => new List<Parameter> { parameter })] : Blocks(study, below.Concat(above));
        var models = blocks.Select(block => new Model(block,
            new ParzenEstimator(block, Observations(study, block, below), equalWeights: several),
            new ParzenEstimator(block, Observations(study, block, above)))).ToList();
        return several ? Independent(study, models, ref random) : Joint(study, models, ref random);
    }

    /// <summary>The best candidate of each block, put together; with one block, the best that may be tried.</summary>
    private static Configuration Joint(StudyView study, List<Model> models, ref RandomStream random)
    {
        var ranked = new List<List<(double[] Point, double Score)>>();
        foreach (var model in models)
        {
            ranked.Add(model.Draw(Candidates, ref random));
        }

        if (study.Penalty is { } penalty && ranked.Count == 1)
        {
            // One block is the whole configuration, so that its cost is known.
            var copy = random;
            ranked[0] = [.. ranked[0].OrderByDescending(entry => entry.Score - penalty(Assemble(study, models, [entry.Point], ref copy)))];
        }

        // First the best of all blocks, then the next-best of one block after another.
        var best = Assemble(study, models, [.. ranked.Select(list => list[0].Point)], ref random);
        for (var place = 0; place < Candidates && !study.MayTry(best); place++)
        {
            for (var block = 0; block < models.Count; block++)
            {
                var points = ranked.Select((list, i) => list[i == block ? place : 0].Point).ToArray();
                var candidate = Assemble(study, models, points, ref random);
                if (study.MayTry(candidate))
                {
                    return candidate;
                }
            }
        }

        return best;
    }

    private static Configuration Independent(StudyView study, List<Model> models, ref RandomStream random)
    {
        var points = new List<double[]>();
        foreach (var model in models)
        {
            points.Add(model.Draw(Candidates, ref random)[0].Point);
        }

        return Assemble(study, models, points, ref random);
    }

    private static Configuration Assemble(StudyView study, List<Model> models, IReadOnlyList<double[]> points, ref RandomStream random)
    {
        var codes = new Dictionary<string, double>(StringComparer.Ordinal);
        for (var m = 0; m < models.Count; m++)
        {
            for (var i = 0; i < models[m].Block.Count; i++)
            {
                codes[models[m].Block[i].Name] = points[m][i];
            }
        }

        var units = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var parameter in study.Space.Parameters.Where(parameter => !codes.ContainsKey(parameter.Name)))
        {
            units[parameter.Name] = random.NextDouble();
        }

        return study.Space.Build(parameter => !codes.TryGetValue(parameter.Name, out var code) ? parameter.FromUnit(units[parameter.Name])
            : parameter is CategoricalParameter categorical ? categorical.Choices[(int)code] : code);
    }

    /// <summary>The parameters in blocks that always occur together: each trial's names split every block into common and rest.</summary>
    private static List<List<Parameter>> Blocks(StudyView study, IEnumerable<Trial> trials)
    {
        var blocks = new List<HashSet<string>>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var trial in trials.Where(trial => trial.State is TrialState.Complete or TrialState.Pruned).OrderBy(trial => trial.Number))
        {
            var values = trial.Configuration.Values;
            var present = string.Concat(study.Space.Parameters.Select(parameter => values.TryGetValue(parameter.Name, out var value) && parameter.Contains(value) ? '1' : '0'));
            if (!seen.Add(present))
            {
                continue;
            }

            var names = study.Space.Parameters.Where((_, i) => present[i] == '1').Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
            blocks = [.. blocks.SelectMany(block => new[] { block.Where(names.Contains), block.Where(name => !names.Contains(name)) })
                .Append(names.Where(name => !known.Contains(name))).Select(part => part.ToHashSet(StringComparer.Ordinal)).Where(part => part.Count > 0)];
            known.UnionWith(names);
        }

        return [.. blocks.Select(block => study.Space.Parameters.Where(parameter => HasChoice(parameter) && block.Contains(parameter.Name)).ToList())
            .Where(block => block.Count > 0)];
    }

    private static bool HasChoice(Parameter parameter) => parameter.Count != 1;

    private static List<double[]> Observations(StudyView study, List<Parameter> block, List<Trial> trials)
    {
        var rows = new List<double[]>();
        foreach (var trial in trials)
        {
            var values = trial.Configuration.Values;
            if (block.All(parameter => values.TryGetValue(parameter.Name, out var value) && parameter.Contains(value)))
            {
                rows.Add([.. block.Select(parameter => parameter.Code(values[parameter.Name]))]);
            }
        }

        return rows;
    }

    private sealed record Model(List<Parameter> Block, ParzenEstimator Good, ParzenEstimator Other)
    {
        /// <summary>Candidates from the good trials' model, the best first.</summary>
        public List<(double[] Point, double Score)> Draw(int count, ref RandomStream random)
        {
            var candidates = new List<(double[] Point, double Score)>(count);
            for (var i = 0; i < count; i++)
            {
                var point = Good.Draw(ref random);
                candidates.Add((point, Good.LogDensity(point) - Other.LogDensity(point)));
            }

            return [.. candidates.OrderByDescending(candidate => candidate.Score)];
        }
    }
}
