using Sightline.Tuning;
using Xunit;

namespace Sightline.Tests.Tuning;

/// <summary>What every rule keeps; a class below per rule.</summary>
public abstract class PrunerContract
{
    protected abstract PrunerOptions Options { get; }

    [Fact]
    public void The_first_trial_is_never_stopped_and_a_clearly_best_one_neither()
    {
        var study = NewStudy(Options);

        Assert.Equal(20, FullTrial(study, 0.5));
        for (var i = 0; i < 12; i++)
        {
            FullTrial(study, 0.6 + (i * 0.01));
        }

        var best = study.Trials.Count;
        Assert.Equal(20, FullTrial(study, 0.01));
        Assert.Equal(TrialState.Complete, study.Trials[best].State);
    }

    [Fact]
    public void Larger_is_better_is_the_mirror_of_smaller_is_better()
    {
        var smaller = NewStudy(Options);
        var larger = NewStudy(Options, Direction.Maximize);
        var random = new RandomStream(7);
        for (var i = 0; i < 40; i++)
        {
            var level = random.NextDouble();

            Assert.Equal(FullTrial(smaller, level), FullTrial(larger, -level));
        }
    }

    [Fact]
    public void Studies_of_several_objectives_run_to_the_end()
    {
        var study = new Study(new SearchSpace(new FloatParameter("x", 0, 1)),
            new StudyOptions { Sampler = "random", Pruner = Options, Directions = [Direction.Minimize, Direction.Minimize] });
        for (var i = 0; i < 10; i++)
        {
            var number = study.Ask()!.Number;
            Assert.Equal(Verdict.Continue, study.Report(number, 1, i));
            study.Tell(number, [i, i], []);
        }
    }

    internal static Study NewStudy(PrunerOptions options, Direction direction = Direction.Minimize) =>
        new(new SearchSpace(new FloatParameter("x", 0, 1)), new StudyOptions { Sampler = "random", Pruner = options, Directions = [direction] });

    /// <summary>Reports one level at steps 1 to 20, going on with a paused trial when it is given again; the last step it reached.</summary>
    internal static long FullTrial(Study study, double level)
    {
        var trial = study.Ask()!;
        while (trial.Reports.Count > 0)
        {
            // A paused trial of another level comes first: bring it to its next verdict.
            Continue(study, trial, trial.Reports[^1].Value);
            trial = study.Ask()!;
        }

        return Continue(study, trial, level);
    }

    private static long Continue(Study study, Trial trial, double level)
    {
        for (var step = trial.Reports.Count + 1; step <= 20; step++)
        {
            if (study.Report(trial.Number, step, level * (1 + (step % 2 * 1e-6))) != Verdict.Continue)
            {
                return step;
            }
        }

        study.Tell(trial.Number, level);
        return 20;
    }
}

public sealed class NoPrunerTests : PrunerContract
{
    protected override PrunerOptions Options => new() { Kind = PrunerKind.None };
}

/// <summary>The tables are those of Optuna's tests/pruners_tests/test_successive_halving.py.</summary>
public sealed class AshaPrunerTests : PrunerContract
{
    protected override PrunerOptions Options => new() { MaxStep = 20 };

    [Theory]
    [InlineData(0.75, 0)]
    [InlineData(0.25, 1)]
    [InlineData(0.05, 99)]
    public void Later_trials_stop_at_the_rung_where_they_are_not_among_the_best(double value, int rung)
    {
        // Rungs at 1, 2, 4 with eta 2. Seven trials report 0.1 to 0.7 once, at step 7: the first passes, the others stop at the first rung.
        var study = NewStudy(new PrunerOptions { FirstRungStep = 1, Eta = 2, MaxStep = 8, ImmuneBest = 0, MinCurves = 0, CheckRanks = false });
        for (var i = 1; i <= 7; i++)
        {
            study.Report(study.Ask()!.Number, 7, 0.1 * i);
        }

        var number = study.Ask()!.Number;
        int[] steps = [1, 2, 4];
        var stopped = steps.TakeWhile(step => study.Report(number, step, value) == Verdict.Continue).Count();

        Assert.Equal(Math.Min(rung, 3), stopped);
    }

    [Theory]
    [InlineData(52, 0.08, null, 3, new long[] { 4, 12, 36 })]
    [InlineData(100, 0.08, null, 3, new long[] { 8, 24, 72 })]
    [InlineData(10, 0.08, 1L, 2, new long[] { 1, 2, 4, 8 })]
    [InlineData(9, 0.08, 2L, 2, new long[] { 2, 4, 8 })]
    [InlineData(3, 0.08, null, 3, new long[] { 1 })]
    public void Rungs_rise_by_eta_from_the_first(long end, double first, long? firstStep, int eta, long[] expected)
    {
        var study = NewStudy(new PrunerOptions { MaxStep = end, FirstRung = first, FirstRungStep = firstStep, Eta = eta });

        Assert.Equal(expected, Rungs.Steps(TpeSplitTests.View(study)));
        Assert.Equal(expected.Skip(1), Rungs.Steps(TpeSplitTests.View(study), bracket: 1));
    }

