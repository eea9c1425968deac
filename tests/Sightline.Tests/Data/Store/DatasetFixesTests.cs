using Sightline.Data;
using Sightline.Data.Store;
using Sightline.Tests.Data.Import;
using Xunit;

namespace Sightline.Tests.Data.Store;

public sealed class DatasetFixesTests : IDisposable
{
    private readonly ImportFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Decisions_make_a_version_and_undo_another()
    {
        var tree = _fixture.WriteTree("tree", ("a", 5), ("b", 5));
        var first = _fixture.Import(tree);

        var second = DatasetFixes.Apply(_fixture.Store, "set", [Relabel("a/000.png", "b"), Exclude("a/001.png")]);
        var third = DatasetFixes.Apply(_fixture.Store, "set", [Relabel("a/000.png", "a"), Exclude("b/000.png")]);
        var fourth = DatasetFixes.Undo(_fixture.Store, "set");
        var fifth = DatasetFixes.Undo(_fixture.Store, "set");

        Assert.Equal((9, 1, 2), (second.Images, second.Excluded, second.Number));
        Assert.Equal("b", Label(second, "a/000.png"));
        Assert.Equal(9, _fixture.Open(second).Images.Count);
        Assert.Equal((8, 2), (third.Images, third.Excluded));
        Assert.Equal(second.Hash, fourth.Hash);
        Assert.Equal(first.Hash, fifth.Hash);
        Assert.Equal("undid act 2: 1 relabelled, 1 excluded", fourth.Detail);
        Assert.Equal(10, Directory.GetFiles(tree, "*.png", SearchOption.AllDirectories).Length);
        Assert.Equal("'set' has no decision that could be undone. 'sightline data show set' lists its versions.", Assert.Throws<DataException>(() => DatasetFixes.Undo(_fixture.Store, "set")).Message);
        // Two acts of two lines, two lines that undo: nothing was taken out.
        Assert.Equal([1, 1, 2, 2, 3, 4], _fixture.Store.Decisions("set").All().Select(line => line.Batch));
    }

    [Fact]
    public void Undo_after_a_split_keeps_the_split()
    {
        _fixture.Import(_fixture.WriteTree("tree", ("a", 10), ("b", 10)));
        DatasetFixes.Apply(_fixture.Store, "set", [Relabel("a/000.png", "b")]);
        var split = DatasetSplitting.Apply(_fixture.Store, "set", new DatasetSplitOptions())[0];

        var undone = DatasetFixes.Undo(_fixture.Store, "set");

        var change = Assert.Single(DatasetDiff.Between(_fixture.Store, split, undone).Relabelled);
        Assert.Equal(new ImageChange("a/000.png", "b", "a"), change);
        Assert.Empty(DatasetDiff.Between(_fixture.Store, split, undone).Moved);
    }

    [Fact]
    public void Decisions_outlive_another_import()
    {
        var tree = _fixture.WriteTree("tree", ("a", 5), ("b", 5));
        _fixture.Import(tree);
        DatasetFixes.Apply(_fixture.Store, "set", [Relabel("a/000.png", "b"), Exclude("a/001.png"), Exclude("a/002.png")]);
        ImportFixture.WritePicture(Path.Combine(tree, "a", "new.png"), 200);
        // Another content under the name is another picture.
        ImportFixture.WritePicture(Path.Combine(tree, "a", "002.png"), 201);

        var version = _fixture.Import(tree);

        Assert.Equal((3, 10, 1), (version.Number, version.Images, version.Excluded));
        Assert.Equal("b", Label(version, "a/000.png"));
    }

    [Fact]
    public void Keep_changes_no_picture_and_makes_no_version()
    {
        _fixture.Import(_fixture.WriteTree("tree", ("a", 5), ("b", 5)));

        var version = DatasetFixes.Apply(_fixture.Store, "set", [new Decision { Kind = DecisionKind.Keep, Image = "a/000.png" }]);

        Assert.Equal(1, version.Number);
        Assert.Single(_fixture.Store.Decisions("set").Active());
    }

