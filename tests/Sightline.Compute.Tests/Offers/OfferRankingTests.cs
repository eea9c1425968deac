using Sightline.Compute.Gpus;
using Sightline.Compute.Offers;
using Sightline.Compute.Planning;
using Sightline.Compute.Tests.Planning;
using Xunit;

namespace Sightline.Compute.Tests.Offers;

public sealed class OfferRankingTests
{
    private static readonly TrainingJob _job = new() { Model = PlannerTests.ResNet50, Pictures = 1_000_000, Epochs = 10 };

    private static readonly CostTerms _nothingElse = new()
    {
        SetUpMinutes = 0, ResultGb = 0, DiskGb = 0, SpotInterruptionsPerHour = 0,
    };

    private static Offer Make(string gpu, decimal price, bool spot = false, string provider = "azure", string region = "eastus") => new()
    {
        Provider = provider, Instance = gpu, Gpu = GpuCatalog.Find(gpu), GpuCount = 1, Region = region, PricePerHourUsd = price, IsSpot = spot, Source = "test",
    };

    [Fact]
    public void The_dearer_hour_can_be_the_cheaper_job()
    {
        var ranked = OfferRanking.Rank(_job, [Make("v100-16", 1.00m), Make("a100-40", 1.50m)], _nothingElse);

        // 1396 against 833 images per second (Lambda): 1.68 times faster for 1.5 times the price.
        Assert.Equal("a100-40", ranked[0].Offer.Gpu.Id);
        Assert.Equal(1.5m / 1.0m / (1396m / 833m), ranked[0].TotalUsd / ranked[1].TotalUsd, 4);
    }

    [Fact]
    public void Total_is_time_times_price_plus_disk_plus_egress()
    {
        var terms = new CostTerms { SetUpMinutes = 30, DataGb = 36, TransferMBps = 10, DiskGb = 64, DiskPerGbMonthUsd = 0.73m, ResultGb = 2, EgressPerGbUsd = 0.1m, SpotInterruptionsPerHour = 0 };

        var row = Assert.Single(OfferRanking.Rank(_job, [Make("a100-40", 2m)], terms));

        // Half an hour of set-up, one hour for 36 GB at 10 MB/s; 100 GB at 0.73 $ per 730 hours is 0.1 $ per hour.
        var hours = row.Plan.Hours!.Value + 1.5;
        Assert.Equal(hours, row.Hours, 1e-9);
        Assert.Equal(2.0 * hours, (double)row.MachineUsd, 1e-6);
        Assert.Equal(0.1 * hours, (double)row.DiskUsd, 1e-6);
        Assert.Equal(0.2m, row.EgressUsd);
        Assert.Equal(row.TotalUsd / 10m, row.UsdPerMillionImages, 6);
        Assert.True(row.TotalRangeUsd.Low < row.TotalUsd && row.TotalUsd < row.TotalRangeUsd.High);
    }

    [Fact]
    public void Spot_pays_for_its_interruptions()
    {
        var terms = _nothingElse with { SetUpMinutes = 12, CheckpointMinutes = 12, SpotInterruptionsPerHour = 0.5 };

        var ranked = OfferRanking.Rank(_job, [Make("a100-40", 2m), Make("a100-40", 2m, spot: true)], terms);

        // Each interruption: 12 minutes of set-up and half of 12 minutes of work.
        Assert.False(ranked[0].Offer.IsSpot);
        Assert.Equal(ranked[0].Plan.Hours!.Value * 0.5 * 0.3, ranked[1].Hours - ranked[0].Hours, 1e-9);
    }

    [Fact]
    public void Pareto_has_no_offer_that_another_beats_in_both()
    {
        var ranked = OfferRanking.Rank(_job, [Make("t4", 0.10m), Make("v100-16", 3.06m), Make("a100-40", 1.10m), Make("h100-sxm", 9m), Make("a100-80-pcie", 5m)], _nothingElse);

        // The V100 is dearer and slower than the A100 40; the rest is a trade.
        Assert.Equal(["t4", "a100-40", "a100-80-pcie", "h100-sxm"], ranked.Where(row => row.IsPareto).Select(row => row.Offer.Gpu.Id).Order(StringComparer.Ordinal).OrderBy(id => ranked.First(row => row.Offer.Gpu.Id == id).TotalUsd));
        Assert.All(ranked.Where(row => !row.IsPareto), row => Assert.Contains(ranked, other => other.TotalUsd <= row.TotalUsd && other.Hours <= row.Hours && other != row));
    }

    [Fact]
    public void Deadline_leaves_the_slow_out_and_what_cannot_run_is_not_ranked()
    {
        var fast = OfferRanking.Rank(_job, [Make("a100-40", 1m)], _nothingElse)[0].Hours;

        var ranked = OfferRanking.Rank(_job, [Make("t4", 0.01m), Make("a100-40", 1m), Make("p100", 0.01m)], _nothingElse, deadlineHours: fast * 1.01);

        Assert.Equal(["a100-40"], ranked.Select(row => row.Offer.Gpu.Id));
    }

    [Fact]
    public void Filters_take_what_they_say()
    {
        var offers = new[] { Make("t4", 0.5m), Make("v100-32", 3m, spot: true, provider: "aws"), Make("a100-40", 2m, provider: "lambda", region: "us-west-1") };

        string[] Pass(OfferQuery query) => [.. offers.Where(query.Admits).Select(offer => offer.Gpu.Id)];

        Assert.Equal(["t4", "v100-32", "a100-40"], Pass(new OfferQuery()));
        Assert.Equal(["v100-32"], Pass(new OfferQuery { IsSpot = true }));
        Assert.Equal(["a100-40"], Pass(new OfferQuery { Region = "WEST" }));
        Assert.Equal(["v100-32", "a100-40"], Pass(new OfferQuery { MinimumMemoryGib = 32 }));
        Assert.Equal(["a100-40"], Pass(new OfferQuery { Precision = "bf16" }));
        Assert.Equal(["t4", "a100-40"], Pass(new OfferQuery { MaximumPricePerHourUsd = 2m }));
        Assert.Equal(["v100-32"], Pass(new OfferQuery { Providers = ["aws"] }));
        Assert.Equal(["a100-40"], Pass(new OfferQuery { Gpus = ["a100"] }));
        Assert.Empty(Pass(new OfferQuery { GpuCount = 2 }));
        Assert.Equal("The precision is 'int8'; it must be fp32, tf32, fp16 or bf16.", Assert.Throws<ComputeException>(() => Pass(new OfferQuery { Precision = "int8" })).Message);
    }

    [Fact]
    public void Default_terms_pass_their_check_and_wrong_ones_say_so()
    {
        Assert.Empty(new CostTerms().Check());
        Assert.Equal("DataGb is -1; it must be 0 or more.", Assert.Throws<ComputeException>(() => OfferRanking.Rank(_job, [], new CostTerms { DataGb = -1 })).Message);
    }
}