    [Fact]
    public void Bootstrap_one_stops_the_first_of_two_as_optuna_does()
    {
        var study = NewStudy(new PrunerOptions { MaxStep = 10, FirstRungStep = 1, Bootstrap = 1 });

        Assert.Equal(Verdict.Stop, study.Report(study.Ask()!.Number, 1, 1));
        Assert.Equal(Verdict.Continue, study.Report(study.Ask()!.Number, 1, 0.5));
    }

    [Fact]
    public void Not_a_number_stops_at_a_rung_and_only_there()
    {
        var study = NewStudy(new PrunerOptions { MaxStep = 20, FirstRungStep = 4 });
        var number = study.Ask()!.Number;

        Assert.Equal(Verdict.Continue, study.Report(number, 3, double.NaN));
        Assert.Equal(Verdict.Stop, study.Report(number, 4, double.NaN));
    }

    [Fact]
    public void The_best_three_of_all_and_whoever_comes_before_three_curves_go_on()
    {
        var study = NewStudy(new PrunerOptions { MaxStep = 20, FirstRungStep = 4 });
        double[] values = [0.5, 0.6, 0.7, 0.8, 0.65, 0.1, 0.62];

        var verdicts = values.Select(value => study.Report(study.Ask()!.Number, 4, value)).ToList();

        // 0.8 and 0.62 come fourth; one in three of seven would be two only.
        Assert.Equal([Verdict.Continue, Verdict.Continue, Verdict.Continue, Verdict.Stop, Verdict.Continue, Verdict.Continue, Verdict.Stop], verdicts);
    }

    [Theory]
    [InlineData(false, Verdict.Stop)]
    [InlineData(true, Verdict.Continue)]
    public void A_rung_whose_ranks_turn_round_later_on_is_passed_over(bool turnsRound, Verdict expected)
    {
        // Six trials, each better than all before it at step 4; ten pairs or more have come to the end.
        var study = NewStudy(new PrunerOptions { MaxStep = 16, FirstRungStep = 4, Eta = 4 });
        for (var i = 0; i < 6; i++)
        {
            var number = study.Ask()!.Number;
            Assert.Equal(Verdict.Continue, study.Report(number, 4, 1 - (0.1 * i)));
            study.Report(number, 16, turnsRound ? 0.1 * i : 1 - (0.1 * i));
            study.Tell(number, turnsRound ? 0.1 * i : 1 - (0.1 * i));
        }

        Assert.Equal(expected, study.Report(study.Ask()!.Number, 4, 5));
    }

    [Fact]
    public void Nothing_stops_before_the_longest_trial_is_known()
    {
        var study = NewStudy(new PrunerOptions());

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(Verdict.Continue, study.Report(study.Ask()!.Number, 10, i));
        }

        study.Tell(0, 0);
        Assert.Equal(Verdict.Stop, study.Report(study.Ask()!.Number, 10, 9));
    }
}

public sealed class AshaPromotionPrunerTests : PrunerContract
{
    protected override PrunerOptions Options => new() { Kind = PrunerKind.AshaPromotion, MaxStep = 20, FirstRungStep = 20 };

    [Fact]
    public void Trials_pause_at_each_rung_and_the_best_third_goes_on_under_its_number()
    {
        var study = NewStudy(new PrunerOptions { Kind = PrunerKind.AshaPromotion, MaxStep = 9, FirstRungStep = 1 });
        double[] values = [0.5, 0.2, 0.8];
        foreach (var value in values)
        {
            Assert.Equal(Verdict.Pause, study.Report(study.Ask()!.Number, 1, value));
        }

        // Three at the rung: one is promoted, and it is the best.
        var promoted = study.Ask()!;
        Assert.Equal(1, promoted.Number);
        Assert.Equal(Verdict.Continue, study.Report(1, 2, 0.2));
        Assert.Equal(3, study.Ask()!.Number);
        Assert.Equal(TrialState.Paused, study.Trials[0].State);
    }

    [Fact]
    public void A_trial_that_is_already_among_the_best_does_not_pause()
    {
        var study = NewStudy(new PrunerOptions { Kind = PrunerKind.AshaPromotion, MaxStep = 9, FirstRungStep = 1 });
        study.Report(study.Ask()!.Number, 1, 0.5);
        study.Report(study.Ask()!.Number, 1, 0.6);

        Assert.Equal(Verdict.Continue, study.Report(study.Ask()!.Number, 1, 0.1));
    }
}

public sealed class HyperbandPrunerTests : PrunerContract
{
    protected override PrunerOptions Options => new() { Kind = PrunerKind.Hyperband, MaxStep = 20 };

