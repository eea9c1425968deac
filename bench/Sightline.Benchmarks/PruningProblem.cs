using Sightline.Tuning;

namespace Sightline.Benchmarks;

/// <summary>Random search with a rule that stops trials, in the time that full runs of fifty configurations take.</summary>
internal static class PruningProblem
{
    /// <summary>The rules that are compared. Optuna's settings: ASHA from the first epoch with factor 4, and its median rule, without our guards.</summary>
    public static IReadOnlyList<(string Name, PrunerOptions Options)> Rules { get; } =
    [
        ("none", new PrunerOptions { Kind = PrunerKind.None }),
        ("asha", new PrunerOptions()),
        ("asha-unguarded", new PrunerOptions { ImmuneBest = 0, MinCurves = 0, CheckRanks = false }),
        ("asha-no-check", new PrunerOptions { CheckRanks = false }),
        ("asha-promotion", new PrunerOptions { Kind = PrunerKind.AshaPromotion }),
        ("hyperband", new PrunerOptions { Kind = PrunerKind.Hyperband }),
        ("optuna-asha", new PrunerOptions { FirstRungStep = 1, Eta = 4, ImmuneBest = 0, MinCurves = 0, CheckRanks = false }),
        ("guarded-asha-1-4", new PrunerOptions { FirstRungStep = 1, Eta = 4 }),
        ("optuna-median", new PrunerOptions { Kind = PrunerKind.Median }),
    ];

    /// <summary>Mean regret, in points of accuracy, over repeats, and the mean count of trials.</summary>
    /// <param name="curves">The task.</param>
    /// <param name="pruner">The rule.</param>
    /// <param name="repeats">Studies, each with a seed of its own.</param>
    public static (double Regret, double Trials) Regret(LearningCurves curves, PrunerOptions pruner, int repeats)
    {
        const int full = 50;
        var budget = full * curves.Seconds.Average(row => (double)row[^1]);
        var best = curves.Accuracy.Max(row => row[^1]);
        var (regret, trials) = (0.0, 0.0);
        for (var seed = 0; seed < repeats; seed++)
        {
            var study = new Study(new SearchSpace(new IntParameter("configuration", 0, curves.Accuracy.Length - 1)), new StudyOptions
            {
                Name = $"{curves.Task}-{seed}",
                Directions = [Direction.Maximize],
                Sampler = "random",
                Seed = seed,
                Pruner = pruner with { MaxStep = LearningCurves.Epochs },
            });
            var found = Spend(study, curves, budget);
            regret += (best - found) / repeats;
            trials += (double)study.Trials.Count / repeats;
        }

        return (regret, trials);
    }

    /// <summary>Works until the time is spent; the best accuracy of a trial that came to its end.</summary>
    private static double Spend(Study study, LearningCurves curves, double budget)
    {
        var found = 0.0;
        while (study.Ask() is { } trial)
        {
            var row = trial.Configuration.Int("configuration");
            var (accuracy, seconds) = (curves.Accuracy[row], curves.Seconds[row]);
            var verdict = Verdict.Continue;
            for (var epoch = (int)(trial.LastStep ?? 0) + 1; epoch <= LearningCurves.Epochs && verdict == Verdict.Continue; epoch++)
            {
                budget -= seconds[epoch - 1] - (epoch > 1 ? seconds[epoch - 2] : 0);
                if (budget < 0)
                {
                    return found;
                }

                verdict = study.Report(trial.Number, epoch, accuracy[epoch - 1]);
            }

            if (verdict == Verdict.Continue)
            {
                study.Tell(trial.Number, accuracy[^1]);
                found = Math.Max(found, accuracy[^1]);
            }
        }

        return found;
    }
}
