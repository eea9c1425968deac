namespace Sightline.Tuning;

/// <summary>Every configuration once, in a scattered order; continuous ranges are cut into <see cref="StudyOptions.GridPoints"/> values.</summary>
internal sealed class GridSampler : ISampler
{
    /// <inheritdoc/>
    public string Name => "grid";

    /// <inheritdoc/>
    public Configuration? Propose(StudyView study, int number, int attempt)
    {
        // A grid has no noise to average: each point is visited once, then it is done.
        var tried = study.Trials.Where(trial => trial.Number != number).Select(trial => trial.Configuration.Key).ToHashSet(StringComparer.Ordinal);
        return RemainingConfigurations.Grid(study, study.Options.GridPoints)
            .FirstOrDefault(configuration => !tried.Contains(configuration.Key) && study.MayTry(configuration));
    }
}
