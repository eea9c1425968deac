using Sightline.Tuning;
using Xunit;

namespace Sightline.Tests.Tuning;

public sealed class SearchSpaceTests
{
    [Fact]
    public void Contradictions_are_named_all_at_once()
    {
        var error = Assert.Throws<SettingsException>(() => new SearchSpace(
            new FloatParameter("a", 2, 1),
            new FloatParameter("b", 0, 1) { Log = true },
            new FloatParameter("b", 0, 1) { Step = 0 },
            new CategoricalParameter("c", ["x", "x"]),
            new IntParameter("d", 1, 9) { When = Condition.Is("e", "x") },
            new IntParameter("f", 1, 9) { When = Condition.Is("c", "y") }));

        Assert.Equal("The search space cannot be used. Parameter 'a' goes from 2 to 1; both must be finite and the first at most the second. " +
            "Parameter 'b' is logarithmic and starts at 0; it must start above 0. Parameter 'b' has step 0; a step is above 0. " +
            "Parameter 'b' stands twice; each name may stand once. Parameter 'c' has the choice 'x' 2 times; each may stand once. " +
            "Parameter 'd' depends on 'e', which does not stand before it. " +
            "Parameter 'f' can never be active: no value of 'c' meets its condition.", error.Message);
    }

    [Fact]
    public void An_empty_space_is_refused()
    {
        var error = Assert.Throws<SettingsException>(() => new SearchSpace());

        Assert.Equal("The search space cannot be used. It has no parameters; it needs at least one.", error.Message);
    }

    [Fact]
    public void A_space_reads_back_from_its_json()
    {
        var space = new SearchSpace(new FloatParameter("rate", 1e-4, 1) { Log = true }, new IntParameter("n", 2, 8) { Step = 2 },
            new CategoricalParameter("c", ["a", "b"]), new FloatParameter("m", 0, 1) { Step = 0.1, When = Condition.Is("c", "a") },
            new FloatParameter("k", 0, 1) { When = Condition.Between("n", 4, 8) });

        Assert.Equal(space.Parameters, SearchSpace.FromJson(space.ToJson()).Parameters);
    }

    [Theory]
    [InlineData("[{\"kind\":\"real\",\"name\":\"x\"}]")]
    [InlineData("{}")]
    [InlineData("[{\"kind\":\"float\",\"name\":\"x\",\"lo\":1,\"high\":2}]")]
    [InlineData("not json")]
    public void Text_that_is_no_space_is_refused_with_an_example(string json) =>
        Assert.Contains("A space is an array such as [{\"kind\":\"float\"", Assert.Throws<SettingsException>(() => SearchSpace.FromJson(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Every_value_of_a_discrete_parameter_has_the_same_share_of_the_unit()
    {
        Parameter[] parameters = [new IntParameter("n", 3, 12) { Step = 3 }, new FloatParameter("s", 0.1, 0.4) { Step = 0.1 }, new CategoricalParameter("c", ["a", "b", "d", "e"])];
        foreach (var parameter in parameters)
        {
            var counts = Enumerable.Range(0, 4000).Select(i => parameter.FromUnit((i + 0.5) / 4000).ToString()).CountBy(text => text).ToList();

            Assert.Equal(4, counts.Count);
            Assert.All(counts, count => Assert.InRange(count.Value, 999, 1001));
        }
    }

    [Fact]
    public void Logarithmic_integers_have_shares_of_their_logarithm()
    {
        // log(x - 1/2) to log(x + 1/2), over log 0.5 to log 8.5.
        var parameter = new IntParameter("n", 1, 8) { Log = true };
        var counts = Enumerable.Range(0, 10_000).Select(i => parameter.FromUnit((i + 0.5) / 10_000).Number).CountBy(number => number).ToDictionary();

        foreach (var n in new[] { 1.0, 2, 5, 8 })
        {
            Assert.Equal(10_000 * Math.Log((n + 0.5) / (n - 0.5)) / Math.Log(17), counts[n], 2.0);
        }
    }

    [Fact]
    public void Stepped_numbers_are_written_without_noise()
    {
        var parameter = new FloatParameter("s", 0, 1) { Step = 0.1 };

        Assert.Equal(["0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1"], Enumerable.Range(0, 11).Select(i => parameter.At(i, 0).ToString()));
        Assert.True(parameter.Contains(0.3) && parameter.Contains(0.1 + 0.2) && !parameter.Contains(0.35) && !parameter.Contains("0.3"));
    }

    [Fact]
    public void Configurations_are_equal_by_their_values()
    {
        var one = Configuration.Of(("a", 1.0), ("b", "x"));
        var other = Configuration.Of(("b", "x"), ("a", 1.0));

        Assert.Equal(one, other);
        Assert.Equal(one, Configuration.FromKey(one.Key));
        Assert.NotEqual(one, Configuration.Of(("a", 1.0), ("b", "y")));
        Assert.Equal("Parameter 'z' is not in this configuration, which has: a, b.", Assert.Throws<KeyNotFoundException>(() => one.Float("z")).Message);
    }
}
