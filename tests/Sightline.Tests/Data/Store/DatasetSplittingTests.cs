using System.Text;
using Sightline.Data;
using Sightline.Data.Store;
using Sightline.Tests.Data.Import;
using SkiaSharp;
using Xunit;

namespace Sightline.Tests.Data.Store;

public sealed class DatasetSplittingTests : IDisposable
{
    private readonly ImportFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Random_keeps_the_shares_of_each_class_and_follows_the_seed()
    {
        _fixture.Import(_fixture.WriteTree("tree", ("a", 50), ("b", 20), ("c", 3)));

        var first = Divide(new DatasetSplitOptions { ValidationShare = 0.2, TestShare = 0.1 });
        var other = Divide(new DatasetSplitOptions { ValidationShare = 0.2, TestShare = 0.1, Seed = 2 });
        var again = Divide(new DatasetSplitOptions { ValidationShare = 0.2, TestShare = 0.1 });

        Assert.Equal((35, 10, 5), Counts(first, "a"));
        Assert.Equal((14, 4, 2), Counts(first, "b"));
        Assert.Equal((1, 1, 1), Counts(first, "c"));
        Assert.NotEqual(first.Hash, other.Hash);
        Assert.Equal(first.Hash, again.Hash);
        var data = _fixture.Open(first);
        Assert.Equal((50, 15, 8, first.Hash), (data.Train.Count, data.Validation.Count, data.Test.Count, data.Version));
    }

    [Fact]
    public void Group_is_the_default_where_there_are_groups_and_none_crosses()
    {
        ImportTable(60, i => $"a{i % 2},g{i / 4}");

        var version = Divide(new DatasetSplitOptions { ValidationShare = 0.2, TestShare = 0.2 });

        Assert.All(_fixture.Store.ReadImages(version).GroupBy(image => image.Group), group => Assert.Single(group.Select(image => image.Split).Distinct()));
        Assert.Equal((18, 6, 6), Counts(version, "a0"));
        Assert.Equal((18, 6, 6), Counts(version, "a1"));
        Assert.Contains("by group", version.Detail);
    }

    [Fact]
    public void Clusters_stay_together()
    {
        _fixture.Import(_fixture.WriteTree("tree", ("a", 40), ("b", 40)));
        // Two chains that meet in picture 30 become one cluster.
        int[][] clusters = [[0, 41, 20], [30, 50], [30, 60, 79]];

        foreach (var seed in Enumerable.Range(1, 8))
        {
            var images = _fixture.Store.ReadImages(Divide(new DatasetSplitOptions { Clusters = clusters, Seed = seed, ValidationShare = 0.3, TestShare = 0.3 }));

            Assert.Single(new[] { 0, 41, 20 }.Select(index => images[index].Split).Distinct());
            Assert.Single(new[] { 30, 50, 60, 79 }.Select(index => images[index].Split).Distinct());
        }
    }

    [Fact]
    public void Folds_validate_each_picture_once()
    {
        _fixture.Import(_fixture.WriteTree("tree", ("a", 23), ("b", 10)));

        var versions = DatasetSplitting.Apply(_fixture.Store, "set", new DatasetSplitOptions { Folds = 5 });

        Assert.Equal([2, 3, 4, 5, 6], versions.Select(version => version.Number));
        var validated = versions.SelectMany(version => _fixture.Store.ReadImages(version).Where(image => image.Split == "validation").Select(image => image.Name)).ToArray();
        Assert.Equal(33, validated.Length);
        Assert.Equal(33, validated.Distinct().Count());
        // 23 = 5 + 5 + 5 + 4 + 4.
        Assert.All(versions, version => Assert.InRange(Counts(version, "a").Validation, 4, 5));
        Assert.All(versions, version => Assert.Equal(2, Counts(version, "b").Validation));
        Assert.Contains("fold 3 of 5", versions[2].Detail);
        Assert.All(versions, version => Assert.Equal(1, version.Parent));
    }

    [Fact]
    public void Time_tests_the_newest_and_keeps_one_time_together()
    {
        ImportTable(20, i => $"a{i % 2},,2026-01-{1 + (i / 2):D2}", "label,group,time");

        var version = Divide(new DatasetSplitOptions { Method = SplitMethod.Time, ValidationShare = 0.2, TestShare = 0.15 });

        var images = _fixture.Store.ReadImages(version);
        // Three of twenty would cut a day in two, so both of that day go to test.
        Assert.Equal([9, 9, 10, 10], Days("test").Order());
        Assert.Equal([7, 7, 8, 8], Days("validation").Order());
        Assert.True(Days("train").Max() < Days("validation").Min() && Days("validation").Max() < Days("test").Min());

        IEnumerable<int> Days(string split) => images.Where(image => image.Split == split).Select(image => image.Time!.Value.Day);
    }

    [Fact]
    public void Time_of_photos_comes_from_their_exif_data()
    {
        for (var i = 0; i < 10; i++)
        {
            WritePhoto(_fixture.At("photos", i % 2 == 0 ? "a" : "b", $"{i}.jpg"), i, $"2023:07:{10 + i} 18:05:03");
        }

        _fixture.Import(_fixture.At("photos"));

        var version = Divide(new DatasetSplitOptions { Method = SplitMethod.Time, ValidationShare = 0.2, TestShare = 0.2 });

        var test = _fixture.Store.ReadImages(version).Where(image => image.Split == "test").Select(image => image.Name);
        Assert.Equal(["a/8.jpg", "b/9.jpg"], test.Order());
    }

