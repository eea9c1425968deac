using Sightline.Search.Report;
using Sightline.Tuning;

namespace Sightline.Cli.Tuning;

/// <summary>Writes a study's report.</summary>
internal static class StudyReportFile
{
    /// <summary>Writes the page whole or not at all.</summary>
    /// <exception cref="SettingsException">The study has several objectives.</exception>
<<<<<<< HEAD
    public static void Write(string file, Study study, ObjectiveSpec? spec) => AtomicFile.WriteText(
        file, StudyPage.Write(StudyReports.Of(study, spec?.Training is not null, spec is null ? [] : Winners.Rows(Winners.Read(spec.Folder)), TimeProvider.System.GetUtcNow())));
=======
    public static void Write(string file, Study study, ObjectiveSpec? spec)
    {
        if (study.Options.Directions.Count > 1)
        {
            throw new SettingsException($"Study '{study.Options.Name}' has {study.Options.Directions.Count} objectives; the report shows one.");
        }

        var trials = study.Trials;
        var view = new StudyView(study.Space, study.Options, trials, new HashSet<string>(), null);
        var isTraining = spec?.Training is not null;
        AtomicFile.WriteText(file, StudyPage.Write(new StudyReportInput
        {
            Name = study.Options.Name,
            Space = study.Space,
            Direction = study.Options.Directions[0],
            ValueName = isTraining ? "validation accuracy" : "value",
            IsShare = isTraining,
            StepName = isTraining ? "Pictures seen" : "Step",
            Rungs = study.Options.Pruner.Kind is PrunerKind.Asha or PrunerKind.AshaPromotion ? Rungs.Steps(view) : [],
            Sampler = study.Options.Sampler,
            Winners = spec is null ? [] : Winners.Rows(Winners.Read(spec.Folder)),
            CreatedAt = TimeProvider.System.GetUtcNow(),
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
        }));
    }
>>>>>>> 450ed05 (Tuning: one round trip per operation of the store, prepared statements; planned memory kept with each trial; workers say when the store is away)
}
