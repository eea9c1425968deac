namespace Sightline.Tuning;

/// <summary>Asynchronous successive halving that stops: at each rung the best share of one in eta, of those that have come there so far, goes on.</summary>
/// <remarks>Li et al. 2020, "A system for massively parallel hyperparameter tuning"; the stopping form of Optuna and Syne Tune, with a later first rung.</remarks>
internal sealed class AshaPruner : IPruner
{
    /// <inheritdoc/>
    public PrunerKind Kind => PrunerKind.Asha;

    /// <inheritdoc/>
    public (int Bracket, IReadOnlyList<long> Steps) Ladder(StudyView study, Trial trial) => (0, Rungs.Steps(study));

    /// <inheritdoc/>
    public Verdict Judge(StudyView study, Trial trial) => Judge(study, trial, Rungs.Steps(study), _ => true);

    /// <summary>The verdict among the trials of one bracket.</summary>
    public static Verdict Judge(StudyView study, Trial trial, IReadOnlyList<long> steps, Func<Trial, bool> inBracket)
    {
        var options = study.Options.Pruner;
        foreach (var rung in Rungs.Due(steps, trial))
        {
            var own = study.Loss(trial.Reports[^1].Value);
            if (double.IsNaN(own))
            {
                trial.StoppedAtRung = steps[rung];
                return Verdict.Stop;
            }

            var losses = study.Trials.Where(other => other.Number != trial.Number && inBracket(other))
                .Select(other => Rungs.Loss(study, other, steps[rung])).OfType<double>().Where(loss => !double.IsNaN(loss)).Append(own).Order().ToList();
            // With fewer than eta trials there, only the best so far goes on.
            var isWorse = losses.Count > options.MinCurves && own > losses[Math.Max((losses.Count / options.Eta) - 1, 0)];
            if (losses.Count <= options.Bootstrap
                || (isWorse && !IsImmune(study, trial) && !(options.CheckRanks && RankCheck.Misleads(study, steps, rung))))
            {
                trial.StoppedAtRung = steps[rung];
                return Verdict.Stop;
            }
        }

        return Verdict.Continue;
    }

    /// <summary>Whether the trial has come as far down as the best of all trials, older ones with their whole curves among them.</summary>
    private static bool IsImmune(StudyView study, Trial trial)
    {
        var immune = study.Options.Pruner.ImmuneBest;
        if (immune == 0)
        {
            return false;
        }

        var own = Lowest(study, trial);
        return study.Trials.Where(other => other.Number != trial.Number && Lowest(study, other) < own).Take(immune).Count() < immune;
    }

    private static double Lowest(StudyView study, Trial trial)
    {
        var lowest = double.PositiveInfinity;
        foreach (var report in trial.Reports)
        {
            var loss = study.Loss(report.Value);
            lowest = loss < lowest ? loss : lowest;
        }

        return lowest;
    }
}
