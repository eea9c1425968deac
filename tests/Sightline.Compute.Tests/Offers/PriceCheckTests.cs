using System.Globalization;
using CsvHelper;
using Sightline.Compute.Offers;
using Xunit;

namespace Sightline.Compute.Tests.Offers;

public sealed class PriceCheckTests
{
    private static PriceRow Row(string provider = "azure", string accelerator = "V100", decimal? price = 3.06m, decimal? spot = null) =>
        new() { Provider = provider, Accelerator = accelerator, GpuMemoryMib = 16384, PricePerHourUsd = price, SpotPricePerHourUsd = spot, Source = "test" };

    private static PriceFinding Single(PriceRow row) => Assert.Single(PriceCheck.Run([row]).Findings);

    [Fact]
    public void A_sound_row_passes_unchanged()
    {
        var row = Row(spot: 0.4m);

        var result = PriceCheck.Run([row]);

        Assert.Empty(result.Findings);
        Assert.Equal(row, Assert.Single(result.Rows));
    }

    [Fact]
    public void Zero_is_unknown()
    {
        var result = PriceCheck.Run([Row("vast", spot: 0m)]);

        Assert.Equal(("zero-is-unknown", PriceVerdict.Repaired, "The spot price is $0: 0 means unknown. It is left out."),
            (result.Findings[0].Rule, result.Findings[0].Verdict, result.Findings[0].Explanation));
        Assert.Null(result.Rows[0].SpotPricePerHourUsd);
    }

    [Fact]
    public void A_row_without_any_price_is_rejected()
    {
        var result = PriceCheck.Run([Row(price: 0m)]);

        Assert.Empty(result.Rows);
        Assert.Equal(["zero-is-unknown", "no-price"], result.Findings.Select(finding => finding.Rule));
    }

    [Fact]
    public void Spot_above_on_demand_loses_the_spot_price()
    {
        var result = PriceCheck.Run([Row(spot: 4m)]);

        Assert.Equal("Spot $4 is above on-demand $3.06; spot is never dearer. Spot is left out.", result.Findings[0].Explanation);
        Assert.Equal((3.06m, (decimal?)null), (result.Rows[0].PricePerHourUsd, result.Rows[0].SpotPricePerHourUsd));
    }

    [Fact]
    public void Spot_equal_to_on_demand_is_a_filled_gap()
    {
        Assert.Equal("Spot and on-demand are both $3.06: the catalogue filled a missing spot price. Spot is left out.", Single(Row(spot: 3.06m)).Explanation);
    }

    [Theory]
    [InlineData("A100", 1, 80, 81920, "The GPU memory is 80 MiB, which is GiB written into a MiB field. It is taken as 81920 MiB.")]
    [InlineData("A100", 8, 655360, 81920, "The GPU memory is 655360 MiB, the total of 8 GPUs. It is taken as 81920 MiB each.")]
    public void Wrong_memory_units_are_repaired(string accelerator, int count, int given, int right, string explanation)
    {
        var result = PriceCheck.Run([Row("runpod", accelerator) with { GpuMemoryMib = given, Count = count }]);

        Assert.Equal(("memory-unit", PriceVerdict.Repaired, explanation), (result.Findings[0].Rule, result.Findings[0].Verdict, result.Findings[0].Explanation));
        Assert.Equal(right, result.Rows[0].GpuMemoryMib);
    }

    [Fact]
    public void A_size_that_is_not_sold_is_doubtful_and_makes_no_offer()
    {
        var row = Row("vast", "RTX4090") with { GpuMemoryMib = 49140 };

        Assert.Equal(("memory-size", PriceVerdict.Doubtful), (Single(row).Rule, Single(row).Verdict));
        Assert.Empty(OfferBook.From([row]).Offers);
        Assert.Equal(["RTX4090 (49140 MiB)"], OfferBook.From([row]).Unknown);
    }

    [Fact]
    public void A_wrong_count_of_a_known_machine_is_repaired()
    {
        var result = PriceCheck.Run([Row(accelerator: "H100", price: 98.32m) with { Instance = "Standard_ND96isr_H100_v5", Count = 12, GpuMemoryMib = null }]);

        Assert.Equal("The row says 12 GPUs; a Standard_ND96isr_H100_v5 has 8. 8 is used.", result.Findings[0].Explanation);
        Assert.Equal(8, result.Rows[0].Count);
    }

    [Theory]
    [InlineData("Nvidia H100 80GB DWS Calendar Mode running in Iowa")]
    [InlineData("Reserved A100")]
    [InlineData("Commitment v1: A100")]
    public void A_reserved_price_by_its_words_is_rejected(string description)
    {
        var result = PriceCheck.Run([Row("gcp") with { Description = description }]);

        Assert.Empty(result.Rows);
        Assert.Equal("reserved-as-on-demand", result.Findings[0].Rule);
    }

