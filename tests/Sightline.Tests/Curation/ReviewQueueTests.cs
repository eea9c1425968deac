using System.Text.Json;
using Sightline.Curation;
using Sightline.Data;
using Sightline.Data.Store;
using Sightline.Tests.Data.Import;
using Xunit;

namespace Sightline.Tests.Curation;

public sealed class ReviewQueueTests : IDisposable
{
    private readonly ImportFixture _fixture = new();
    private readonly DatasetVersion _version;

    public ReviewQueueTests()
    {
        _version = _fixture.Import(_fixture.WriteTree("tree", ("a", 5), ("b", 5)));
        WriteReport(
            new Finding { Kind = "dark", Severity = Severity.Note, Subject = "a/004.png", Images = [4], Reason = "Brightness 0.01, below 0.05." },
            new Finding { Kind = "near-duplicate", Severity = Severity.Warning, Subject = "a/000.png", Images = [0, 1], Reason = "Distance 2, at most 4.", Score = 2 },
            new Finding { Kind = "wrong-label", Severity = Severity.Warning, Subject = "b/000.png", Images = [5], Reason = "Said to be b, looks like \"a\", by 0.93.", Score = 0.93, SuggestedClass = "a" },
            new Finding { Kind = "leakage", Severity = Severity.Error, Subject = "b/001.png", Images = [6, 7], Reason = "In train and test." },
            new Finding { Kind = "class-imbalance", Severity = Severity.Note, Subject = "a", Reason = "About a class." });
    }

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Open_puts_the_severe_first_and_leaves_out_findings_without_pictures()
    {
        var items = Open();

        Assert.Equal(["leakage", "near-duplicate", "wrong-label", "dark"], items.Select(item => item.Finding.Kind));
        Assert.Equal(["b/001.png", "b/002.png"], items[0].Images);
        Assert.Equal(["wrong-label"], ReviewQueue.Open(_fixture.Store, _version, Report, ["wrong-label"]).Select(item => item.Finding.Kind));
    }

    [Fact]
    public void Csv_goes_round_and_settles()
    {
        ReviewQueue.WriteCsv(Open(), _fixture.At("queue.csv"));
        // A person, or Python's csv module, fills in the last columns.
        var lines = File.ReadAllLines(_fixture.At("queue.csv"));
        Assert.Equal("number,kind,severity,image,label,others,suggested,score,reason,decision,new_label", lines[0]);
        Assert.Equal("3,wrong-label,warning,b/000.png,b,,a,0.93,\"Said to be b, looks like \"\"a\"\", by 0.93.\",,", lines[3]);
        lines[1] = lines[1][..^1] + "exclude,";
        lines[2] = lines[2][..^1] + "not-a-duplicate,";
        lines[3] = lines[3][..^1] + "relabel,";
        File.WriteAllLines(_fixture.At("queue.csv"), lines);

        var version = DatasetFixes.Apply(_fixture.Store, "set", ReviewQueue.ReadCsv(_fixture.At("queue.csv")));

        Assert.Equal((2, 9, 1), (version.Number, version.Images, version.Excluded));
        Assert.Equal("a", _fixture.Store.ReadImages(version).Single(image => image.Name == "b/000.png").Label);
        Assert.Equal(["dark"], Open().Select(item => item.Finding.Kind));
        DatasetFixes.Undo(_fixture.Store, "set");
        Assert.Equal(4, Open().Count);
    }

    [Fact]
    public void Clusters_follow_names_into_later_versions()
    {
        var version = DatasetFixes.Apply(_fixture.Store, "set", [new Decision { Kind = DecisionKind.Exclude, Image = "a/004.png" }]);

        var clusters = ReportedDuplicates.Read(_fixture.Store, _version, Report, version);

        // Picture 4 is out, so those of b count from 4.
        Assert.Equal([[5, 6], [0, 1]], clusters);
    }

    [Fact]
    public void Wrong_files_are_refused()
    {
        File.WriteAllText(_fixture.At("q.csv"), "image,decision\na/000.png,delete\n");
        Assert.Contains("Line 2 of", Assert.Throws<DataException>(() => ReviewQueue.ReadCsv(_fixture.At("q.csv"))).Message);
        File.WriteAllText(_fixture.At("q.csv"), "image,decision\na/000.png,relabel\n");
        Assert.Contains("names no class", Assert.Throws<DataException>(() => ReviewQueue.ReadCsv(_fixture.At("q.csv"))).Message);
        File.WriteAllText(_fixture.At("q.csv"), "picture,decision\n");
        Assert.Contains("image and decision are needed", Assert.Throws<DataException>(() => ReviewQueue.ReadCsv(_fixture.At("q.csv"))).Message);
        WriteReport(new Finding { Kind = "dark", Severity = Severity.Note, Subject = "x", Images = [10], Reason = "x" });
        Assert.Contains("It belongs to another version", Assert.Throws<DataException>(Open).Message);
        File.WriteAllText(Report, "{}");
        Assert.Contains("has no list 'findings'", Assert.Throws<DataException>(Open).Message);
    }

    private string Report => DatasetStore.CheckReport(_version);

    private IReadOnlyList<ReviewItem> Open() => ReviewQueue.Open(_fixture.Store, _version, Report, []);

    private void WriteReport(params Finding[] findings) =>
        File.WriteAllText(Report, JsonSerializer.Serialize(new { dataset = "set@1", findings }, SightlineJson.Indented));
}
