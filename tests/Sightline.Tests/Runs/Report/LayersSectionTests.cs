using System.Xml.Linq;
using Sightline.Runs;
using Xunit;

namespace Sightline.Tests.Runs.Report;

public sealed class LayersSectionTests
{
    [Fact]
    public void Gradients_of_each_layer_are_shaded_by_their_size_over_the_run()
    {
        var events = Enumerable.Range(0, 30).Select(i => new RunEvent
        {
            Kind = "layers", At = DateTimeOffset.UnixEpoch, Step = i * 100,
            Layers =
            [
                new LayerReading { Name = "<conv1>", Activation = 1, Gradient = 1e-6, Weight = 1, Update = 1e-9, Dead = 0.75 },
                new LayerReading { Name = "relu", Activation = 1 },
                new LayerReading { Name = "fc", Activation = 2, Gradient = 0.1, Weight = 10, Update = 0.001 },
            ],
        });

        var page = Page([.. events]);

        var section = page.Descendants("section").Single(part => part.Attribute("id")?.Value == "layers");
        var rows = section.Descendants("tbody").Single().Elements("tr").ToList();
        Assert.Equal(["<conv1>", "fc"], rows.Select(row => row.Element("th")!.Value)); // Each row has a heading.
        Assert.Equal(12 + 3, rows[0].Elements("td").Count());
        Assert.All(rows[0].Elements("td").Take(12), cell => Assert.Equal("h1", cell.Attribute("class")?.Value));
        Assert.All(rows[1].Elements("td").Take(12), cell => Assert.Equal("h10", cell.Attribute("class")?.Value));
        Assert.Equal("m4", rows[0].Elements("td").Last().Attribute("class")?.Value);
        Assert.Equal(["0", "2,900"], new[] { 1, 12 }.Select(column => section.Descendants("th").ElementAt(column).Value));
    }

    [Fact]
    public void A_run_without_readings_has_no_such_part() =>
        Assert.DoesNotContain(Page([]).Descendants("section"), part => part.Attribute("id")?.Value == "layers");

    private static XElement Page(IReadOnlyList<RunEvent> events)
    {
        var html = RunReport.Html(new RunReportInput { Title = "t", CreatedAt = DateTimeOffset.UnixEpoch, Events = events });
        return XElement.Parse(html[html.IndexOf("<html", StringComparison.Ordinal)..]);
    }
}