    [Fact]
    public void Time_without_times_is_refused()
    {
        _fixture.Import(_fixture.WriteTree("tree", ("a", 4), ("b", 4)));

        var error = Assert.Throws<DataException>(() => Divide(new DatasetSplitOptions { Method = SplitMethod.Time }));

        Assert.Contains("8 of the 8 pictures of set@1 have no time", error.Message);
    }

    [Fact]
    public void Lists_take_names_and_folders()
    {
        _fixture.Import(_fixture.WriteTree("tree", ("a", 4), ("b", 4)));
        File.WriteAllText(_fixture.At("val.txt"), "a/000.png\nb/001.png\n");
        File.WriteAllText(_fixture.At("test.txt"), "# all others of b\nb/002.png\nb/003.png\n");

        var version = Divide(new DatasetSplitOptions { Method = SplitMethod.Lists, ValidationList = _fixture.At("val.txt"), TestList = _fixture.At("test.txt") });

        Assert.Equal((3, 1, 0), Counts(version, "a"));
        Assert.Equal((1, 1, 2), Counts(version, "b"));
        File.WriteAllText(_fixture.At("test.txt"), "b/\n");
        Assert.Equal(
            "'b/001.png' is in the lists of validation and test. Keep it in one.",
            Assert.Throws<DataException>(() => Divide(new DatasetSplitOptions { Method = SplitMethod.Lists, ValidationList = _fixture.At("val.txt"), TestList = _fixture.At("test.txt") })).Message);
        File.WriteAllText(_fixture.At("test.txt"), "c/000.png\n");
        Assert.Contains("1 lines that name no picture", Assert.Throws<DataException>(() => Divide(
            new DatasetSplitOptions { Method = SplitMethod.Lists, ValidationList = _fixture.At("val.txt"), TestList = _fixture.At("test.txt") })).Message);
    }

    [Fact]
    public void Folder_keeps_folders_together_and_test_can_be_kept()
    {
        foreach (var i in Enumerable.Range(0, 48))
        {
            ImportFixture.WritePicture(_fixture.At("tree", i % 2 == 0 ? "a" : "b", $"patient{i / 6}", $"{i:D2}.png"), i);
        }

        _fixture.Import(_fixture.At("tree"));

        var first = Divide(new DatasetSplitOptions { Method = SplitMethod.Folder, ValidationShare = 0.25, TestShare = 0.25 });
        var second = DatasetSplitting.Apply(_fixture.Store, first.Reference, new DatasetSplitOptions { Method = SplitMethod.Folder, ValidationShare = 0.25, KeepTest = true, Seed = 9 })[0];

        Assert.All(_fixture.Store.ReadImages(first).GroupBy(image => Path.GetDirectoryName(image.Name)), folder => Assert.Single(folder.Select(image => image.Split).Distinct()));
        Assert.Equal(Tested(first), Tested(second));
        Assert.Equal(12, Tested(first).Count());

        IEnumerable<string> Tested(DatasetVersion version) => _fixture.Store.ReadImages(version).Where(image => image.Split == "test").Select(image => image.Name);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Empty(new DatasetSplitOptions().Check());
        Assert.Contains("The validation share is 0; it must be above 0", Assert.Single(new DatasetSplitOptions { ValidationShare = 0 }.Check()));
        Assert.Single(new DatasetSplitOptions { Folds = 1 }.Check());
        Assert.Single(new DatasetSplitOptions { Folds = 3, Method = SplitMethod.Time }.Check());
        Assert.Single(new DatasetSplitOptions { ValidationShare = 0.5, TestShare = 0.5 }.Check());
        Assert.Single(new DatasetSplitOptions { Method = SplitMethod.Lists }.Check());
    }

    private DatasetVersion Divide(DatasetSplitOptions options) => DatasetSplitting.Apply(_fixture.Store, "set@1", options)[0];

    private (int Train, int Validation, int Test) Counts(DatasetVersion version, string label)
    {
        var splits = _fixture.Store.ReadImages(version).Where(image => image.Label == label).ToLookup(image => image.Split);
        return (splits["train"].Count(), splits["validation"].Count(), splits["test"].Count());
    }

    private void ImportTable(int count, Func<int, string> fields, string columns = "label,group")
    {
        foreach (var i in Enumerable.Range(0, count))
        {
            ImportFixture.WritePicture(_fixture.At("table", $"{i:D2}.png"), i);
        }

        File.WriteAllLines(_fixture.At("table", "list.csv"), Enumerable.Range(0, count).Select(i => $"{i:D2}.png,{fields(i)}").Prepend($"path,{columns}"));
        _fixture.Import(_fixture.At("table", "list.csv"));
    }

    // The EXIF segment of Pillow with another time goes between the first marker and the rest.
    private static void WritePhoto(string path, int seed, string time)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var bitmap = new SKBitmap(16, 16);
        bitmap.Erase(new SKColor((byte)(25 * seed), 90, 40));
        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        var jpeg = data.ToArray();
        var segment = Convert.FromBase64String(ExifTests.LittleEndian);
        Encoding.ASCII.GetBytes(time).CopyTo(segment, segment.AsSpan().IndexOf("2023"u8));
        File.WriteAllBytes(path, [.. jpeg[..2], .. segment, .. jpeg[2..]]);
    }
}
