using Sightline.Tuning;
using Xunit;

namespace Sightline.Tests.Tuning;

/// <summary>Against functions whose shares of variance are known.</summary>
public sealed class ImportanceTests
{
    [Fact]
    public void Pedanova_finds_the_one_parameter_that_counts()
    {
        // The example of optuna/importance/_ped_anova/evaluator.py.
        var space = new SearchSpace(new FloatParameter("x1", -10, 10), new FloatParameter("x2", -10, 10));

        var shares = PedAnova.Of(space, Draw(space, 200, c => c.Float("x1") + (c.Float("x2") / 1000)));

        Assert.InRange(shares["x1"], 0.9, 1);
        Assert.Equal(1, shares.Values.Sum(), 1e-12);
    }

    [Fact]
    public void Pedanova_tells_what_the_best_tenth_needs_and_not_what_tells_bad_from_very_bad()
    {
        // x moves the value by 100 where it is above 0.5, which the best never are in; below, only y counts.
        var space = new SearchSpace(new FloatParameter("x", 0, 1), new FloatParameter("y", 0, 1), new CategoricalParameter("idle", ["a", "b", "c"]));
        var trials = Draw(space, 600, c => (100 * Math.Max(0, c.Float("x") - 0.5)) + Math.Abs(c.Float("y") - 0.5));

        var top = PedAnova.Of(space, trials);
        var whole = Fanova.Of(space, trials);

        Assert.True(top["y"] > top["x"], $"y {top["y"]}, x {top["x"]}");
        Assert.True(whole["x"] > 0.9, $"x {whole["x"]}");
        Assert.InRange(top["idle"], 0, 0.1);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 2)]
    public void Fanova_shares_of_a_sum_are_those_of_the_squared_slopes(double a, double b)
    {
        // The variance of a x over [0, 1] is a^2 / 12. A forest of 400 points smooths, so the shares are near, not exact.
        var space = new SearchSpace(new FloatParameter("x", 0, 1), new FloatParameter("y", 0, 1));

        var shares = Fanova.Of(space, Draw(space, 400, c => (a * c.Float("x")) + (b * c.Float("y"))));

        Assert.Equal(a * a / ((a * a) + (b * b)), shares["x"], 0.06);
        Assert.Equal(b * b / ((a * a) + (b * b)), shares["y"], 0.06);
    }

    [Fact]
    public void Fanova_of_ishigamis_function_has_its_first_order_indices()
    {
        // Ishigami and Homma 1990 with a 7, b 0.1: first-order indices 0.3139, 0.4424 and 0 (Saltelli et al. 2008). A forest of 2,000 points
        // flattens the waves a little, so that its shares come out up to a tenth lower.
        var space = new SearchSpace(new FloatParameter("x", -Math.PI, Math.PI), new FloatParameter("y", -Math.PI, Math.PI), new FloatParameter("z", -Math.PI, Math.PI));

        var shares = Fanova.Of(space, Draw(space, 2000, c => Math.Sin(c.Float("x")) + (7 * Math.Pow(Math.Sin(c.Float("y")), 2)) + (0.1 * Math.Pow(c.Float("z"), 4) * Math.Sin(c.Float("x")))));

        Assert.Equal(0.3139, shares["x"], 0.1);
        Assert.Equal(0.4424, shares["y"], 0.1);
        Assert.InRange(shares["z"], 0, 0.03);
    }

    [Fact]
    public void Densities_sum_to_one_and_rise_where_the_values_are()
    {
        var choice = PedAnova.Density(new CategoricalParameter("c", ["a", "b", "d"]), ["a", "a", "a", "b"]);
        var number = PedAnova.Density(new FloatParameter("f", 0, 1), [0.2, 0.21, 0.22, 0.23]);
        var logged = PedAnova.Density(new FloatParameter("l", 1e-4, 1) { Log = true }, [1e-4, 1e-4, 1e-4]);

        Assert.Equal(1, choice.Sum(), 1e-12);
        // Three kernels with the prior: (3 + 4/3) / 2 / 5 + 1/15 for the first, as the Parzen estimator of Optuna has it.
        Assert.Equal(((3 + (4 / 3.0)) / 2 / 5) + (1 / 15.0), choice[0], 1e-12);
        Assert.Equal(1, number.Sum(), 1e-9);
        Assert.Equal(50, number.Length);
        Assert.InRange(Array.IndexOf(number, number.Max()), 9, 12);
        Assert.Equal(0, Array.IndexOf(logged, logged.Max()));
    }

    [Fact]
    public void Too_few_trials_have_no_importance()
    {
        var space = new SearchSpace(new FloatParameter("x", 0, 1));

        Assert.Empty(PedAnova.Of(space, Draw(space, 2, c => c.Float("x"))));
        Assert.Empty(Fanova.Of(space, Draw(space, 4, c => c.Float("x"))));
    }

    private static List<(Configuration, double)> Draw(SearchSpace space, int count, Func<Configuration, double> objective)
    {
        var random = new RandomStream(11);
        var trials = new List<(Configuration, double)>();
        for (var i = 0; i < count; i++)
        {
            var drawn = RandomSampler.Draw(space, ref random);
            trials.Add((drawn, objective(drawn)));
        }

        return trials;
    }
}