    [Fact]
    public void Wrong_decisions_write_nothing()
    {
        _fixture.Import(_fixture.WriteTree("tree", ("a", 5), ("b", 5)));

        Refused("'x.png' is no picture of set@1", Exclude("x.png"));
        Refused("'c' is no class of set@1", Relabel("a/000.png", "c"));
        Refused("'a/000.png' is decided in two ways (exclude and relabel to 'b')", Exclude("a/000.png"), Relabel("a/000.png", "b"));
        Refused("There is no decision");

        Assert.Empty(_fixture.Store.Decisions("set").All());
        Assert.Single(_fixture.Store.Versions("set"));
    }

    [Fact]
    public void Diff_names_each_kind_of_change()
    {
        var tree = _fixture.WriteTree("tree", ("a", 5), ("b", 5));
        var first = _fixture.Import(tree);
        DatasetFixes.Apply(_fixture.Store, "set", [Exclude("b/004.png")]);
        File.Delete(Path.Combine(tree, "a", "000.png"));
        ImportFixture.WritePicture(Path.Combine(tree, "a", "001.png"), 222);
        ImportFixture.WritePicture(Path.Combine(tree, "c", "000.png"), 223);

        var diff = DatasetDiff.Between(_fixture.Store, first, _fixture.Import(tree));

        Assert.Equal(new ImageChange("c/000.png", "", "c"), Assert.Single(diff.Added));
        Assert.Equal(new ImageChange("a/000.png", "a", ""), Assert.Single(diff.Removed));
        Assert.Equal("a/001.png", Assert.Single(diff.Changed).Name);
        Assert.Equal(new ImageChange("b/004.png", "", "by hand"), Assert.Single(diff.Excluded));
        Assert.Equal(["c"], diff.ClassesAdded);
    }

    [Fact]
    public void Export_writes_what_can_be_imported_again()
    {
        _fixture.Import(ImportFixture.Golden("folders.zip"));
        var version = DatasetFixes.Apply(_fixture.Store, "set", [Exclude("train/cat/deep/0.png"), Relabel("train/cat/deep/2.png", "dog")]);

        Assert.Equal(5, DatasetExport.WriteFolders(_fixture.Store, version, _fixture.At("out"), null, CancellationToken.None));
        Assert.Equal(5, DatasetExport.WriteList(_fixture.Store, version, _fixture.At("out.csv")));

        var again = _fixture.Import(_fixture.At("out"), name: "again");
        Assert.Equal(["test/cat/4.png", "test/dog/5.png", "train/dog/1.png", "train/dog/2.png", "validation/dog/3.png"], _fixture.Store.ReadImages(again).Select(image => image.Name));
        Assert.Equal(ImportFixture.PixelOf(2), _fixture.Open(again).Images.Decode(3, 0).Pixels[..3]);
        Assert.Throws<DataException>(() => DatasetExport.WriteFolders(_fixture.Store, version, _fixture.At("out"), null, CancellationToken.None));
    }

    [Fact]
    public void Unknown_names_and_versions_are_not_found()
    {
        _fixture.Import(_fixture.WriteTree("tree", ("a", 2), ("b", 2)));

        Assert.Equal("The data set 'set' has no version '7'; it has 1 to 1. 'sightline data show set' lists them.", Assert.Throws<NotFoundException>(() => _fixture.Store.Find("set@7")).Message);
        Assert.Contains("There are: set.", Assert.Throws<NotFoundException>(() => _fixture.Store.Find("other")).Message);
        Assert.Null(_fixture.Store.TryFind("../store/set"));
    }

    private void Refused(string reason, params Decision[] decisions) =>
        Assert.Contains(reason, Assert.Throws<DataException>(() => DatasetFixes.Apply(_fixture.Store, "set", decisions)).Message);

    private string Label(DatasetVersion version, string name) => _fixture.Store.ReadImages(version).Single(image => image.Name == name).Label;

    private static Decision Relabel(string image, string label) => new() { Kind = DecisionKind.Relabel, Image = image, To = label };

    private static Decision Exclude(string image) => new() { Kind = DecisionKind.Exclude, Image = image };
}
