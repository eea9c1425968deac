using System.Xml.Linq;
using Sightline.Compute.Gpus;
using Sightline.Compute.Offers;
using Sightline.Compute.Planning;
using Sightline.Compute.Reports;
using Sightline.Compute.Tests.Planning;
using Xunit;

namespace Sightline.Compute.Tests.Offers;

public sealed class ComparisonPageTests
{
    private static readonly TrainingJob _job = new() { Model = PlannerTests.ResNet50, Pictures = 1_281_167, Epochs = 90 };

    private static string Page(IEnumerable<PriceRow> more)
    {
        var book = OfferBook.From([.. PriceSnapshot.Rows, .. more]);
        var ranked = OfferRanking.Rank(_job, book.Offers.Where(offer => offer.GpuCount == 1), new CostTerms());
        return ComparisonPage.Write(_job, [.. GpuCatalog.All.Select(gpu => JobPlanner.Plan(_job, gpu))], ranked, new CostTerms(), new DateOnly(2026, 12, 1));
    }

    [Fact]
    public void All_providers_stand_on_one_page_with_a_plot()
    {
        var page = Page([]);

        Assert.All(["Azure", "Google Cloud", "AWS", "Lambda", "RunPod", "Vast", "Burncloud"], name => Assert.Contains($"<td>{name}<td", page));
        Assert.Contains("no offer for this job: no public API or price list for GPUs", page);
        Assert.Contains("LibTorch 2.10 needs at least 7.0", page);
        var svg = XElement.Parse(page[page.IndexOf("<svg", StringComparison.Ordinal)..(page.IndexOf("</svg>", StringComparison.Ordinal) + 6)]);
        Assert.True(svg.Elements("circle").Count() > 30);
        Assert.Single(svg.Elements("polyline"));
    }

    [Fact]
    public void A_sheet_of_Burncloud_takes_part_and_its_words_are_escaped()
    {
        var page = Page([new PriceRow { Provider = "burncloud", Instance = "<script>", Accelerator = "A100", GpuMemoryMib = 81920, PricePerHourUsd = 1m, SeenOn = new DateOnly(2026, 11, 30), Source = "quotation" }]);

        Assert.Contains("<td>Burncloud<td>A100 80 GB SXM<td>on demand", page);
        Assert.DoesNotContain("<script>", page);
        Assert.Contains("1 d", page);
    }
}
