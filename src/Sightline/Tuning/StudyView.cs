namespace Sightline.Tuning;

/// <summary>What samplers and pruners see: the study as it is now. They keep nothing between calls, so that a study that is resumed, or
/// worked on by several processes, goes on as if it had never stopped.</summary>
internal sealed class StudyView(
    SearchSpace space, StudyOptions options, IReadOnlyList<Trial> trials, IReadOnlySet<string> tried, Func<Configuration, bool>? allows)
{
    public SearchSpace Space { get; } = space;

    public StudyOptions Options { get; } = options;

    /// <summary>All trials, in the order of their numbers.</summary>
    public IReadOnlyList<Trial> Trials { get; } = trials;

    /// <summary>What is taken off a candidate's logarithm of expected gain, such as a part of the logarithm of its cost; null for nothing.</summary>
    public Func<Configuration, double>? Penalty { get; init; }

    /// <summary>Whether a configuration may be tried: it is allowed, and new where the objective has no noise.</summary>
    public bool MayTry(Configuration configuration) =>
        (Options.Noisy || !tried.Contains(configuration.Key)) && (allows is null || allows(configuration));

    /// <summary>A value of the first objective as a loss: smaller is better.</summary>
    public double Loss(double value) => Loss(value, 0);

    /// <summary>A value of an objective as a loss: smaller is better.</summary>
    public double Loss(double value, int objective) => Options.Directions[objective] == Direction.Minimize ? value : -value;

    /// <summary>The random stream of a trial.</summary>
    public RandomStream Stream(int number, int purpose = 0) => new(Seeds.Mix(Options.Seed, number, purpose));

    /// <summary>A trial's values where they lie in the space as it is now; missing where the space has changed since.</summary>
    public IEnumerable<KeyValuePair<string, ParameterValue>> Usable(Trial trial)
    {
        foreach (var parameter in Space.Parameters)
        {
            if (trial.Configuration.Values.TryGetValue(parameter.Name, out var value) && parameter.Contains(value))
            {
                yield return new(parameter.Name, value);
            }
        }
    }
}
