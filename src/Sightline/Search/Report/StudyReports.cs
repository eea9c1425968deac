using Sightline.Tuning;

namespace Sightline.Search.Report;

/// <summary>A study as its report shows it.</summary>
internal static class StudyReports
{
    /// <summary>Reads a study of one objective.</summary>
    /// <param name="study">The study.</param>
    /// <param name="isTraining">Whether its trials are trainings, and values so accuracies.</param>
    /// <param name="winners">The best, trained again; empty where they were not.</param>
    /// <param name="now">When the report is made.</param>
    /// <exception cref="SettingsException">The study has several objectives.</exception>
    public static StudyReportInput Of(Study study, bool isTraining, IReadOnlyList<WinnerRow> winners, DateTimeOffset now)
    {
        if (study.Options.Directions.Count > 1)
        {
            throw new SettingsException($"Study '{study.Options.Name}' has {study.Options.Directions.Count} objectives; the report shows one.");
        }

        var trials = study.Trials;
        var view = new StudyView(study.Space, study.Options, trials, new HashSet<string>(), null);
        return new StudyReportInput
        {
            Name = study.Options.Name,
            Space = study.Space,
            Direction = study.Options.Directions[0],
            ValueName = isTraining ? "validation accuracy" : "value",
            IsShare = isTraining,
            StepName = isTraining ? "Pictures seen" : "Step",
            Rungs = study.Options.Pruner.Kind is PrunerKind.Asha or PrunerKind.AshaPromotion ? Rungs.Steps(view) : [],
            Sampler = study.Options.Sampler,
            Winners = winners,
            CreatedAt = now,
            Trials =
            [
                .. trials.Select(trial => new ReportTrial(trial.Number, trial.State, trial.Configuration, trial.Values.Count > 0 ? trial.Values[0] : null, trial.Reports)
                {
                    Hours = trial.StartedAt is { } started && trial.EndedAt is { } ended ? (ended - started).TotalHours : null,
                    CostUsd = trial.CostUsd,
                    PlannedMemoryBytes = trial.PredictedMemoryBytes,
                    PeakMemoryBytes = trial.PeakMemoryBytes,
                }),
            ],
        };
    }
}
