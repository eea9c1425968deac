using Sightline.Tuning;
using Xunit;

namespace Sightline.Tests.Tuning;

public sealed class StudyTests
{
    private static readonly SearchSpace _space = new(
        new FloatParameter("x", -5, 5), new CategoricalParameter("c", ["a", "b"]), new IntParameter("n", 1, 9) { When = Condition.Is("c", "b") });

    [Fact]
    public void The_best_trial_is_the_smallest_or_largest_that_meets_its_constraints()
    {
        foreach (var direction in Enum.GetValues<Direction>())
        {
            var sign = direction == Direction.Minimize ? 1 : -1;
            var study = New(new StudyOptions { Directions = [direction] });
            study.Tell(study.Ask()!.Number, sign * 3);
            study.Tell(study.Ask()!.Number, [sign * 1], [0.5]);
            study.Tell(study.Ask()!.Number, [sign * 2], [0]);
            study.Tell(study.Ask()!.Number, sign * 9);

            Assert.Equal(2, study.Best!.Number);
        }
    }

    [Fact]
    public void What_is_queued_comes_first_and_missing_values_are_chosen()
    {
        var study = New();
        study.Enqueue(Configuration.Of(("x", 1.5), ("c", "b")));
        var again = study.Enqueue(Configuration.Of(("x", 1.5), ("c", "b")));

        var trial = study.Ask()!;

        Assert.Equal(0, trial.Number);
        Assert.Same(trial, again);
        Assert.Equal(1.5, trial.Configuration.Float("x"));
        Assert.Equal("b", trial.Configuration.Choice("c"));
        Assert.InRange(trial.Configuration.Int("n"), 1, 9);
        Assert.Equal(1, study.Ask()!.Number);
    }

    [Fact]
    public void Attached_trials_teach_the_sampler()
    {
        // The minimum lies at x = 2; all that is known of it was measured elsewhere.
        var study = new Study(new SearchSpace(new FloatParameter("x", -5, 5)), new StudyOptions { Sampler = "gp" });
        for (var i = 0; i <= 20; i++)
        {
            var x = -5 + (i * 0.5);
            study.Attach(Configuration.Of(("x", x)), [(x - 2) * (x - 2)]);
        }

        Assert.InRange(study.Ask()!.Configuration.Float("x"), 1, 3);
    }

    [Fact]
    public void A_finished_trial_needs_every_active_value()
    {
        var error = Assert.Throws<SettingsException>(() => New().Attach(Configuration.Of(("x", 1.0), ("c", "b")), [1]));

        Assert.Equal("The configuration lacks n; a finished trial needs a value for each active parameter.", error.Message);
    }

    [Theory]
    [InlineData("x", 7.0, "Parameter 'x' is 7, which its range does not have.")]
    [InlineData("y", 7.0, "Parameter 'y' is not in the space, which has: x, c, n.")]
    public void A_configuration_outside_the_space_is_refused(string name, double value, string message)
    {
        var error = Assert.Throws<SettingsException>(() => New().Enqueue(Configuration.Of((name, value))));

        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void A_value_for_an_inactive_parameter_is_refused()
    {
        var error = Assert.Throws<SettingsException>(() => New().Enqueue(Configuration.Of(("c", "a"), ("n", 3.0))));

        Assert.Equal("Parameter 'n' is given, but it is not active where c is a.", error.Message);
    }

    [Fact]
    public void An_objective_that_throws_or_gives_nan_fails_that_trial_alone()
    {
        var study = New();

        study.Run((trial, _) => trial.Number switch { 1 => throw new InvalidOperationException("no more disk"), 2 => double.NaN, _ => trial.Number },
            5, CancellationToken.None);

        Assert.Equal([TrialState.Complete, TrialState.Failed, TrialState.Failed, TrialState.Complete, TrialState.Complete],
            study.Trials.Select(trial => trial.State));
        Assert.Equal("no more disk", study.Trials[1].Reason);
        Assert.Equal("The objective is not a number (NaN).", study.Trials[2].Reason);
        Assert.Equal(0, study.Best!.Number);
    }

    [Fact]
    public void Stopping_the_study_ends_the_trial_at_hand_as_failed()
    {
        using var stop = new CancellationTokenSource();
        var study = New();

        Assert.Throws<OperationCanceledException>(() => study.Run((trial, token) =>
        {
            stop.Cancel();
            token.ThrowIfCancellationRequested();
            return 0;
        }, 5, stop.Token));

        Assert.Equal(TrialState.Failed, Assert.Single(study.Trials).State);
    }

    [Fact]
    public void A_trial_is_told_of_once()
    {
        var study = New();
        study.Tell(study.Ask()!.Number, 1);

        var error = Assert.Throws<InvalidOperationException>(() => study.Tell(0, 2));

        Assert.Equal("Trial 0 is Complete; only a running trial can be told of.", error.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => study.Tell(1, 2));
    }

    [Fact]
    public void The_count_of_values_is_that_of_the_objectives()
    {
        var study = New();
        study.Ask();

        Assert.StartsWith("2 values were told; the study has 1 objectives.", Assert.Throws<ArgumentException>(() => study.Tell(0, 1, 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_told_again_replaces_what_came_after_it()
    {
        var study = New(new StudyOptions { Pruner = new PrunerOptions { Kind = PrunerKind.None } });
        study.Ask();
        foreach (var step in new[] { 1, 2, 3, 2 })
        {
            study.Report(0, step, step * 10);
        }

        Assert.Equal([new TrialReport(1, 10), new TrialReport(2, 20)], study.Trials[0].Reports);
    }

    [Fact]
    public void A_noisy_study_may_repeat_configurations()
    {
        var space = new SearchSpace(new CategoricalParameter("c", ["a", "b"]));
        var plain = new Study(space, new StudyOptions { Sampler = "random" });
        var noisy = new Study(space, new StudyOptions { Sampler = "random", Noisy = true });
        plain.Run((_, _) => 1, 10, CancellationToken.None);
        noisy.Run((_, _) => 1, 10, CancellationToken.None);

        Assert.Equal(2, plain.Trials.Count);
        Assert.Equal(10, noisy.Trials.Count);
    }

    [Fact]
    public void Several_threads_get_every_configuration_once()
    {
        var study = new Study(new SearchSpace(new IntParameter("n", 1, 200)), new StudyOptions { Sampler = "tpe" });
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() => study.Run((trial, _) => trial.Configuration.Int("n"), 50, CancellationToken.None))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.Equal(Enumerable.Range(1, 200).Select(n => (long)n), study.Trials.Select(trial => trial.Configuration.Int("n")).Order());
        Assert.All(study.Trials, trial => Assert.Equal(TrialState.Complete, trial.State));
    }

    [Fact]
    public void Settings_out_of_range_are_named_all_at_once()
    {
        var options = new StudyOptions { Sampler = "tpee", GridPoints = 0, Pruner = new PrunerOptions { Eta = 1, FirstRung = 2 } };

        var error = Assert.Throws<SettingsException>(() => New(options));

        Assert.Equal("Sampler is 'tpee'; it must be one of auto, random, grid, sobol, tpe, gp. GridPoints is 0; it must be at least 1. " +
            "Pruner.FirstRung is 2; it must be above 0 and at most 1, a share of the longest trial. Pruner.Eta is 1; it must be at least 2.", error.Message);
        Assert.Empty(new StudyOptions().Check());
    }

    private static Study New(StudyOptions? options = null) => new(_space, options ?? new StudyOptions { Sampler = "random" });
}
