using Sightline.Compute.Planning;
using Xunit;

namespace Sightline.Compute.Tests.Planning;

/// <summary>Speed across GPUs, one model: a row or a card is left out, the form is fitted to the rest, it is predicted.</summary>
public sealed class GpuBackTests
{
    [Fact]
    public void Lambda_rows_one_left_out()
    {
        var rows = Calibration.Current.Gpus.Resnet50;

        var errors = rows.Select((row, index) => Error(row, [.. rows.Where((_, other) => other != index)])).ToList();

        // Target: 5 %.
        Assert.Equal(13, rows.Count);
        Assert.True(SpeedBackTests.Median(errors) <= 0.05, $"Median error {SpeedBackTests.Median(errors):0.000}");
        BackTestTable.Holds($"| speed across GPUs, 13 Lambda rows, ResNet-50 mixed | leave one row out | {BackTestTable.Percent(SpeedBackTests.Median(errors))} | {BackTestTable.Percent(errors.Max())} (largest) |");
    }

    [Fact]
    public void Lambda_rows_one_card_left_out()
    {
        var rows = Calibration.Current.Gpus.Resnet50;

        // The H100 SXM was measured twice; a twin must not predict its twin.
        var errors = rows.Select(row => Error(row, [.. rows.Where(other => other.Gpu != row.Gpu)])).ToList();

        Assert.InRange(SpeedBackTests.Median(errors), 0.05, 0.09);
        BackTestTable.Holds($"| the same 13 rows, both rows of the H100 SXM out together | leave one card out | {BackTestTable.Percent(SpeedBackTests.Median(errors))} (over the target) | {BackTestTable.Percent(errors.Max())} (largest) |");
    }

    [Fact]
    public void Shipped_exponents_are_those_of_the_fit()
    {
        var fit = Fit(Calibration.Current.Gpus.Resnet50);

        Assert.Equal(Calibration.Current.Gpus.Intercept, fit[0], 1e-4);
        Assert.Equal(Calibration.Current.Gpus.BandwidthExponent, fit[1], 1e-4);
        Assert.Equal(Calibration.Current.Gpus.Fp32Exponent, fit[2], 1e-4);
    }

    private static double Error(MeasuredGpu row, IReadOnlyList<MeasuredGpu> others)
    {
        var fit = Fit(others);
        return Math.Abs((Math.Exp(fit[0] + (fit[1] * Math.Log(row.Bandwidth)) + (fit[2] * Math.Log(row.Fp32Tflops))) / row.Mixed) - 1);
    }

    private static double[] Fit(IReadOnlyList<MeasuredGpu> rows)
    {
        var mean = new[] { rows.Average(row => Math.Log(row.Bandwidth)), rows.Average(row => Math.Log(row.Fp32Tflops)), rows.Average(row => Math.Log(row.Mixed)) };
        double Sum(Func<MeasuredGpu, double> a, int i, Func<MeasuredGpu, double> b, int j) => rows.Sum(row => (Math.Log(a(row)) - mean[i]) * (Math.Log(b(row)) - mean[j]));
        var xx = Sum(row => row.Bandwidth, 0, row => row.Bandwidth, 0);
        var xz = Sum(row => row.Bandwidth, 0, row => row.Fp32Tflops, 1);
        var zz = Sum(row => row.Fp32Tflops, 1, row => row.Fp32Tflops, 1);
        var xy = Sum(row => row.Bandwidth, 0, row => row.Mixed, 2);
        var zy = Sum(row => row.Fp32Tflops, 1, row => row.Mixed, 2);
        var determinant = (xx * zz) - (xz * xz);
        var bandwidth = ((xy * zz) - (zy * xz)) / determinant;
        var fp32 = ((zy * xx) - (xy * xz)) / determinant;
        return [mean[2] - (bandwidth * mean[0]) - (fp32 * mean[1]), bandwidth, fp32];
    }
}
