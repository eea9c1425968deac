using Sightline.Search.Report;
using Sightline.Tuning;

namespace Sightline.Search;

/// <summary>A study of trainings worked on in this process, and its report.</summary>
internal static class ImageStudy
{
    /// <summary>Works on trials until there are enough.</summary>
    /// <param name="study">Open; its largest step is the objective's.</param>
    /// <param name="objective">What a trial is.</param>
    /// <param name="folder">Each trial has a folder of its own within it.</param>
    /// <param name="trials">How many the study is to have, those it has already among them.</param>
    /// <param name="tell">Told each trial that ended, with its outcome and seconds of training; null for silence.</param>
    /// <param name="cancellationToken">Stops after a checkpoint.</param>
    /// <returns>False where it was stopped.</returns>
    public static bool Run(Study study, ITrialObjective objective, string folder, int trials, Action<Trial, TrialOutcome, double>? tell, CancellationToken cancellationToken)
    {
        while (study.Trials.Count(trial => trial.State != TrialState.Waiting) < trials && study.Ask() is { } trial)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                study.Fail(trial.Number, "The study was stopped.");
                return false;
            }

            var place = Path.Combine(folder, FormattableString.Invariant($"trial-{trial.Number:d4}"));
            Directory.CreateDirectory(place);
            var context = new TrialContext((step, value) => study.Report(trial.Number, step, value), _ => { })
            {
                Study = study.Options.Name, Seed = study.Options.Seed, Number = trial.Number, Configuration = trial.Configuration, CheckpointFolder = place,
            };
            TrialOutcome outcome;
            try
            {
                outcome = objective.Run(context, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                study.Fail(trial.Number, "The study was stopped.");
                return false;
            }

            End(study, trial, outcome);
            tell?.Invoke(trial, outcome, ImageObjective.SecondsOf(place));
        }

        return true;
    }

    /// <summary>The complete trials, the best first.</summary>
    public static IReadOnlyList<(int Number, Configuration Configuration)> Best(Study study)
    {
        var sign = study.Options.Directions[0] == Direction.Minimize ? 1 : -1;
        return [.. study.Trials.Where(trial => trial.State == TrialState.Complete).OrderBy(trial => sign * trial.Values[0]).ThenBy(trial => trial.Number)
            .Select(trial => (trial.Number, trial.Configuration))];
    }

    /// <summary>What the report shows of a study of trainings.</summary>
    /// <param name="study">Its trials.</param>
    /// <param name="winners">Candidates over seeds; empty where none were trained.</param>
    /// <param name="hours">Hours by trial.</param>
    /// <param name="pricePerHourUsd">0 where the machine costs nothing.</param>
    /// <param name="now">The report's date.</param>
    public static StudyReportInput Report(Study study, IReadOnlyList<WinnerRow> winners, IReadOnlyDictionary<int, double> hours, decimal pricePerHourUsd, DateTimeOffset now)
    {
        var report = StudyReports.Of(study, isTraining: true, winners, now);
        return report with
        {
            Trials =
            [
                .. report.Trials.Select(trial => trial with
                {
                    Hours = hours.TryGetValue(trial.Number, out var known) ? known : null,
                    CostUsd = hours.TryGetValue(trial.Number, out var paid) ? pricePerHourUsd * (decimal)paid : null,
                }),
            ],
        };
    }

    private static void End(Study study, Trial trial, TrialOutcome outcome)
    {
        if (trial.State != TrialState.Running)
        {
            return; // A verdict ended it.
        }

        var end = outcome.State switch
        {
            TrialState.Complete => Study.Ending(outcome.Values, outcome.Constraints),
            TrialState.Infeasible => new TrialEnd(TrialState.Infeasible) { Reason = outcome.Reason ?? "It cannot be run." },
            _ => new TrialEnd(TrialState.Failed) { Reason = outcome.Reason ?? "It ended without a value." },
        };
        study.End(trial.Number, end with { CostUsd = outcome.CostUsd, PeakMemoryBytes = outcome.PeakMemoryBytes });
    }
}
