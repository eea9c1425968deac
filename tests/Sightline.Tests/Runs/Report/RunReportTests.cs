using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Sightline.Data;
using Sightline.Evaluation;
using Sightline.Runs;
using Xunit;

namespace Sightline.Tests.Runs.Report;

public sealed class RunReportTests
{
    private const string Hostile = "<script>alert('x')</script>\"&\u0001\ud800";

    [Fact]
    public void Html_is_well_formed_with_landmarks_and_one_heading()
    {
        var page = Parse(ReportSample.Make());

        Assert.Equal("en", page.Root?.Attribute("lang")?.Value);
        Assert.Single(page.Descendants("h1"));
        foreach (var landmark in (string[])["header", "nav", "main", "footer"])
        {
            Assert.Single(page.Descendants(landmark));
        }

        Assert.All(page.Descendants("section"), section => Assert.Equal("h2", ById(page, section.Attribute("aria-labelledby")).Name));
        Assert.Equal(
            ["summary", "curves", "classes", "confusion", "calibration", "thresholds", "mistakes", "pairs", "explanations", "data", "settings", "environment", "next"],
            page.Descendants("section").Select(section => section.Attribute("id")?.Value));
    }

    [Fact]
    public void Html_pictures_and_tables_have_words()
    {
        var page = Parse(ReportSample.Make());

        Assert.All(page.Descendants("img"), image => Assert.NotEqual("", image.Attribute("alt")?.Value ?? ""));
        Assert.All(page.Descendants("svg"), picture =>
        {
            if (picture.Attribute("role")?.Value != "img")
            {
                Assert.Equal("true", picture.Attribute("aria-hidden")?.Value);
                return;
            }

            var ids = picture.Attribute("aria-labelledby")?.Value.Split(' ') ?? [];
            Assert.Equal(["title", "desc"], ids.Select(id => ById(page, id).Name.LocalName));
        });
        Assert.All(page.Descendants("table"), table =>
        {
            Assert.NotEqual("", table.Element("caption")?.Value ?? "");
            Assert.All(table.Descendants("th"), header => Assert.Contains(header.Attribute("scope")?.Value, (string[])["row", "col"]));
        });
        Assert.All(
            (string[])["loss", "accuracy", "rate", "speed"],
            chart => Assert.NotEmpty(ById(page, chart).Elements("details").Descendants("table")));
    }

    [Fact]
    public void Html_ids_are_unique_and_links_lead_somewhere()
    {
        var page = Parse(ReportSample.Make());
        var ids = page.Descendants().Attributes("id").Select(id => id.Value).ToArray();

        Assert.Distinct(ids);
        Assert.All(page.Descendants("a"), link => Assert.Contains(link.Attribute("href")?.Value[1..], ids));
    }

