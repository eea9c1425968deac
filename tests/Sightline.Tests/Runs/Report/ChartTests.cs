using Sightline.Runs.Report;
using Xunit;

namespace Sightline.Tests.Runs.Report;

public sealed class ChartTests
{
    [Theory]
    [InlineData(0, 0.87, new[] { 0, 0.2, 0.4, 0.6, 0.8, 1 })]
    [InlineData(0.79, 0.94, new[] { 0.75, 0.8, 0.85, 0.9, 0.95 })]
    [InlineData(3, 3, new[] { 2.6, 2.8, 3, 3.2, 3.4 })]
    [InlineData(-12, 31, new double[] { -20, -10, 0, 10, 20, 30, 40 })]
    public void Round_ends_on_round_numbers(double low, double high, double[] expected)
    {
        var ticks = Ticks.Round(low, high, 5);

        Assert.Equal(expected, ticks.Values);
        Assert.True(ticks.Low <= low && ticks.High >= high);
    }

    [Fact]
    public void Within_of_epochs_counts_whole_ones()
    {
        Assert.Equal([1, 2, 3], Ticks.Within(1, 3, 6, minimumStep: 1).Values);
    }

    [Theory]
    [InlineData(1e-300, 2e-300)]
    [InlineData(0, 1e300)]
    [InlineData(-1e300, 1e300)]
    [InlineData(5, 5.0000000001)]
    public void Round_of_extremes_stays_short(double low, double high)
    {
        Assert.InRange(Ticks.Round(low, high, 5).Values.Count, 2, 12);
    }

    [Fact]
    public void Drawn_of_a_long_series_keeps_the_peak_and_the_gap()
    {
        var values = Enumerable.Range(0, 10_000).Select(i => (double?)(i % 10)).ToArray();
        values[4321] = 99;
        values[7654] = double.NaN;

        var drawn = new LineSeries("loss", "loss", values).Drawn(200);

        Assert.InRange(drawn.Length, 200, 620);
        Assert.Contains(4321, drawn);
        Assert.Contains(7654, drawn);
        Assert.Equal(drawn.Order(), drawn);
    }

    [Theory]
    [InlineData(0.93841, "0.938")]
    [InlineData(0.1, "0.1")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.0000107, "1.07e-5")]
    [InlineData(12.5, "12.5")]
    [InlineData(4150, "4,150")]
    [InlineData(-0.25, "-0.25")]
    [InlineData(0, "0")]
    [InlineData(double.NaN, "not finite")]
    public void Short_has_three_digits(double value, string expected)
    {
        Assert.Equal(expected, Words.Short(value));
    }

    [Theory]
    [InlineData(0.04, "0\u00a0s")]
    [InlineData(8.24, "8.2\u00a0s")]
    [InlineData(264, "4\u00a0min 24\u00a0s")]
    [InlineData(7_322, "2\u00a0h 2\u00a0min")]
    [InlineData(180_000, "50\u00a0h 0\u00a0min")]
    public void Duration_reads_as_a_person_says_it(double seconds, string expected)
    {
        Assert.Equal(expected, Words.Duration(seconds));
    }
}
