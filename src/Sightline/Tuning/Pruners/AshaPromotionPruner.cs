namespace Sightline.Tuning;

/// <summary>Asynchronous successive halving that promotes: a trial pauses at each rung and goes on when it is among the best of that rung.</summary>
/// <remarks>Li et al. 2020, algorithm 2. It never drops a trial for good, so it needs checkpoints.</remarks>
internal sealed class AshaPromotionPruner : IPruner
{
    /// <inheritdoc/>
    public PrunerKind Kind => PrunerKind.AshaPromotion;

    /// <inheritdoc/>
    public (int Bracket, IReadOnlyList<long> Steps) Ladder(StudyView study, Trial trial) => (0, Rungs.Steps(study));

    /// <inheritdoc/>
    public Verdict Judge(StudyView study, Trial trial)
    {
        var steps = Rungs.Steps(study);
        foreach (var rung in Rungs.Due(steps, trial))
        {
            if (double.IsNaN(trial.Reports[^1].Value))
            {
                return Verdict.Stop;
            }

            if (rung <= trial.PromotedRung)
            {
                continue;
            }

            if (!Best(study, steps[rung]).Contains(trial))
            {
                return Verdict.Pause;
            }

            // Already among the best: it goes on at once, which saves a checkpoint.
            trial.PromotedRung = rung;
        }

        return Verdict.Continue;
    }

    /// <inheritdoc/>
    public Trial? Promote(StudyView study)
    {
        var steps = Rungs.Steps(study);
        for (var rung = steps.Count - 1; rung >= 0; rung--)
        {
            if (Best(study, steps[rung]).FirstOrDefault(trial => trial.State == TrialState.Paused && trial.PromotedRung < rung) is { } next)
            {
                next.PromotedRung = rung;
                return next;
            }
        }

        return null;
    }

    private static List<Trial> Best(StudyView study, long step)
    {
        var there = study.Trials.Select(trial => (Trial: trial, Loss: Rungs.Loss(study, trial, step)))
            .Where(entry => entry.Loss is { } loss && !double.IsNaN(loss)).ToList();
        return [.. there.OrderBy(entry => entry.Loss).ThenBy(entry => entry.Trial.Number).Take(there.Count / study.Options.Pruner.Eta)
            .Select(entry => entry.Trial)];
    }
}
