using Sightline.Compute.Gpus;
using Sightline.Compute.Planning;
using Xunit;

namespace Sightline.Compute.Tests.Planning;

/// <summary>timm's benchmark goes down from 512 until a batch fits into 24 GiB: its batch fits, the next larger did not.</summary>
public sealed class MemoryBackTests
{
    private static readonly double _usable = GpuCatalog.Find("rtx3090").UsableBytes;

    // timm/utils/decay_batch.py: a power of two, then half-way to it.
    private static readonly int[] _steps = [512, 384, 256, 192, 128, 96, 64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1];

    private static readonly IReadOnlyList<TimmRow> _bracketed =
        [.. TimmTable.All.Where(row => row.Batch < 512 && Calibration.Current.Memory.BytesPerActivation.ContainsKey(row.Blocks))];

    [Fact]
    public void At_least_nine_of_ten_are_on_the_right_side_of_both_ends()
    {
        var right = _bracketed.Count(row => Bytes(row, row.Batch) <= _usable && Bytes(row, Next(row.Batch)) > _usable);

        var share = (double)right / _bracketed.Count;
        Assert.True(share >= 0.90, $"{right} of {_bracketed.Count}");
        BackTestTable.Holds($"| memory, 24 GiB bracket, {_bracketed.Count} rows of the catalogue's layer kinds | both ends right | {BackTestTable.Percent(share)} | {FalseFits(_bracketed)} false \"fits\" with the margin |");
    }

    [Fact]
    public void Nothing_is_said_to_fit_that_did_not()
    {
        Assert.Equal(0, FalseFits(_bracketed));
    }

    [Fact]
    public void One_row_left_out()
    {
        var right = 0;
        var falseFits = 0;
        var rows = _bracketed.Where(row => _bracketed.Count(other => other.Blocks == row.Blocks) > 1).ToList();
        foreach (var row in rows)
        {
            var perElement = Choose([.. _bracketed.Where(other => other.Blocks == row.Blocks && other != row)]);
            double At(int batch) => Constant(row) + (perElement * row.MActs * 1e6 * batch);
            right += At(row.Batch) <= _usable && At(Next(row.Batch)) > _usable ? 1 : 0;
            falseFits += MemoryFit.Margin(_bracketed.Count(other => other.Blocks == row.Blocks) - 1) * At(Next(row.Batch)) <= _usable ? 1 : 0;
        }

        Assert.Equal(0, falseFits);
        Assert.InRange((double)right / rows.Count, 0.90, 0.95);
        BackTestTable.Holds($"| the same, each row predicted from the others of its blocks ({rows.Count} rows) | both ends right | {BackTestTable.Percent((double)right / rows.Count)} | {falseFits} false \"fits\" |");
    }

    [Fact]
    public void Every_row_of_the_benchmark_one_figure_per_kind_of_block()
    {
        var all = TimmTable.All.Where(row => row.Batch < 512).ToList();
        var chosen = all.GroupBy(row => row.Blocks).ToDictionary(group => group.Key, group => Choose([.. group]));
        double At(TimmRow row, int batch) => Constant(row) + (chosen[row.Blocks] * row.MActs * 1e6 * batch);

        var right = all.Count(row => At(row, row.Batch) <= _usable && At(row, Next(row.Batch)) > _usable);
        var falseFits = all.Count(row => MemoryFit.Margin(all.Count(other => other.Blocks == row.Blocks)) * At(row, Next(row.Batch)) <= _usable);

        // Transformers, other norms and standardised weights in one pot: under the target where no false "fits" is allowed.
        Assert.Equal(0, falseFits);
        Assert.InRange((double)right / all.Count, 0.80, 0.90);
        BackTestTable.Holds($"| all {all.Count} rows of the benchmark, transformers included, {chosen.Count} kinds of block | both ends right | {BackTestTable.Percent((double)right / all.Count)} (under the target) | {falseFits} false \"fits\" |");
    }

    private static int FalseFits(IEnumerable<TimmRow> rows) =>
        rows.Count(row => MemoryEstimator.LargestBatch(row.Costs(row.Blocks), new TrainingSetup(), _usable) >= Next(row.Batch));

    private static double Bytes(TimmRow row, int batch) => MemoryEstimator.Estimate(row.Costs(row.Blocks), new TrainingSetup { Batch = batch }).Bytes;

    private static double Constant(TimmRow row) => Calibration.Current.Memory.ContextBytes + (14 * row.MParams * 1e6);

    private static int Next(int batch) => _steps[Array.IndexOf(_steps, batch) - 1];

    // As tests/golden/throughput.py: most rows right, then the middle of what is left, and never a false "fits".
    private static double Choose(IReadOnlyList<TimmRow> rows)
    {
        var limits = rows.Select(row => (Low: (_usable - Constant(row)) / (Next(row.Batch) * row.MActs * 1e6), High: (_usable - Constant(row)) / (row.Batch * row.MActs * 1e6))).ToList();
        var least = rows.Max(row => ((_usable / MemoryFit.Margin(rows.Count)) - Constant(row)) / (Next(row.Batch) * row.MActs * 1e6)) * 1.0005;
        var ends = limits.SelectMany(limit => new[] { limit.Low, limit.High }).Distinct().Order().ToList();
        return ends.Zip(ends.Skip(1)).Concat(limits).Select(pair => Math.Sqrt(pair.Item1 * pair.Item2)).Concat(ends.Select(end => end * 1.001)).Append(least).Where(c => c >= least).OrderDescending()
            .MaxBy(c => (limits.Count(limit => limit.Low < c && c <= limit.High), Math.Round(limits.Sum(limit => Math.Min(Math.Log(c / limit.Low), Math.Min(Math.Log(limit.High / c), 0.2))), 6)));
    }
}