    [Theory]
    [InlineData(16, 2, new[] { 16, 10, 7, 5, 5 })]
    [InlineData(81, 3, new[] { 81, 34, 15, 8, 5 })]
    [InlineData(243, 3, new[] { 243, 98, 41, 18, 9, 6 })]
    public void Brackets_share_trials_as_the_paper_does(long end, int eta, int[] expected)
    {
        // ceil(B eta^q / (q + 1)) with q from B - 1 to 0; the second row is table 1 of Li et al. 2018.
        Assert.Equal(expected, HyperbandPruner.Shares(new PrunerOptions { FirstRungStep = 1, Eta = eta }, end));
    }

    [Fact]
    public void The_bracket_follows_from_study_and_number_alone()
    {
        // Made with Python's zlib.crc32(b"study_N") modulo 43, counted through 16, 10, 7, 5, 5.
        int[] shares = [16, 10, 7, 5, 5];

        Assert.Equal([3, 1, 4, 0, 0, 3, 2, 0], Enumerable.Range(0, 8).Select(number => HyperbandPruner.Bracket("study", number, shares)));
    }
}

public sealed class MedianPrunerTests : PrunerContract
{
    protected override PrunerOptions Options => new() { Kind = PrunerKind.Median };

    [Theory]
    [InlineData(50, 2.9, false)]
    [InlineData(50, 3.1, true)]
    [InlineData(25, 1.9, false)]
    [InlineData(25, 2.1, true)]
    [InlineData(60, 3.3, false)]
    [InlineData(60, 3.5, true)]
    public void Worse_than_the_percentile_of_complete_trials_stops(double percentile, double value, bool stops)
    {
        // Of 1 to 5, numpy.percentile gives 3 at 50, 2 at 25, 3.4 at 60.
        var study = NewStudy(new PrunerOptions { Kind = PrunerKind.Median, Percentile = percentile });
        for (var i = 1; i <= 5; i++)
        {
            var number = study.Ask()!.Number;
            study.Report(number, 1, i);
            study.Tell(number, i);
        }

        Assert.Equal(stops ? Verdict.Stop : Verdict.Continue, study.Report(study.Ask()!.Number, 1, value));
    }

    [Fact]
    public void The_best_value_so_far_counts_and_only_nan_stops()
    {
        var study = NewStudy(new PrunerOptions { Kind = PrunerKind.Median, WarmUpSteps = 2 });
        for (var i = 1; i <= 5; i++)
        {
            var number = study.Ask()!.Number;
            study.Report(number, 2, i);
            study.Tell(number, i);
        }

        var kept = study.Ask()!.Number;
        Assert.Equal(Verdict.Continue, study.Report(kept, 1, 0));
        Assert.Equal(Verdict.Continue, study.Report(kept, 2, 100));
        Assert.Equal(Verdict.Stop, study.Report(study.Ask()!.Number, 2, double.NaN));
    }

    [Fact]
    public void Patience_waits_while_the_trial_still_gets_better()
    {
        var study = NewStudy(new PrunerOptions { Kind = PrunerKind.Median, Patience = 1 });
        for (var i = 1; i <= 5; i++)
        {
            var number = study.Ask()!.Number;
            for (var step = 1; step <= 5; step++)
            {
                study.Report(number, step, 0);
            }

            study.Tell(number, 0);
        }

        var trial = study.Ask()!.Number;
        // Far worse than all others, but better with each of the first three reports; then two without.
        Assert.Equal([Verdict.Continue, Verdict.Continue, Verdict.Continue, Verdict.Continue, Verdict.Stop],
            new[] { 9.0, 8, 7, 7.5, 7.6 }.Select((value, i) => study.Report(trial, i + 1, value)));
    }
}

public sealed class WilcoxonPrunerTests : PrunerContract
{
    protected override PrunerOptions Options => new() { Kind = PrunerKind.Wilcoxon };

    [Fact]
    public void Folds_that_are_all_worse_stop_once_the_ranks_are_sure()
    {
        // All n differences above 0: p = 2^-n exactly, first below 0.1 at n = 4.
        var study = NewStudy(Options);
        var best = study.Ask()!.Number;
        for (var fold = 0; fold < 6; fold++)
        {
            study.Report(best, fold, 0.2 + (0.01 * fold));
        }

        study.Tell(best, 0.2);
        var trial = study.Ask()!.Number;

        Assert.Equal([Verdict.Continue, Verdict.Continue, Verdict.Continue, Verdict.Stop],
            Enumerable.Range(0, 4).Select(fold => study.Report(trial, fold, 0.3 + (0.02 * fold))));
    }

    [Fact]
    public void A_better_mean_is_never_stopped()
    {
        var study = NewStudy(Options);
        var best = study.Ask()!.Number;
        double[] values = [0.2, 0.2, 0.2, 0.2, 5];
        for (var fold = 0; fold < 5; fold++)
        {
            study.Report(best, fold, values[fold]);
        }

        study.Tell(best, 1.16);
        var trial = study.Ask()!.Number;

        Assert.All(Enumerable.Range(0, 4), fold => Assert.Equal(Verdict.Continue, study.Report(trial, fold, 0.3 + (0.02 * fold))));
    }
}
