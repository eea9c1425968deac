using Sightline.Tuning;
using Xunit;

namespace Sightline.Tests.Tuning;

public sealed class TpeSplitTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(10, 1)]
    [InlineData(11, 2)]
    [InlineData(250, 25)]
    [InlineData(300, 25)]
    public void A_tenth_rounded_up_and_at_most_25_are_good(int trials, int good)
    {
        var study = NewStudy();
        for (var i = 0; i < trials; i++)
        {
            study.Tell(study.Ask()!.Number, (i * 7) % trials);
        }

        var (below, above) = TpeSplit.Of(View(study));

        Assert.Equal(good, below.Count);
        Assert.Equal(trials - good, above.Count);
        Assert.True(below.Max(trial => trial.Values[0]) <= above.Select(trial => trial.Values[0]).DefaultIfEmpty(double.MaxValue).Min());
        Assert.Equal(below.Select(trial => trial.Number).Order(), below.Select(trial => trial.Number));
    }

    [Fact]
    public void Complete_comes_before_pruned_by_step_then_value_before_infeasible_by_violation()
    {
        var study = NewStudy();
        // 0 to 5: infeasible 5, infeasible 1, pruned at step 9 with 3 and 2, pruned at step 1, complete.
        study.Tell(study.Ask()!.Number, [0], [5]);
        study.Tell(study.Ask()!.Number, [0], [1]);
        Prune(study, 9, 3);
        Prune(study, 9, 2);
        Prune(study, 1, -8);
        study.Tell(study.Ask()!.Number, 100);
        var order = new[] { 5, 3, 2, 4, 1, 0 };

        Assert.Equal([5], TpeSplit.Of(View(study)).Below.Select(trial => trial.Number));
        for (var i = 0; i < 54; i++)
        {
            study.Tell(study.Ask()!.Number, [0], [100]);
        }

        Assert.Equal(order.Order(), TpeSplit.Of(View(study)).Below.Select(trial => trial.Number));
    }

    [Fact]
    public void Running_trials_are_among_the_others_and_failed_ones_nowhere()
    {
        var study = NewStudy();
        study.Tell(study.Ask()!.Number, 1);
        study.Ask();
        study.Fail(study.Ask()!.Number, "no");

        var (below, above) = TpeSplit.Of(View(study));

        Assert.Equal([0], below.Select(trial => trial.Number));
        Assert.Equal([1], above.Select(trial => trial.Number));
    }

    [Fact]
    public void Several_objectives_go_by_front_then_by_volume()
    {
        var study = new Study(Space(), new StudyOptions { Directions = [Direction.Minimize, Direction.Maximize] });
        // Of 20, two are good. The first front holds 0, 1 and 2; 1 lies in the middle and covers most, then 0 adds more than 2 does.
        double[][] front = [[0, 0.0], [3, 6], [9.5, 6.5]];
        foreach (var values in front.Concat(Enumerable.Range(0, 17).Select(_ => new[] { 10.0, -1 })))
        {
            study.Tell(study.Ask()!.Number, values, []);
        }

        Assert.Equal([0, 1], TpeSplit.Of(View(study)).Below.Select(trial => trial.Number));
        Assert.Equal([0, 1, 2], study.Front.Select(trial => trial.Number));
    }

    internal static StudyView View(Study study) => new(study.Space, study.Options, study.Trials, new HashSet<string>(), null);

    private static SearchSpace Space() => new(new FloatParameter("x", 0, 1));

    private static Study NewStudy() => new(Space(), new StudyOptions { Sampler = "random", Pruner = new PrunerOptions { Kind = PrunerKind.Asha, FirstRungStep = 1, MaxStep = 10 } });

    private static void Prune(Study study, long step, double value)
    {
        var trial = study.Ask()!;
        _ = study.Trials; // Reads what the store has of it, so that it is not read over this later.
        trial.Add(new TrialReport(step, value));
        trial.State = TrialState.Pruned;
    }
}
