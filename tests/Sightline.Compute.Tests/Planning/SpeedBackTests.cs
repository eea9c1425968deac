using Sightline.Compute.Planning;
using Xunit;

namespace Sightline.Compute.Tests.Planning;

/// <summary>Speed across models on one GPU: a whole family is left out, the form is fitted to the rest, the family is predicted.</summary>
public sealed class SpeedBackTests
{
    private static readonly HashSet<string> _catalogueFamilies =
    [
        "resnet", "resnext", "seresnet", "seresnext", "vgg", "regnety", "regnetx", "mobilenetv2", "mobilenetv3", "efficientnet", "efficientnetv2",
        "densenet", "convnext", "mnasnet", "inception",
    ];

    // Left out together in the strictest test: cousins must not predict each other.
    private static readonly Dictionary<string, string> _cousins = new()
    {
        ["resnext"] = "resnet", ["seresnet"] = "resnet", ["seresnext"] = "resnet", ["regnetx"] = "regnety", ["efficientnetv2"] = "efficientnet",
    };

    [Fact]
    public void Layer_kinds_of_the_catalogue_fifteen_families()
    {
        var rows = TimmTable.Distinct.Where(row => _catalogueFamilies.Contains(row.Family) && !row.IsOther).ToList();

        var errors = LeaveOut(rows, row => row.Family, row => row.BestMilliseconds);

        // Target: 15 %. A fit without gates and activations reaches 20 % on about the same families.
        Assert.True(Median(errors) <= 0.15, $"Median error {Median(errors):0.000}");
        BackTestTable.Holds($"| speed across models, {rows.Count} networks of 15 families with the catalogue's layer kinds, faster layout | leave one family out | {BackTestTable.Percent(Median(errors))} | {BackTestTable.Percent(Quantile(errors, 0.9))} |");
    }

    [Fact]
    public void Cousins_left_out_together()
    {
        var rows = TimmTable.Distinct.Where(row => _catalogueFamilies.Contains(row.Family) && !row.IsOther).ToList();

        var errors = LeaveOut(rows, row => _cousins.GetValueOrDefault(row.Family, row.Family), row => row.BestMilliseconds);

        Assert.True(Median(errors) <= 0.15, $"Median error {Median(errors):0.000}");
        BackTestTable.Holds($"| the same {rows.Count}, ResNet with its cousins as one family, and so on | leave one of 10 groups out | {BackTestTable.Percent(Median(errors))} | {BackTestTable.Percent(Quantile(errors, 0.9))} |");
    }

    [Fact]
    public void Layer_kinds_of_the_catalogue_in_all_convolutional_families()
    {
        var rows = TimmTable.Distinct.Where(row => row.Family.Length > 0 && !row.IsOther).ToList();

        var errors = LeaveOut(rows, row => row.Family, row => row.BestMilliseconds);

        Assert.True(Median(errors) <= 0.15, $"Median error {Median(errors):0.000}");
        BackTestTable.Holds($"| all {rows.Count} convolutional networks with these layer kinds, {rows.Select(row => row.Family).Distinct().Count()} families | leave one family out | {BackTestTable.Percent(Median(errors))} | {BackTestTable.Percent(Quantile(errors, 0.9))} |");
    }

    [Fact]
    public void Channels_last_alone()
    {
        var rows = TimmTable.Distinct.Where(row => _catalogueFamilies.Contains(row.Family) && !row.IsOther).ToList();

        var errors = LeaveOut(rows, row => row.Family, row => row.NhwcMilliseconds);

        Assert.True(Median(errors) <= 0.15, $"Median error {Median(errors):0.000}");
        BackTestTable.Holds($"| the first {rows.Count}, channels-last layout only | leave one family out | {BackTestTable.Percent(Median(errors))} | {BackTestTable.Percent(Quantile(errors, 0.9))} |");
    }

    [Fact]
    public void Every_convolutional_network_with_layers_that_the_catalogue_lacks()
    {
        var rows = TimmTable.Distinct.Where(row => row.Family.Length > 0).ToList();

        var errors = LeaveOut(rows, row => row.Family, row => row.BestMilliseconds);

        // Other norms, blur pooling, standardised weights, split attention: not quite the target, and said so.
        Assert.InRange(Median(errors), 0.13, 0.17);
        BackTestTable.Holds($"| all {rows.Count} convolutional networks, other norms and attention included | leave one family out | {BackTestTable.Percent(Median(errors))} (over the target) | {BackTestTable.Percent(Quantile(errors, 0.9))} |");
    }

