using Sightline.Data;
using Sightline.Data.Store;
using Xunit;

namespace Sightline.Tests.Data.Import;

/// <summary>Sources that other programs wrote (tests/golden/import.py), read back picture by picture.</summary>
public sealed class ImportFormatTests : IDisposable
{
    private readonly ImportFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("folders.zip")]
    [InlineData("folders.tar.gz")]
    public void Archive_of_split_and_class_folders(string archive)
    {
        var version = _fixture.Import(ImportFixture.Golden(archive));

        var data = _fixture.Open(version);
        Assert.Equal("folders", version.SourceFormat);
        Assert.Equal(["cat", "dog"], data.Classes);
        Assert.Equal((3, 1, 2), (data.Train.Count, data.Validation.Count, data.Test.Count));
        var name = Enumerable.Range(0, 6).Single(i => data.Images.Name(i) == "val/dog/deep/3.png");
        Assert.Equal(ImportFixture.PixelOf(3), data.Images.Decode(name, 0).Pixels[..3]);
    }

    [Fact]
    public void WebDataset_shards_with_a_sample_without_label()
    {
        var version = _fixture.Import(ImportFixture.Golden("shards"));

        var data = _fixture.Open(version);
        Assert.Equal("webdataset", version.SourceFormat);
        Assert.Equal(["0", "1"], data.Classes);
        Assert.Equal((3, 2), (data.Train.Count, data.Validation.Count));
        Assert.Equal("train-000000/sample0002.png", data.Images.Name(2));
        Assert.Equal(ImportFixture.PixelOf(2), data.Images.Decode(2, 0).Pixels[..3]);
        Assert.Equal("incomplete-sample", Assert.Single(_fixture.Store.ReadNotices(version)).Kind);
    }

    [Fact]
    public void WebDataset_single_tar()
    {
        var version = _fixture.Import(ImportFixture.Golden(Path.Combine("shards", "train-000000.tar")));

        Assert.Equal(["0", "1", "0"], _fixture.Store.ReadImages(version).Select(image => image.Label));
    }

    [Fact]
    public void Cifar_binary_in_its_archive()
    {
        var version = _fixture.Import(ImportFixture.Golden("cifar-10-binary.tar.gz"));

        Assert.Equal("cifar", version.SourceFormat);
        Assert.Equal(["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"], version.Classes);
        var images = _fixture.Store.ReadImages(version);
        Assert.Equal(["train", "train", "train", "train", "test", "test"], images.Select(image => image.Split));
        Assert.Equal(["truck", "airplane", "cat", "dog", "cat", "airplane"], images.Select(image => image.Label));
        // record(3, 3): red 3 + p, green 6 + p, blue 9.
        var pixels = new StoredImages(_fixture.At("store", "set"), images).Decode(2, 0).Pixels;
        Assert.Equal(Enumerable.Range(0, 1024).SelectMany(p => new[] { (byte)(3 + p), (byte)(6 + p), (byte)9 }), pixels);
    }

    [Fact]
    public void Parquet_with_image_structs_and_class_names()
    {
        var version = _fixture.Import(ImportFixture.Golden("train-00000-of-00001.parquet"));

        var images = _fixture.Store.ReadImages(version);
        Assert.Equal("parquet", version.SourceFormat);
        Assert.Equal(["cat", "dog"], version.Classes);
        Assert.Equal(["cat", "dog", "cat", "dog", "cat", "dog"], images.Select(image => image.Label));
        Assert.Equal(ImportFixture.PixelOf(5), _fixture.Open(version).Images.Decode(5, 0).Pixels[..3]);
    }

    [Fact]
    public void Csv_with_quotes_split_group_and_time()
    {
        var version = _fixture.Import(ImportFixture.Golden(Path.Combine("table", "list.csv")));

        var images = _fixture.Store.ReadImages(version);
        Assert.Equal(["big dog", "cat"], version.Classes);
        Assert.Equal(["pictures/a.png", "pictures/b, c.png", "pictures/d 'e'.png", "pictures/f.png", "pictures/g.png", "pictures/h.png"], images.Select(image => image.Name));
        Assert.Equal(["train", "validation", "test", "train", "validation", "test"], images.Select(image => image.Split));
        Assert.Equal(["g0", "g0", "g1", "g1", "g2", "g2"], images.Select(image => image.Group));
        Assert.Equal(new DateTimeOffset(2026, 1, 4, 0, 0, 0, TimeSpan.Zero), images[3].Time);
        Assert.Equal(ImportFixture.PixelOf(1), _fixture.Open(version).Images.Decode(1, 0).Pixels[..3]);
    }

    [Fact]
    public void Coco_takes_the_class_of_the_largest_total_area()
    {
        var version = _fixture.Import(ImportFixture.Golden(Path.Combine("table", "instances.json")));

        Assert.Equal(["boat", "ship"], version.Classes);
        // Picture 1: boat 3 x 6 = 18 against ship 16. Picture 2: 4 against 4, the lower id is boat's. Picture 5 has no annotation.
        Assert.Equal(["ship", "boat", "boat", "ship", "boat"], _fixture.Store.ReadImages(version).Select(image => image.Label));
        Assert.Equal(["no-label", "several-labels"], _fixture.Store.ReadNotices(version).Select(notice => notice.Kind).Order());
    }

    [Fact]
    public void List_with_numbers_and_a_class_file()
    {
        File.WriteAllText(_fixture.At("list.txt"), "# a comment\npictures/a.png 0\npictures/b, c.png\t1\n\npictures/f.png 1\n");
        File.WriteAllText(_fixture.At("names.txt"), "cat\nbig dog\n");

        var version = _fixture.Import(_fixture.At("list.txt"), options => options with { ClassesFile = _fixture.At("names.txt"), ImagesFolder = ImportFixture.Golden("table") });

        Assert.Equal(["cat", "big dog"], version.Classes);
        Assert.Equal(["cat", "big dog", "big dog"], _fixture.Store.ReadImages(version).Select(image => image.Label));
    }

    [Fact]
    public void Idx_pictures_are_those_of_the_files()
    {
        const int Count = 30;
        Directory.CreateDirectory(_fixture.At("idx"));
        var pixels = Enumerable.Range(0, Count * 6).Select(i => (byte)(i * 37)).ToArray();
        File.WriteAllBytes(_fixture.At("idx", "train-images-idx3-ubyte"), [0, 0, 8, 3, 0, 0, 0, Count, 0, 0, 0, 2, 0, 0, 0, 3, .. pixels]);
        File.WriteAllBytes(_fixture.At("idx", "train-labels-idx1-ubyte"), [0, 0, 8, 1, 0, 0, 0, Count, .. Enumerable.Range(0, Count).Select(i => (byte)(i % 3))]);

        var version = _fixture.Import(_fixture.At("idx"));

        var images = _fixture.Store.ReadImages(version);
        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"{i % 3}"), images.Select(image => image.Label));
        Assert.All(images, image => Assert.Null(image.Split));
        var data = _fixture.Open(version);
        Assert.All(Enumerable.Range(0, Count), i => Assert.Equal(pixels[(i * 6)..((i * 6) + 6)].SelectMany(value => new[] { value, value, value }), data.Images.Decode(i, 0).Pixels));
    }

    [Fact]
    public void Folder_is_referenced_and_copied_on_request()
    {
        var tree = _fixture.WriteTree("tree", ("a", 4), ("b", 4));

        var referenced = _fixture.Import(tree);
        var copied = _fixture.Import(tree, options => options with { Copy = true });

        Assert.Equal(Path.Combine(tree, "a", "000.png"), _fixture.Store.ReadImages(referenced)[0].File);
        Assert.Equal((2, referenced.Hash), (copied.Number, copied.Hash));
        Directory.Delete(tree, recursive: true);
        Assert.Equal(8, _fixture.Open(copied).Images.Count);
        Assert.Throws<DataException>(() => _fixture.Open(referenced));
    }

    [Fact]
    public void Unreadable_pictures_are_left_out_and_listed()
    {
        var tree = _fixture.WriteTree("tree", ("a", 3), ("b", 3));
        File.WriteAllText(Path.Combine(tree, "a", "note.txt"), "no picture");
        File.WriteAllBytes(Path.Combine(tree, "b", "cut.png"), File.ReadAllBytes(Path.Combine(tree, "b", "000.png"))[..40]);

        var version = _fixture.Import(tree);

        Assert.Equal(6, version.Images);
        Assert.Equal([("unsupported-file", "a/note.txt"), ("corrupt-file", "b/cut.png")], _fixture.Store.ReadNotices(version).Select(notice => (notice.Kind, notice.Subject)));
    }
}