    [Fact]
    public void An_outlier_against_its_provider_is_doubtful()
    {
        var rows = Enumerable.Range(0, 5).Select(i => Row(price: 3m + (i / 10m))).Append(Row(price: 30m)).ToList();

        var finding = Assert.Single(PriceCheck.Run(rows).Findings);

        Assert.Equal(("outlier", PriceVerdict.Doubtful), (finding.Rule, finding.Verdict));
        Assert.Contains("usual is 0.3 to 3", finding.Explanation);
        Assert.Contains(finding.Explanation, OfferBook.From(rows).Offers[^1].Doubts);
    }

    [Fact]
    public void Every_flagged_row_of_the_real_extract_is_caught_and_no_sound_row_rejected()
    {
        var rows = Extract();

        var result = PriceCheck.Run([.. rows.Select(entry => entry.Row)]);

        var byRow = result.Findings.ToLookup(finding => finding.Row, ReferenceEqualityComparer.Instance);
        var flagged = rows.Where(entry => entry.Note.Contains("SUSPECT", StringComparison.Ordinal) || entry.Note.Contains("ANOMALY", StringComparison.Ordinal)).ToList();
        Assert.Equal(11, flagged.Count);
        Assert.All(flagged, entry => Assert.NotEmpty(byRow[entry.Row]));
        Assert.All(flagged.Where(entry => entry.Note.Contains("SUSPECT", StringComparison.Ordinal) || entry.Note.Contains("above", StringComparison.Ordinal)),
            entry => Assert.Contains(byRow[entry.Row], finding => finding is { Rule: "reserved-as-on-demand", Verdict: PriceVerdict.Rejected }));
        Assert.All(flagged.Where(entry => entry.Note.Contains("equals", StringComparison.Ordinal)), entry => Assert.Contains(byRow[entry.Row], finding => finding.Rule == "spot-equals-on-demand"));
        Assert.Contains(byRow[flagged.Single(entry => entry.Note.Contains("GPU count 12", StringComparison.Ordinal)).Row], finding => finding.Rule == "gpu-count");
        // Of the rows without a flag two carry a doubt and stay: a modified card, and a Google price whose spot is 85 % of it.
        var sound = rows.Except(flagged).ToList();
        Assert.Equal(165, sound.Count);
        Assert.DoesNotContain(sound, entry => byRow[entry.Row].Any(finding => finding.Verdict == PriceVerdict.Rejected));
        Assert.Equal(["memory-size RTX4090 Hong Kong, HK, AS", "reserved-as-on-demand A100-80GB us-east4"],
            sound.SelectMany(entry => byRow[entry.Row].Select(finding => $"{finding.Rule} {entry.Row.Accelerator} {entry.Row.Region}")).Order(StringComparer.Ordinal));
        Assert.All(result.Findings, finding => Assert.True(finding.Explanation.Length > 40));
    }

    [Fact]
    public void Source_forms_of_the_extract_that_it_has_normalised_are_caught_too()
    {
        // The README of the extract: RunPod's source has 80 in a MiB field, Vast's 0.00 for spot.
        var rows = Extract();
        var runpod = rows.First(entry => entry.Row.Provider == "runpod").Row with { GpuMemoryMib = 80 };
        var vast = rows.Where(entry => entry.Row.Provider == "vast").Select(entry => entry.Row with { SpotPricePerHourUsd = 0m }).ToList();

        var result = PriceCheck.Run([runpod, .. vast]);

        Assert.Contains(result.Findings, finding => ReferenceEquals(finding.Row, runpod) && finding.Rule == "memory-unit");
        Assert.All(vast, row => Assert.Contains(result.Findings, finding => ReferenceEquals(finding.Row, row) && finding.Rule == "zero-is-unknown"));
    }

    private static List<(PriceRow Row, string Note)> Extract()
    {
        using var reader = new StreamReader(Repository.Shared("prices", "prices_extract.csv"));
        using var csv = new CsvReader(reader, CultureInfo.InvariantCulture);
        csv.Read();
        csv.ReadHeader();
        var rows = new List<(PriceRow, string)>();
        while (csv.Read())
        {
            rows.Add((new PriceRow
            {
                Provider = csv.GetField("provider")!,
                Instance = csv.GetField("instance_type")!,
                Accelerator = csv.GetField("accelerator")!,
                Count = csv.GetField<int?>("accelerator_count") ?? 1,
                GpuMemoryMib = csv.GetField<int?>("gpu_memory_mib_each"),
                Region = csv.GetField("region")!,
                Zone = csv.GetField("zone")!,
                PricePerHourUsd = csv.GetField<decimal?>("price_usd_hour"),
                SpotPricePerHourUsd = csv.GetField<decimal?>("spot_usd_hour"),
                Part = csv.GetField("row_kind") switch { "host-only" => PricePart.Host, "gpu-only" => PricePart.Gpu, _ => PricePart.Machine },
                Source = csv.GetField("source_commit")!,
            }, csv.GetField("note")!));
        }

        return rows;
    }
}
