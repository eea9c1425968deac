using Sightline.Curation;
using Sightline.Curation.Duplicates;
using Sightline.Data;
using Xunit;
using static Sightline.Tests.Curation.MemoryImages;

namespace Sightline.Tests.Curation;

public sealed class DatasetCheckTests
{
    [Fact]
    public void Exact_and_near_duplicates_leakage_and_conflicts_are_found_once()
    {
        var scene = Scene(1);
        var data = Dataset(
            ("train/a/0", scene),
            ("train/a/1", Scene(2)),
            ("train/b/2", Scene(3)),
            ("train/b/same", scene),
            ("validation/b/lighter", Change(Scene(3), level => level + 3)),
            ("validation/a/4", Scene(4)),
            ("test/a/mirrored", Mirror(Scene(2))),
            ("test/b/turned", Turn(Scene(3))),
            ("test/b/5", Scene(5)));

        var report = Check(data);

        Assert.Equal(["train/b/same"], Subjects(report, "exact-duplicate"));
        Assert.Equal(["test/a/mirrored", "test/b/turned", "validation/b/lighter"], Subjects(report, "near-duplicate").Order());
        Assert.Equal(["test/a/mirrored", "test/b/turned", "validation/b/lighter"], Subjects(report, "leakage"));
        Assert.Equal(["train/b/same"], Subjects(report, "conflicting-label"));
        var finding = report.Findings.Single(finding => finding.Subject == "train/b/same" && finding.Kind == "conflicting-label");
        Assert.Equal("It is of class 'b' and has the same pixels as 'train/a/0' of class 'a'.", finding.Reason);
        Assert.Equal([3, 0], finding.Images);
        Assert.All(report.Findings.Where(finding => finding.Kind == "leakage"), leak => Assert.Equal(Severity.Error, leak.Severity));
        Assert.Contains("turned by a quarter", report.Findings.Single(finding => finding is { Kind: "leakage", Subject: "test/b/turned" }).Reason);
    }

    [Fact]
    public void Without_turns_mirrored_copies_are_not_looked_for()
    {
        var data = Dataset(("train/a/0", Scene(1)), ("train/b/1", Mirror(Scene(1))), ("validation/a/2", Scene(2)));

        var report = DatasetCheck.Run(data, new CheckOptions { MatchTurns = false }, null, CancellationToken.None);

        Assert.Empty(Subjects(report, "near-duplicate"));
    }

    [Fact]
    public void Mirrored_copies_of_another_class_do_not_conflict()
    {
        var data = Dataset(("train/left/0", Scene(1)), ("train/right/1", Mirror(Scene(1))), ("validation/left/2", Scene(2)));

        var report = Check(data);

        Assert.Empty(Subjects(report, "conflicting-label"));
        Assert.Single(Subjects(report, "near-duplicate"));
    }

    [Fact]
    public void Clusters_join_exact_and_near_duplicates_through_others()
    {
        var data = Dataset(
            ("train/a/0", Scene(1)), ("train/b/1", Scene(2)), ("train/a/2", Scene(1)), ("train/a/3", Change(Scene(1), level => level * 0.97)),
            ("validation/b/4", Mirror(Scene(2))), ("test/a/5", Scene(6)));

        var clusters = DuplicateClusters.Find(data, null, CancellationToken.None);

        Assert.Equal([[0, 2, 3], [1, 4]], clusters.Select(cluster => cluster.ToArray()));
    }

