using Sightline.Curation;
using Sightline.Curation.Pictures;
using Sightline.Data;
using Sightline.Tests.Data;
using Xunit;

namespace Sightline.Tests.Curation;

public sealed class FactCacheTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-facts-").FullName;

    public FactCacheTests()
    {
        foreach (var name in new[] { "a", "b" })
        {
            Directory.CreateDirectory(Path.Combine(_folder, name));
        }

        Copy("jpeg_420.jpg", "a/0.jpg");
        Copy("png_rgb.png", "a/1.png");
        Copy("webp_lossy.webp", "b/0.webp");
        Copy("bmp_rgb.bmp", "b/1.bmp");
    }

    public void Dispose()
    {
        File.Delete(FactCache.PathFor(_folder));
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Second_check_measures_nothing_and_added_pictures_only()
    {
        var first = Check();
        var second = Check();
        Copy("jpeg_444.jpg", "a/2.jpg");
        Copy("jpeg_420.jpg", "b/copy.jpg");
        var third = Check();

        // The copy has a content that is known.
        Assert.Equal((4, 0, 1), (first.Measured, second.Measured, third.Measured));
        Assert.Equal(first.Findings.Select(finding => finding.Reason), second.Findings.Select(finding => finding.Reason));
        Assert.Contains(third.Findings, finding => finding is { Kind: "exact-duplicate", Subject: "b/copy.jpg" });
    }

    [Fact]
    public void Cache_cut_short_or_of_another_version_is_measured_again()
    {
        Check();
        var file = FactCache.PathFor(_folder);
        using (var stream = File.OpenWrite(file))
        {
            stream.SetLength(stream.Length - 5);
        }

        Assert.Equal(1, Check().Measured);
        Assert.Equal(0, Check().Measured);
        File.WriteAllText(file, "sightline picture facts 0");
        Assert.Equal(4, Check().Measured);
        Assert.Equal(0, Check().Measured);
    }

    [Fact]
    public void Files_with_wrong_extensions_and_without_content_are_found()
    {
        Copy("png_rgb.png", "a/wrong.jpg");
        File.WriteAllBytes(Path.Combine(_folder, "b", "empty.png"), []);
        File.WriteAllText(Path.Combine(_folder, "b", "notes.txt"), "no picture");
        File.WriteAllBytes(Path.Combine(_folder, "b", "cut.png"), File.ReadAllBytes(Golden.FilePath("png_rgb.png"))[..60]);

        var report = Check();

        Assert.Equal(
            ["corrupt-file b/cut.png", "unsupported-file b/notes.txt", "zero-byte-file b/empty.png", "wrong-extension a/wrong.jpg"],
            report.Findings.Where(finding => finding.Kind.EndsWith("file", StringComparison.Ordinal) || finding.Kind == "wrong-extension")
                .Select(finding => $"{finding.Kind} {finding.Subject}"));
        Assert.Equal("The file is called .jpg but is a png file. It is read by its content.", report.Findings.Single(finding => finding.Kind == "wrong-extension").Reason);
    }

    private CheckReport Check() =>
        DatasetCheck.Run(ImageDatasets.Open(_folder, new SplitOptions()), new CheckOptions(), null, CancellationToken.None);

    private void Copy(string golden, string name) => File.Copy(Golden.FilePath(golden), Path.Combine(_folder, name), overwrite: true);
}
