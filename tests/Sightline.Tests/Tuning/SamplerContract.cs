using Sightline.Tuning;
using Xunit;

namespace Sightline.Tests.Tuning;

/// <summary>What every sampler keeps; a class below per sampler.</summary>
public abstract class SamplerContract
{
    private static readonly SearchSpace _mixed = new(
        new CategoricalParameter("optimizer", ["sgd", "adam"]),
        new FloatParameter("rate", 1e-4, 1) { Log = true },
        new FloatParameter("momentum", 0, 0.9) { Step = 0.1, When = Condition.Is("optimizer", "sgd") },
        new IntParameter("layers", 1, 3),
        new IntParameter("width", 8, 512) { Log = true, When = Condition.Between("layers", 2, 3) },
        new FloatParameter("fixed", 2, 2));

    private static readonly SearchSpace _small = new(
        new CategoricalParameter("a", ["p", "q", "r"]), new IntParameter("b", 0, 4), new IntParameter("c", 0, 9) { Step = 3, When = Condition.Is("a", "q", "r") });

    protected abstract string Name { get; }

    [Fact]
    public void It_is_in_the_list() => Assert.Contains(Name, Samplers.Names);

    [Fact]
    public void Every_kind_of_parameter_gets_a_value_of_its_range_when_it_is_active()
    {
        var study = new Study(_mixed, Options() with { GridPoints = 4 });
        for (var i = 0; i < 30; i++)
        {
            var trial = study.Ask()!;
            var configuration = trial.Configuration;

            Assert.Empty(_mixed.Problems(configuration));
            Assert.Equal(configuration.Choice("optimizer") == "sgd", configuration.Has("momentum"));
            Assert.Equal(configuration.Int("layers") >= 2, configuration.Has("width"));
            Assert.Equal(2, configuration.Float("fixed"));
            study.Tell(trial.Number, Math.Abs(Math.Log(configuration.Float("rate")) + 3) + configuration.Int("layers"));
        }
    }

    [Fact]
    public void Every_configuration_of_a_finite_space_comes_once_and_then_none()
    {
        // p with 5; q and r with 5 times 4.
        var study = new Study(_small, Options());
        var keys = new HashSet<string>();
        while (study.Ask() is { } trial)
        {
            Assert.True(keys.Add(trial.Configuration.ToString()));
            study.Tell(trial.Number, trial.Configuration.Int("b"));
        }

        Assert.Equal(5 + (2 * 5 * 4), keys.Count);
    }

    [Fact]
    public void A_study_that_is_resumed_goes_on_as_if_it_had_not_stopped()
    {
        var whole = new Study(_mixed, Options());
        var first = new Study(_mixed, Options());
        whole.Run(Objective, 14, CancellationToken.None);
        first.Run(Objective, 11, CancellationToken.None);
        var resumed = new Study(_mixed, Options());
        foreach (var trial in first.Trials)
        {
            resumed.Attach(trial.Configuration, trial.Values);
        }

        resumed.Run(Objective, 3, CancellationToken.None);

        Assert.Equal(whole.Trials.Select(trial => trial.Configuration), resumed.Trials.Select(trial => trial.Configuration));
    }

    [Fact]
    public void Trials_asked_for_at_once_differ()
    {
        var study = new Study(_mixed, Options());
        study.Run(Objective, 12, CancellationToken.None);

        var open = Enumerable.Range(0, 6).Select(_ => study.Ask()!.Configuration).ToList();

        Assert.Equal(6, open.Distinct().Count());
    }

    [Fact]
    public void What_is_not_allowed_is_never_proposed()
    {
        var study = new Study(_small, Options(), configuration => configuration.Int("b") <= 1);

        var all = new List<Trial>();
        while (study.Ask() is { } trial)
        {
            all.Add(trial);
            study.Tell(trial.Number, 1);
        }

        Assert.Equal(2 + (2 * 2 * 4), all.Count);
        Assert.All(all, trial => Assert.True(trial.Configuration.Int("b") <= 1));
    }

    [Fact]
    public void Infinite_failed_pruned_and_infeasible_trials_do_not_break_it()
    {
        var study = new Study(_mixed, Options() with { Pruner = new PrunerOptions { MaxStep = 10, FirstRungStep = 1 } });
        for (var i = 0; i < 30; i++)
        {
            var number = study.Ask()!.Number;
            if (i % 6 == 5)
            {
                study.Report(number, 1, double.NaN);
                continue;
            }

            switch (i % 6)
            {
                case 0: study.Tell(number, double.PositiveInfinity); break;
                case 1: study.Fail(number, "out of luck"); break;
                case 2: study.MarkInfeasible(number, "out of memory"); break;
                case 3: study.Tell(number, [i], [(i % 4) - 1]); break;
                default: study.Tell(number, [double.NegativeInfinity], [1]); break;
            }
        }

        Assert.Equal(5, study.Trials.Count(trial => trial.State == TrialState.Pruned));
        Assert.NotNull(study.Ask());
    }