    [Fact]
    public void Properties_follow_darkening_lightening_blurring_and_flattening()
    {
        var sharp = Draw(64, 64, (x, y, _) => ((x / 4) + (y / 4)) % 2 == 0 ? 40 : 220);
        var data = Dataset(
            ("train/a/plain", Scene(1, 64, 64)),
            ("train/a/sharp", sharp),
            ("train/b/plain", Scene(2, 64, 64)),
            ("train/a/dark", Change(Scene(3, 64, 64), level => 255 * Math.Pow(level / 255.0, 6) / 4)),
            ("train/b/light", Change(Scene(4, 64, 64), level => 250 + (level / 64.0))),
            ("train/a/constant", Draw(64, 64, (_, _, channel) => 60 + (50 * channel))),
            ("train/b/long", Scene(5, 60, 20)),
            ("train/b/grey", Draw(64, 64, (x, y, _) => (x * 3) + (y / 2))),
            ("train/b/large", Scene(6, 200, 200)),
            ("validation/a/plain", Scene(7, 64, 64)),
            ("validation/b/plain", Scene(8, 64, 64)));

        var report = Check(data);

        Assert.Equal(["train/a/dark"], Subjects(report, "dark"));
        Assert.Equal(["train/b/light"], Subjects(report, "light"));
        Assert.Contains("train/a/constant", Subjects(report, "low-information"));
        Assert.Equal(["train/b/grey"], Subjects(report, "blurry"));
        Assert.Equal(["train/b/long"], Subjects(report, "odd-aspect"));
        Assert.Equal(["train/a/sharp", "train/b/grey"], Subjects(report, "grey"));
        Assert.Equal(["train/b/large", "train/b/long"], Subjects(report, "odd-size").Order());
    }

    [Fact]
    public void Property_of_more_than_half_of_the_set_is_left_out()
    {
        var data = Dataset([.. Enumerable.Range(0, 8).Select(i => ($"{(i < 6 ? "train" : "validation")}/{(i % 2 == 0 ? "a" : "b")}/{i}", Grey(Scene(i))))]);

        var report = Check(data);

        var outcome = report.Kinds.Single(kind => kind.Kind == "grey");
        Assert.Equal((KindStatus.LeftOut, 8), (outcome.Status, outcome.Count));
        Assert.Empty(Subjects(report, "grey"));
    }

    [Fact]
    public void Balance_few_images_and_missing_classes_are_told_by_class()
    {
        var data = Dataset(
        [
            .. Enumerable.Range(0, 60).Select(i => ($"train/many/{i}", Scene(i))),
            .. Enumerable.Range(0, 3).Select(i => ($"train/few/{i}", Scene(100 + i))),
            .. Enumerable.Range(0, 5).Select(i => ($"validation/many/{i}", Scene(200 + i))),
            ("test/unseen/0", Scene(300)),
        ]);

        var report = Check(data, "class-imbalance", "few-images", "class-missing-from-split");

        var few = report.Findings.Single(finding => finding.Kind == "few-images");
        Assert.Equal(("few", Severity.Warning, 3.0), (few.Subject, few.Severity, few.Score));
        Assert.Equal("It has 3 training pictures; at least 15 are needed, 50 or more advised.", few.Reason);
        var imbalance = report.Findings.Single(finding => finding.Kind == "class-imbalance");
        Assert.Equal(("few", Severity.Note), (imbalance.Subject, imbalance.Severity));
        Assert.Equal(
            ["unseen in train", "few in validation", "unseen in validation", "few in test", "many in test"], Subjects(report, "class-missing-from-split"));
        Assert.Null(report.Measured);
    }

    [Fact]
    public void Class_that_brightness_alone_tells_is_confounded()
    {
        var data = Dataset(
        [
            .. Enumerable.Range(0, 20).Select(i => ($"train/day/{i}", Change(Scene(i), level => 120 + (level / 2.0)))),
            .. Enumerable.Range(0, 20).Select(i => ($"train/night/{i}", Change(Scene(50 + i), level => level / 2.0))),
            .. Enumerable.Range(0, 20).Select(i => ($"train/dusk/{i}", Change(Scene(100 + i), level => (i % 2 * 100) + (level / 2.0)))),
            ("validation/day/0", Change(Scene(200), level => 120 + (level / 2.0))),
        ]);

        var report = Check(data, "confounded-class");

        Assert.Contains(report.Findings, finding => finding.Subject == "night" && finding.Reason.Contains("darker", StringComparison.Ordinal) && finding.Score > 0.7);
        Assert.DoesNotContain(report.Findings, finding => finding.Subject == "dusk");
    }

