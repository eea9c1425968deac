using Sightline.Compute.Gpus;
using Sightline.Compute.Monitoring;
using Sightline.Compute.Offers;
using Sightline.Compute.Planning;
using Sightline.Compute.Tests.Planning;
using Xunit;

namespace Sightline.Compute.Tests.Monitoring;

/// <summary>Each rule at both sides of each of its thresholds.</summary>
public sealed class RulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly AlertOptions Options = new();
    private static readonly JobReading Nobody = new() { IsRunning = false };
    private static readonly JobReading Running = new() { IsRunning = true };

    [Theory]
    [InlineData(10.0, 4.9, 4.9, "idle.warn")]
    [InlineData(9.8, 4.9, 4.9, null)]
    [InlineData(10.0, 5.0, 4.9, null)]
    [InlineData(10.0, 4.9, 5.0, null)]
    [InlineData(20.0, 4.9, 4.9, "idle.end")]
    [InlineData(19.8, 4.9, 4.9, "idle.warn")]
    public void Idle(double minutes, double gpu, double memory, string? expected) => Assert.Equal(
        expected, Rules.Idle(Series(minutes, new GpuSample { Index = 0, GpuPercent = new(0, gpu), MemoryControllerPercent = new(0, memory) }), Nobody, isLeased: true, Now, Options)?.Key);

    [Fact]
    public void Idle_is_nobody_who_works_or_is_expected_or_moves_data()
    {
        var samples = Series(21, new GpuSample { Index = 0, GpuPercent = new(0, 0) });

        Assert.Null(Rules.Idle(samples, Running, isLeased: true, Now, Options));
        Assert.Null(Rules.Idle(samples, Nobody with { IsExpected = true }, isLeased: true, Now, Options));
        Assert.Equal("idle.warn", Rules.Idle(samples, Nobody with { IsMovingData = true }, isLeased: true, Now, Options)?.Key);
        Assert.Equal("idle.warn", Rules.Idle(samples, Nobody, isLeased: false, Now, Options)?.Key);
        Assert.Null(Rules.Idle([], Nobody, isLeased: true, Now, Options));
        Assert.Null(Rules.Idle(Series(21), Nobody, isLeased: true, Now, Options)); // No GPU to be idle.
    }

    [Fact]
    public void A_single_busy_sample_in_the_window_is_not_idle()
    {
        var samples = Series(20, new GpuSample { Index = 0, GpuPercent = new(0, 0) }).ToList();
        samples[^50] = samples[^50] with { Gpus = [new GpuSample { Index = 0, GpuPercent = new(3, 5) }] };

        Assert.Null(Rules.Idle(samples, Nobody, isLeased: true, Now, Options));
    }

    [Fact]
    public void Time_that_nobody_measured_is_not_judged()
    {
        var samples = Series(12, new GpuSample { Index = 0, GpuPercent = new(0, 0) }).ToList();
        samples.RemoveRange(samples.Count - 40, 14); // 70 seconds.

        Assert.Null(Rules.Idle(samples, Nobody, isLeased: true, Now, Options));
    }

    [Theory]
    [InlineData(300, null, false)]
    [InlineData(301, null, true)]
    [InlineData(301, 30.0, true)]
    [InlineData(600, 60.0, false)]
    [InlineData(601, 60.0, true)]
    public void Stalled(int seconds, double? step, bool expected) =>
        Assert.Equal(expected, Rules.Stalled(Running with { MovedAt = Now.AddSeconds(-seconds), StepSeconds = step }, Now, Options) is not null);

    [Fact]
    public void Thresholds_that_were_set_hold()
    {
        var late = Running with { MovedAt = Now.AddSeconds(-90), StepSeconds = 20 };
        var idle = Series(3, new GpuSample { Index = 0, GpuPercent = new(0, 8), MemoryControllerPercent = new(0, 0) });

        Assert.NotNull(Rules.Stalled(late, Now, Options with { StalledMinutes = 1, StalledSteps = 4 }));
        Assert.Null(Rules.Stalled(late, Now, Options with { StalledMinutes = 1, StalledSteps = 5 }));
        Assert.Equal("idle.end", Rules.Idle(idle, Nobody, isLeased: true, Now, Options with { IdlePercent = 9, IdleWarnMinutes = 1, IdleEndMinutes = 3 })?.Key);
        Assert.Equal("budget.0.5", Rules.Budget(5m, 10m, null, Now, Options with { BudgetShares = [0.5, 0.9] })?.Key);
        Assert.Equal(TimeSpan.FromMinutes(61), (Options with { AdviceMinutes = 60 }).Memory);
    }

    [Fact]
    public void Only_a_job_that_takes_steps_stalls()
    {
        Assert.Null(Rules.Stalled(Nobody with { MovedAt = Now.AddHours(-1) }, Now, Options));
        Assert.Null(Rules.Stalled(Running, Now, Options));
    }

    [Theory]
    [InlineData(5.0, 49.9, 0.21, true)]
    [InlineData(5.0, 50.0, 0.21, false)]
    [InlineData(5.0, 49.9, 0.20, false)]
    [InlineData(4.8, 49.9, 0.21, false)]
    public void Starved(double minutes, double gpu, double wait, bool expected) => Assert.Equal(
        expected, Rules.Starved(Series(minutes, new GpuSample { Index = 0, GpuPercent = new(gpu, 99) }), Running with { DataWaitShare = wait }, Now, Options) is not null);

    [Theory]
    [InlineData(5.0, 80.1, 39.9, true)]
    [InlineData(5.0, 80.0, 39.9, false)]
    [InlineData(5.0, 80.1, 40.0, false)]
    [InlineData(4.8, 80.1, 39.9, false)]
    public void Waste(double minutes, double gpu, double memory, bool expected)
    {
        var alert = Rules.Waste(
            Series(minutes, new GpuSample { Index = 0, GpuPercent = new(gpu, 99), MemoryUsedBytes = new(0, memory), MemoryTotalBytes = 100 }), "A T4 would do.", Now, Options);

        Assert.Equal(expected, alert is not null);
        Assert.Equal(expected, alert?.Message.EndsWith("A T4 would do.", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData(86.0, 89.0, "", true)]
    [InlineData(85.9, 89.0, "", false)]
    [InlineData(85.0, null, "", true)]
    [InlineData(84.9, null, "", false)]
    [InlineData(40.0, 89.0, "heat (by the hardware)", true)]
    [InlineData(40.0, 89.0, "power limit", false)]
    public void Heat(double celsius, double? slowdown, string reason, bool expected) => Assert.Equal(expected, Rules.Heat(
        Series(1, new GpuSample { Index = 0, TemperatureCelsius = new(celsius, 99), SlowdownCelsius = slowdown, Throttling = reason.Length == 0 ? [] : [reason] }), Now, Options) is not null);

    [Theory]
    [InlineData(7.99, null)]
    [InlineData(8.00, "budget.0.8")]
    [InlineData(9.99, "budget.0.8")]
    [InlineData(10.00, "budget.1")]
    public void Budget(double spent, string? expected)
    {
        var alert = Rules.Budget((decimal)spent, 10m, 0.5m, Now, Options);

        Assert.Equal(expected, alert?.Key);
        Assert.Equal(expected == "budget.1" ? Severity.Critical : Severity.Warning, alert?.Severity ?? Severity.Warning);
    }

    [Fact]
    public void A_budget_that_is_nearly_spent_says_how_long_the_rest_lasts() =>
        Assert.Contains("8.00 of 10.00 USD are spent (80 %). What is left lasts 4.0 hours.", Rules.Budget(8m, 10m, 0.5m, Now, Options)?.Message);

    [Fact]
    public void Numbers_that_are_none_and_lost_gpus_are_told()
    {
        Assert.Null(Rules.NotFinite(Running, Now));
        Assert.StartsWith("The loss is NaN. The training learns nothing", Rules.NotFinite(Running with { NotFinite = "The loss is NaN." }, Now)?.Message);
        Assert.Null(Rules.Lost(Series(1, new GpuSample { Index = 0 }), Now));
        Assert.Equal("lost.3", Rules.Lost(Series(1, new GpuSample { Index = 3, Trouble = "gone" }), Now)?.Key);
    }

    [Fact]
    public void A_cheaper_card_is_named_with_the_saving_where_moving_pays()
    {
        var left = new TrainingJob { Model = PlannerTests.ResNet50, Pictures = 1_000_000, Epochs = 10 };
        Offer Make(string gpu, decimal price) => new()
        {
            Provider = "azure", Instance = gpu, Gpu = GpuCatalog.Find(gpu), GpuCount = 1, Region = "eastus", PricePerHourUsd = price, IsSpot = false, Source = "test",
        };
        var here = GpuCatalog.Find("a100-80-sxm");
        var hours = JobPlanner.Plan(left, here).Hours!.Value; // It fits.

        var cheap = CheaperCard.Name(left, here, 4m, hours, [Make("v100-16", 0.5m), Make("a100-80-sxm", 0.1m)], new CostTerms());

        Assert.StartsWith("A V100 16 GB", cheap);
        var stay = 4m * (decimal)hours;
        var move = OfferRanking.Rank(left, [Make("v100-16", 0.5m)], new CostTerms())[0].TotalUsd;
        Assert.Contains(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{stay - move:0.00} USD less"), cheap);
        Assert.Null(CheaperCard.Name(left, here, 4m, hours, [Make("v100-16", 4m)], new CostTerms()));
    }

    [Fact]
    public void A_sample_has_the_mean_and_the_highest_of_what_was_told()
    {
        HostReading Host(double? cpu) => new() { CpuPercent = cpu };
        GpuReading Gpu(double? percent, params string[] reasons) => new() { Index = 0, GpuPercent = percent, Throttling = reasons };

        var sample = SystemSample.Of([(Host(null), [Gpu(10, "power limit")]), (Host(20), [Gpu(null)]), (Host(40), [Gpu(40, "power limit", "power brake")])], Now, 5);

        Assert.Equal(new Figure(30, 40), sample.CpuPercent);
        Assert.Equal(new Figure(25, 40), sample.Gpus[0].GpuPercent);
        Assert.Null(sample.Gpus[0].PowerWatts);
        Assert.Equal(["power limit", "power brake"], sample.Gpus[0].Throttling);
    }

    // A sample each five seconds up to now.
    private static List<SystemSample> Series(double minutes, params GpuSample[] gpus)
    {
        var count = (int)Math.Round(minutes * 12);
        return [.. Enumerable.Range(0, count).Select(i => new SystemSample { At = Now.AddSeconds(-5 * (count - 1 - i)), Seconds = 5, Gpus = gpus })];
    }
}
