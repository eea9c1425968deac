using Sightline.Compute.Offers;
using Sightline.Compute.Providers;
using Xunit;

namespace Sightline.Compute.Tests.Offers;

public sealed class PriceSheetTests
{
    [Fact]
    public void Csv_and_yaml_give_the_same_row()
    {
        using var folder = new TemporaryFolder();
        var csv = folder.Write("a.csv", "provider,accelerator,gpu_memory_mib,count,region,price_usd_hour,seen_on,source,host\nBurncloud,A100,81920,1,shenzhen,1.25,2026-11-20,quotation 17,ssh.example.com\n");
        var yaml = folder.Write("a.yaml", """
            - provider: Burncloud
              accelerator: A100
              gpu_memory_mib: 81920
              region: shenzhen
              price_usd_hour: 1.25
              seen_on: 2026-11-20
              source: quotation 17
              host: ssh.example.com
            """);

        var row = Assert.Single(PriceSheet.Read(csv));

        Assert.Equal(row, Assert.Single(PriceSheet.Read(yaml)) with { Doubts = row.Doubts });
        Assert.Equal(("burncloud", 1.25m, new DateOnly(2026, 11, 20), "ssh.example.com"), (row.Provider, row.PricePerHourUsd, row.SeenOn, row.Host));
        Assert.Equal("a100-80-sxm", Assert.Single(OfferBook.From([row]).Offers).Gpu.Id);
    }

    [Theory]
    [InlineData("a.csv", "provider,accelerator,price_usd_hour\nx,T4,1,5\nx,T4,cheap\n", "row 3: price_usd_hour is 'cheap'; it must be a price in USD per hour, with a point.")]
    [InlineData("a.csv", "provider,accelerator,price\nx,T4,1\n", "'price' is no column of a price sheet.")]
    [InlineData("a.csv", "provider,accelerator\nx,T4\n", "the column 'price_usd_hour' is missing.")]
    [InlineData("a.csv", "", "is empty. Its first line must name the columns")]
    [InlineData("a.csv", "provider,accelerator,price_usd_hour,seen_on\nx,T4,1,24.11.2026\n", "row 2: seen_on is '24.11.2026'; it must be a date as 2026-11-24.")]
    [InlineData("a.yml", "- provider: x\n  prize: 1\n", "entry 1: 'prize' is no column of a price sheet.")]
    [InlineData("a.yml", "- provider: [x\n", "A sheet is a list of entries")]
    [InlineData("a.txt", "", "ends in '.txt'; it must end in .csv, .yaml or .yml.")]
    public void A_wrong_sheet_says_where_and_what(string name, string content, string message)
    {
        using var folder = new TemporaryFolder();

        var error = Assert.Throws<ComputeException>(() => PriceSheet.Read(folder.Write(name, content)));

        Assert.Equal(ComputeTrouble.BadData, error.Trouble);
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        using var folder = new TemporaryFolder();
        using (var writer = new StreamWriter(Path.Combine(folder.Path, "b.csv")))
        {
            PriceSheet.WriteCsv(writer, PriceSnapshot.Rows);
        }

        var again = PriceSheet.Read(Path.Combine(folder.Path, "b.csv"));

        Assert.Equal(PriceSnapshot.Rows.Count, again.Count);
        Assert.All(PriceSnapshot.Rows.Zip(again), pair => Assert.Equal(pair.First, pair.Second with { Doubts = pair.First.Doubts }));
    }

    [Fact]
    public void Snapshot_is_dated_sourced_and_without_defects()
    {
        var book = OfferBook.From(PriceSnapshot.Rows);

        Assert.All(PriceSnapshot.Rows, row => Assert.True(row.SeenOn is not null && row.Source.Length > 5));
        Assert.Empty(book.Findings);
        Assert.Empty(book.Unknown);
        Assert.Equal(["aws", "azure", "gcp", "lambda", "runpod", "vast"], book.Offers.Select(offer => offer.Provider).Distinct().Order(StringComparer.Ordinal));
        // The sum of the host's and the GPU's row: 0.73948 + 2.93391.
        Assert.Equal(3.67339m, book.Offers.Single(offer => offer is { Instance: "a2-highgpu-1g", Region: "us-central1", IsSpot: false }).PricePerHourUsd);
        // No price of Burncloud's is known, so none is shipped.
        Assert.DoesNotContain(book.Offers, offer => offer.Provider == "burncloud");
    }

    [Fact]
    public void Store_puts_refreshed_prices_in_the_snapshots_place_and_adds_sheets()
    {
        using var cache = new TemporaryFolder();
        using var sheets = new TemporaryFolder();
        sheets.Write("mine.csv", "provider,accelerator,price_usd_hour\nburncloud,A100,1\n");
        var store = new PriceStore(cache.Path, sheets.Path);

        var kept = store.Keep("lambda", [new PriceRow { Provider = "lambda", Accelerator = "A10", PricePerHourUsd = 9m, Source = "now" }]);
        var keptEmpty = store.Keep("azure", []);
        var rows = store.Read([]);

        Assert.True(kept);
        Assert.False(keptEmpty);
        Assert.Equal(9m, Assert.Single(rows, row => row.Provider == "lambda").PricePerHourUsd);
        Assert.Single(rows, row => row.Provider == "burncloud");
        Assert.Contains(rows, row => row.Provider == "azure");
    }
}