    [Fact]
    public void Source_folder_that_predicts_the_class_is_confounded_and_a_group_missing_from_a_split_is_told()
    {
        var data = Dataset(
        [
            .. Enumerable.Range(0, 30).Select(i => ($"train/cat/home/{i}", Scene(i))),
            .. Enumerable.Range(0, 30).Select(i => ($"train/dog/park/{i}", Scene(40 + i))),
            .. Enumerable.Range(0, 3).Select(i => ($"train/dog/home/{i}", Scene(80 + i))),
            .. Enumerable.Range(0, 3).Select(i => ($"validation/cat/home/{i}", Scene(90 + i))),
        ]);

        var report = Check(data, "confounded-source", "group-missing-from-split");

        var source = report.Findings.Single(finding => finding.Kind == "confounded-source");
        Assert.Equal("source folder", source.Subject);
        Assert.Contains("'home' is 92 % 'cat', 'park' is 100 % 'dog'", source.Reason);
        Assert.Equal(["park in validation"], Subjects(report, "group-missing-from-split"));
    }

    [Fact]
    public void Pictures_of_one_outline_need_near_colours_to_be_duplicates()
    {
        // All have the luma of one scene; colours differ.
        var random = new Random(9);
        var outline = Scene(1, 24, 24);
        PixelImage Tinted(double red) => Draw(24, 24, (x, y, channel) =>
            outline.Pixels[(((y * 24) + x) * 3) + 1] / 2.0 + 60 + (channel switch { 0 => red, 1 => -red * 19595 / 38470, _ => 0 }));
        var tints = Enumerable.Range(0, 30).Select(i => Tinted((i - 15) * 5)).ToArray();
        var data = Dataset(
        [
            .. Enumerable.Range(0, 600).Select(i => ($"{(i < 500 ? "train" : "test")}/{(i % 2 == 0 ? "a" : "b")}/{i}",
                i < 30 ? tints[i] : Scene(1000 + random.Next(1_000_000), 24, 24))),
            .. Enumerable.Range(0, 60).Select(i => ($"train/a/blue-{i}", Shift(tints[i % 30], i < 30 ? 25 : 50))),
            ("validation/a/copy", Change(Scene(1), level => level)),
            ("validation/b/copy", Change(Scene(1), level => level + 2)),
        ]);

        var report = Check(data, "near-duplicate", "similar-pictures");

        Assert.Equal("the data set", Subjects(report, "similar-pictures").Single());
        Assert.Contains("validation/b/copy", Subjects(report, "near-duplicate"));
        Assert.All(report.Findings.Where(finding => finding.Kind == "near-duplicate"), finding => Assert.Equal(Severity.Warning, finding.Severity));
        Assert.InRange(Subjects(report, "near-duplicate").Count, 1, 89);
    }

    [Fact]
    public void Leaked_images_are_given_by_index()
    {
        var data = Dataset(("train/a/0", Scene(1)), ("train/b/1", Scene(2)), ("validation/a/2", Scene(3)), ("test/a/3", Scene(1)), ("test/b/4", Scene(4)));

        Assert.Equal([3], Check(data).LeakedImages());
    }

    [Fact]
    public void Unknown_kind_is_refused_with_the_known_ones()
    {
        var data = Dataset(("train/a/0", Scene(1)), ("validation/b/1", Scene(2)));

        var error = Assert.Throws<SettingsException>(() => Check(data, "drak"));

        Assert.StartsWith("There is no kind of finding 'drak'. There are: corrupt-file, ", error.Message);
    }

    private static PixelImage Grey(PixelImage picture) =>
        Draw(picture.Width, picture.Height, (x, y, _) => picture.Pixels[((y * picture.Width) + x) * 3]);

    // Blue counts for little in the luma.
    private static PixelImage Shift(PixelImage picture, int blue) => Draw(
        picture.Width, picture.Height, (x, y, channel) => picture.Pixels[(((y * picture.Width) + x) * 3) + channel] + (channel == 2 ? blue : 0));

    private static CheckReport Check(ImageDataset data, params string[] only) =>
        DatasetCheck.Run(data, new CheckOptions { Only = only }, null, CancellationToken.None);

    private static List<string> Subjects(CheckReport report, string kind) =>
        [.. report.Findings.Where(finding => finding.Kind == kind).Select(finding => finding.Subject)];
}