    [Fact]
    public void Html_asks_nothing_of_the_network_and_runs_nothing()
    {
        var text = RunReport.Html(ReportSample.Make());
        var page = Parse(text);

        Assert.DoesNotContain("http:", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("https:", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", text, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(page.Descendants("script"));
        Assert.Empty(page.Descendants("link"));
        Assert.DoesNotContain(page.Descendants().Attributes(), attribute => attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
        Assert.All(page.Descendants("img"), image => Assert.StartsWith("data:image/png;base64,", image.Attribute("src")?.Value));
    }

    [Fact]
    public void Html_shows_the_headline_with_its_interval()
    {
        var input = ReportSample.Make();

        var card = Parse(input).Descendants("li").First(item => item.Attribute("class")?.Value == "first");

        // 9,384 of 10,000 right in the sample where Debian's labels are installed; the figures come from the evaluation itself.
        var result = input.Evaluation ?? throw new InvalidOperationException("The sample is evaluated.");
        Assert.Equal("Test accuracy", card.Elements("p").First().Value);
        Assert.Equal(FormattableString.Invariant($"{100 * result.Accuracy:0.00}\u00a0%"), card.Elements("p").ElementAt(1).Value);
        Assert.Equal(
            FormattableString.Invariant(
                $"95\u00a0% interval {100 * result.AccuracyInterval.Low:0.00} to {100 * result.AccuracyInterval.High:0.00}\u00a0%, from 10,000 pictures"),
            card.Elements("p").ElementAt(2).Value);
    }

    [Fact]
    public void Html_encodes_every_text()
    {
        var input = HostileInput();

        var text = RunReport.Html(input);
        var page = Parse(text);

        Assert.DoesNotContain("<script", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\u0001', text);
        Assert.Equal("<script>alert('x')</script>\"&\ufffd\ufffd", page.Descendants("h1").Single().Value);
        Assert.Contains(page.Descendants("img"), image => image.Attribute("alt")?.Value.Contains("<script>", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Html_of_one_epoch_has_one_marker_for_each_series()
    {
        var page = Parse(Bare(ReportSample.Events(1).Where(entry => entry.Kind == "epoch").ToArray()));

        var loss = ById(page, "loss").Descendants("svg").Single(picture => picture.Attribute("role") is not null);

        Assert.Equal(2, loss.Descendants("path").Count(path => path.Attribute("class")?.Value == "m"));
        Assert.Contains("at epoch 1.", ById(page, "loss-d").Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Html_of_a_thousand_epochs_stays_small()
    {
        var text = RunReport.Html(Bare(ReportSample.Events(1000)));
        var page = Parse(text);

        Assert.InRange(text.Length, 10_000, 150_000);
        Assert.Equal(60, ById(page, "loss").Descendants("tbody").Elements("tr").Count());
    }

    [Fact]
    public void Html_of_figures_not_finite_leaves_gaps()
    {
        double?[] losses = [1, double.NaN, null, 0.5, double.PositiveInfinity];
        var events = losses.Select((loss, i) => new RunEvent { Kind = "epoch", At = DateTimeOffset.UnixEpoch, Epoch = i + 1, TrainLoss = loss }).ToArray();

        var page = Parse(Bare(events));

        var chart = ById(page, "loss");
        var line = chart.Descendants("g").First(group => group.Attribute("class")?.Value == "s0").Elements("path").First().Attribute("d")?.Value ?? "";
        Assert.Equal(2, line.Count(letter => letter == 'M'));
        Assert.DoesNotContain("NaN", line, StringComparison.Ordinal);
        Assert.Contains("Validation loss: no finite figures.", ById(page, "loss-d").Value, StringComparison.Ordinal);
        Assert.Contains("No finite figures were recorded.", ById(page, "accuracy").Value, StringComparison.Ordinal);
        Assert.Contains("Diverged", ById(page, "summary").Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Html_of_nothing_but_a_title_is_a_page()
    {
        var page = Parse(Bare([]));

        Assert.Equal("Run", page.Descendants("h1").Single().Value);
        Assert.Equal(["summary"], page.Descendants("section").Select(section => section.Attribute("id")?.Value));
    }

    [Fact]
    public void Html_of_many_classes_lists_pairs_and_shows_a_picture()
    {
        var page = Parse(Many(120));

        var confusion = ById(page, "confusion");

        Assert.Empty(confusion.Descendants("table"));
        Assert.Equal(25, confusion.Descendants("ol").Elements("li").Count());
        Assert.Contains("120 classes", confusion.Descendants("img").Single().Attribute("alt")?.Value, StringComparison.Ordinal);
        Assert.Equal(100, ById(page, "classes").Descendants("tbody").Elements("tr").Count());
    }

    [Fact]
    public void Html_of_thirty_six_noisy_photos_and_a_thousand_classes_is_below_3_MB()
    {
        var random = new RandomStream(1);
        var noise = new byte[640 * 480 * 3];
        for (var i = 0; i < noise.Length; i++)
        {
            // In blocks of 5 x 5, so that averaging cannot smooth the noise away.
            var (x, y) = (i / 3 % 640, i / 3 / 640);
            noise[i] = x % 5 == 0 && y % 5 == 0 ? (byte)random.NextInt(256) : noise[i - (y % 5 * 640 + x % 5) * 3];
        }

        var mistake = new Mistake { Position = 0, Name = "a.jpg", TrueClass = "a", PredictedClass = "b", Probability = 0.9, TrueProbability = 0.1 };
        var shot = new RunReportMistake(mistake, new PixelImage(noise, 640, 480));

        var image = new PixelImage(noise, 640, 480);
        var pair = new RunReportPair(new ConfusedPair("c", "d", 1, 0.1), [.. Enumerable.Repeat(new RunReportMistake(mistake with { TrueClass = "c" }, image), 9)]);
        var text = RunReport.Html(Many(1000) with
        {
            Mistakes = [.. Enumerable.Repeat(shot, 50)],
            ConfusedPairs = [.. Enumerable.Repeat(pair, 9)],

            // As they are made: up to 6 wrong answers with two maps, and 4 right ones with one.
            Explanations = [.. Enumerable.Range(0, 12).Select(i => new RunReportExplanation("a.jpg", "a", "b", 0.5, image, image, i < 6 ? image : null))],
        });

        Assert.InRange(text.Length, 500_000, 3_000_000);
        Assert.Equal(36, Parse(text).Descendants("img").Count(image => image.Attribute("alt")?.Value == "a, taken for b, a.jpg"));
    }

    [Fact]
    public void Json_has_the_facts_under_their_names()
    {
        var input = ReportSample.Make();

        var report = JsonNode.Parse(RunReport.Json(input))?.AsObject() ?? [];

        Assert.Equal(
            [
                "schema", "title", "createdAt", "model", "split", "evaluation", "verdict", "epochs", "mistakes", "data", "settings",
                "environment", "nextCommands", "confusedPairs", "thresholds",
            ],
            report.Select(entry => entry.Key));
        Assert.Equal(input.Evaluation?.Accuracy, (double?)report["evaluation"]?["accuracy"]);
        Assert.Equal("good", (string?)report["verdict"]?["kind"]);
        Assert.Equal(20, report["epochs"]?.AsArray().Count);
        Assert.Equal("0.1", (string?)report["settings"]?[1]?["entries"]?["optimizer.learningRate"]);
    }

    [Fact]
    public void Json_of_figures_not_finite_can_be_parsed()
    {
        var events = new[] { new RunEvent { Kind = "epoch", At = DateTimeOffset.UnixEpoch, Epoch = 1, TrainLoss = double.NaN } };

        using var report = JsonDocument.Parse(RunReport.Json(Bare(events)));

        Assert.Equal("NaN", report.RootElement.GetProperty("epochs")[0].GetProperty("trainLoss").GetString());
    }

    [Fact]
    public void Repeated_epochs_of_a_resumed_run_count_once()
    {
        var events = ReportSample.Events(4).Concat(ReportSample.Events(6).Where(entry => entry.Epoch >= 3)).ToArray();

        var page = Parse(Bare(events));

        Assert.Equal(6, ById(page, "loss").Descendants("tbody").Elements("tr").Count());
    }

    private static RunReportInput Bare(IReadOnlyList<RunEvent> events) =>
        new() { Title = "Run", CreatedAt = DateTimeOffset.UnixEpoch, Events = events };

    /// <summary>Each class right half the time, else taken for the next, and one class absent.</summary>
    private static RunReportInput Many(int classes)
    {
        int[] labels = [.. Enumerable.Range(0, classes * 4).Select(i => i % (classes - 1))];
        var logits = new float[labels.Length * classes];
        for (var i = 0; i < labels.Length; i++)
        {
            logits[i * classes + (i / classes % 2 == 0 ? labels[i] : (labels[i] + 1) % classes)] = 5;
        }

        var predictions = new Predictions
        {
            Classes = [.. Enumerable.Range(0, classes).Select(k => $"class {k}")],
            Logits = logits,
            Labels = labels,
            Names = [.. labels.Select((_, i) => $"{i}.png")],
        };
        return Bare([]) with { Evaluation = Metrics.Compute(predictions, new MetricsOptions { BootstrapSamples = 0 }) };
    }

    private static RunReportInput HostileInput()
    {
        var predictions = new Predictions { Classes = [Hostile, "b"], Logits = [0, 1, 1, 0], Labels = [0, 1], Names = [Hostile, Hostile] };
        return new RunReportInput
        {
            Title = Hostile,
            CreatedAt = DateTimeOffset.UnixEpoch,
            Model = Hostile,
            Split = Hostile,
            Settings = [new RunReportGroup(Hostile, [KeyValuePair.Create(Hostile, Hostile)])],
            Events = [.. ReportSample.Events(3), new RunEvent { Kind = "notice", At = DateTimeOffset.UnixEpoch, Message = Hostile }],
            Evaluation = Metrics.Compute(predictions),
            Mistakes = [.. Mistake.Worst(predictions, 2).Select(mistake => new RunReportMistake(mistake, new PixelImage(new byte[3], 1, 1)))],
            ConfusedPairs = [new RunReportPair(new ConfusedPair(Hostile, Hostile, 1, 1), [])],
            Explanations = [new RunReportExplanation(Hostile, Hostile, Hostile, 1, new PixelImage(new byte[3], 1, 1), new PixelImage(new byte[3], 1, 1), null)],
            Thresholds = ClassThresholds.Of(predictions),
            Data = new RunReportData
            {
                Location = Hostile,
                Version = Hostile,
                Classes = [Hostile, "b"],
                Splits = [new RunReportSplit(Hostile, [1, 1])],
                Notices = [new DataNotice(Hostile, Hostile, Hostile)],
            },
            Environment = [KeyValuePair.Create(Hostile, Hostile)],
            NextCommands = [new RunReportCommand(Hostile, Hostile)],
        };
    }

    private static XDocument Parse(RunReportInput input) => Parse(RunReport.Html(input));

    /// <summary>The page is written so that it is XML as well, which finds every unclosed or badly nested element.</summary>
    private static XDocument Parse(string html)
    {
        const string Start = "<!DOCTYPE html>\n";
        Assert.StartsWith(Start, html);
        return XDocument.Parse(html[Start.Length..]);
    }

    private static XElement ById(XDocument page, XAttribute? reference) => ById(page, reference?.Value ?? "");

    private static XElement ById(XDocument page, string id) => page.Descendants().Single(element => element.Attribute("id")?.Value == id);
}