    [Fact]
    public void Shipped_figures_are_those_of_the_fit()
    {
        var rows = TimmTable.Distinct.Where(row => _catalogueFamilies.Contains(row.Family) && !row.IsOther).ToList();

        var fitted = Fit(rows, row => row.BestMilliseconds);

        // The minimum is flat, so the coefficients may differ where the errors do not.
        var shipped = Calibration.Current.Speed;
        double Loss(IReadOnlyList<double> c) => rows.Average(row => Math.Abs((Features(row).Zip(c, (x, y) => x * y).Sum() / row.BestMilliseconds) - 1));
        Assert.Equal(rows.Count, shipped.Rows);
        Assert.Equal(Loss(fitted), Loss([shipped.MillisecondsPerGigaMac, shipped.MillisecondsPerMegaActivation, shipped.ExtraGated, shipped.ExtraSmooth]), 0.001);
    }

    internal static double Median(IReadOnlyList<double> values) => Quantile(values, 0.5);

    internal static double Quantile(IReadOnlyList<double> values, double share)
    {
        var sorted = values.Order().ToList();
        var at = share * (sorted.Count - 1);
        var below = (int)at;
        return sorted[below] + ((at - below) * (sorted[Math.Min(below + 1, sorted.Count - 1)] - sorted[below]));
    }

    private static List<double> LeaveOut(IReadOnlyList<TimmRow> rows, Func<TimmRow, string> group, Func<TimmRow, double> truth) =>
    [
        .. rows.GroupBy(group).SelectMany(part =>
        {
            var fit = Fit([.. rows.Where(row => group(row) != part.Key)], truth);
            return part.Select(row => Math.Abs((Features(row).Zip(fit, (x, c) => x * c).Sum() / truth(row)) - 1));
        }),
    ];

    private static double[] Features(TimmRow row) => [row.GMacs, row.MActs, row.IsGated ? row.MActs : 0, row.IsSmooth ? row.MActs : 0];

    // Least absolute relative error by reweighted least squares; a coefficient that would be negative is set to 0.
    private static double[] Fit(IReadOnlyList<TimmRow> rows, Func<TimmRow, double> truth)
    {
        var x = rows.Select(row => Features(row).Select(value => value / truth(row)).ToArray()).ToList();
        var weights = Enumerable.Repeat(1.0, rows.Count).ToArray();
        var active = new[] { true, true, true, true };
        var c = new double[4];
        for (var round = 0; round < 60; round++)
        {
            c = Solve(x, weights, active);
            for (var worst = Array.IndexOf(c, c.Min()); c[worst] < 0; worst = Array.IndexOf(c, c.Min()))
            {
                active[worst] = false;
                c = Solve(x, weights, active);
            }

            for (var i = 0; i < x.Count; i++)
            {
                weights[i] = 1 / Math.Max(Math.Abs(x[i].Zip(c, (a, b) => a * b).Sum() - 1), 1e-3);
            }
        }

        return c;
    }

    private static double[] Solve(List<double[]> x, double[] weights, bool[] active)
    {
        var used = Enumerable.Range(0, active.Length).Where(i => active[i]).ToArray();
        var n = used.Length;
        var m = new double[n, n + 1];
        for (var r = 0; r < x.Count; r++)
        {
            for (var i = 0; i < n; i++)
            {
                m[i, n] += weights[r] * x[r][used[i]];
                for (var j = 0; j < n; j++)
                {
                    m[i, j] += weights[r] * x[r][used[i]] * x[r][used[j]];
                }
            }
        }

        for (var i = 0; i < n; i++)
        {
            for (var k = 0; k < n; k++)
            {
                if (k != i)
                {
                    var share = m[k, i] / m[i, i];
                    for (var j = i; j <= n; j++)
                    {
                        m[k, j] -= share * m[i, j];
                    }
                }
            }
        }

        var c = new double[active.Length];
        for (var i = 0; i < n; i++)
        {
            c[used[i]] = m[i, n] / m[i, i];
        }

        return c;
    }
}