    [Fact]
    public void The_space_may_change_while_the_study_lives()
    {
        var study = new Study(new SearchSpace(new FloatParameter("x", 0, 1), new CategoricalParameter("c", ["a", "b"])), Options());
        study.Run((trial, _) => trial.Configuration.Float("x"), 12, CancellationToken.None);
        var wider = new SearchSpace(new FloatParameter("x", 0.2, 3), new CategoricalParameter("c", ["a", "b", "z"]), new IntParameter("new", 1, 5));

        study.ChangeSpace(wider);
        study.Run((trial, _) => trial.Configuration.Float("x"), 12, CancellationToken.None);

        Assert.All(study.Trials.Skip(12), trial => Assert.Empty(wider.Problems(trial.Configuration)));
        Assert.All(study.Trials.Skip(12), trial => Assert.Equal(3, trial.Configuration.Values.Count));
    }

    [Fact]
    public void Several_objectives_are_taken()
    {
        var study = new Study(_mixed, Options() with { Directions = [Direction.Minimize, Direction.Maximize] });
        for (var i = 0; i < 16; i++)
        {
            var trial = study.Ask()!;
            study.Tell(trial.Number, [trial.Configuration.Float("rate"), trial.Configuration.Int("layers")], []);
        }

        Assert.NotEmpty(study.Front);
    }

    private StudyOptions Options() => new() { Sampler = Name, Seed = 4, GridPoints = 3 };

    private static double Objective(Trial trial, CancellationToken cancellationToken) =>
        Math.Abs(Math.Log(trial.Configuration.Float("rate")) + 3) + trial.Configuration.Int("layers");
}

public sealed class AutoSamplerTests : SamplerContract
{
    protected override string Name => "auto";

    [Fact]
    public void It_takes_the_process_for_100_trials_of_a_fixed_space_and_tpe_else()
    {
        var options = new StudyOptions();
        string Chosen(SearchSpace space, int number, StudyOptions? other = null) =>
            AutoSampler.Choose(new StudyView(space, other ?? options, [], new HashSet<string>(), null), number).Name;
        var plain = new SearchSpace(new FloatParameter("x", 0, 1));
        var choices = new SearchSpace(new CategoricalParameter("c", ["a", "b"]));
        var conditional = new SearchSpace(new CategoricalParameter("c", ["a", "b"]), new FloatParameter("x", 0, 1) { When = Condition.Is("c", "a") });

        Assert.Equal("gp", Chosen(plain, 99));
        Assert.Equal("tpe", Chosen(plain, 100));
        Assert.Equal("tpe", Chosen(choices, 0));
        Assert.Equal("tpe", Chosen(conditional, 0));
        Assert.Equal("tpe", Chosen(plain, 0, options with { Directions = [Direction.Minimize, Direction.Minimize] }));
    }
}

public sealed class RandomSamplerTests : SamplerContract
{
    protected override string Name => "random";
}

public sealed class GridSamplerTests : SamplerContract
{
    protected override string Name => "grid";

    [Fact]
    public void Continuous_ranges_are_cut_with_their_ends()
    {
        var study = new Study(new SearchSpace(new FloatParameter("x", 1, 100) { Log = true }), new StudyOptions { Sampler = "grid", GridPoints = 3 });

        var values = new List<double>();
        while (study.Ask() is { } trial)
        {
            values.Add(trial.Configuration.Float("x"));
        }

        NumericsTests.Near([1, 10, 100], values.Order(), 1e-12);
    }

    [Fact]
    public void A_grid_too_large_is_refused_with_a_way_out()
    {
        var study = new Study(new SearchSpace(new IntParameter("a", 1, 10_000), new IntParameter("b", 1, 10_000)), new StudyOptions { Sampler = "grid" });

        var error = Assert.Throws<SettingsException>(study.Ask);

        Assert.Equal("The grid has 1e+08 configurations; at most 2000000 are enumerated. Use fewer values, a step, or the sampler sobol.", error.Message);
    }
}

public sealed class SobolSamplerTests : SamplerContract
{
    protected override string Name => "sobol";
}

public sealed class TpeSamplerTests : SamplerContract
{
    protected override string Name => "tpe";
}

public sealed class GpSamplerTests : SamplerContract
{
    protected override string Name => "gp";

    [Fact]
    public void A_constraint_that_was_told_is_learned()
    {
        // The minimum of x lies at 0, where the constraint 0.3 - x <= 0 is broken: the best allowed value is 0.3.
        var study = new Study(new SearchSpace(new FloatParameter("x", 0, 1)), new StudyOptions { Sampler = "gp", Seed = 2 });
        for (var i = 0; i < 30; i++)
        {
            var trial = study.Ask()!;
            study.Tell(trial.Number, [trial.Configuration.Float("x")], [0.3 - trial.Configuration.Float("x")]);
        }

        Assert.InRange(study.Best!.Values[0], 0.3, 0.305);
        Assert.True(study.Trials.Skip(20).Count(trial => trial.Constraints[0] > 0.05) <= 2);
    }
}

public sealed class SamplerListTests
{
    [Fact]
    public void Every_sampler_has_a_contract_class() => Assert.Equal(["auto", "gp", "grid", "random", "sobol", "tpe"], Samplers.Names.Order());
}
