using Sightline.Benchmarks;
using Sightline.Tests.Curation.Labels;
using Sightline.Tuning;
using Xunit;

namespace Sightline.Tests.Tuning;

/// <summary>Stopping trials against running all to their end, in the same time, on learning curves of LCBench; the whole comparison is <c>bench pruning</c>.</summary>
public sealed class PruningGateTests
{
    [Fact]
    public void The_default_never_loses_and_gains_in_the_median_where_optunas_first_rung_misleads()
    {
        var folder = Shared.Data("hpo");
        Assert.SkipWhen(folder is null, "The shared data folder with hpo is not beside the repository.");
        // Four tasks of 34, two of them (7593 and 146212) with ranks that turn round after the first epochs.
        string[] tasks = ["7593", "146212", "126029", "167152"];
        var ratios = new List<double>();
        var optuna = new List<double>();

        foreach (var task in tasks)
        {
            var curves = LearningCurves.Of(folder, task, 600, seed: 1);
            double Regret(string rule) => PruningProblem.Regret(curves, PruningProblem.Rules.First(known => known.Name == rule).Options, 8).Regret;
            var without = Regret("none");
            ratios.Add(Regret("asha") / without);
            optuna.Add(Regret("optuna-asha") / without);
        }

        Assert.InRange(ratios.Order().Skip(1).Take(2).Average(), 0, 0.60);
        Assert.InRange(ratios.Max(), 0, 1.0);
        Assert.True(optuna.Max() > 1.0, $"Optuna's settings were expected to lose on one of these tasks; their ratios are {string.Join(", ", optuna)}.");
    }

    [Fact]
    public void Curves_are_those_of_the_surrogates_own_statistics()
    {
        var folder = Shared.Data("hpo");
        Assert.SkipWhen(folder is null, "The shared data folder with hpo is not beside the repository.");

        var curves = LearningCurves.Of(folder, "167168", 400, seed: 1);

        // yahpo_data's statistics give 87.949 as the largest validation accuracy of task 167168.
        Assert.InRange(curves.Accuracy.Max(row => row.Max()), 80, 87.95);
        Assert.All(curves.Seconds, row => Assert.True(row.Zip(row.Skip(1)).All(pair => pair.Second >= pair.First)));
        Assert.Equal(34, LearningCurves.Tasks(folder).Count);
    }
}
