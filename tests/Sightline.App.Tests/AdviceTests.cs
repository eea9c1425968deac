using Xunit;

namespace Sightline.App.Tests;

/// <summary>Advice that comes from a check of the run's data; the rest is in Sightline.Tests.</summary>
public sealed class AdviceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Random _random = new(3);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Copies_of_training_pictures_in_the_test_split_are_named_until_somebody_decided()
    {
        Write("data/train", 20);
        Write("data/test", 8);
        for (var i = 0; i < 4; i++)
        {
            File.Copy(_folder.At("data", "train", "dark", $"{i}.bmp"), _folder.At("data", "test", "dark", $"copy-{i}.bmp"));
        }

        var before = Show();
        Cli.Run(_folder.Path, "data", "check", "tiny").With(ExitCode.Done);
        var json = Show("--json").Json.GetProperty("advice");

        Assert.Contains("Advice      none", before.Out);
        Approved.Match("json.run-show-advice", JsonNames.Of(json));
        Assert.Equal(["leakage"], json.EnumerateArray().Select(found => found.GetProperty("condition").GetString()));
        Assert.StartsWith("4 of ", json[0].GetProperty("evidence").GetString());
        Cli.Run(_folder.Path, ["data", "fix", "tiny", .. Enumerable.Range(0, 4).SelectMany(i => new[] { "--exclude", $"test/dark/copy-{i}.bmp" })]).With(ExitCode.Done);
        Assert.Contains("Advice      none", Show().Out);
    }

    [Fact]
    public void Wrong_labels_are_named()
    {
        Write("data", 60);
        for (var i = 0; i < 10; i++)
        {
            File.Move(_folder.At("data", "dark", $"{i}.bmp"), _folder.At("data", "bright", $"moved-{i}.bmp"));
        }

        Show();
        var pictures = Directory.GetFiles(_folder.At("data"), "*.bmp", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_folder.At("data"), file)).Order();
        var lines = pictures.Select(picture => picture.Contains("dark") || picture.Contains("moved") ? $"{picture},0.1,0.9" : $"{picture},0.9,0.1");
        File.WriteAllLines(_folder.At("p.csv"), lines.Prepend("picture,bright,dark"));
        Cli.Run(_folder.Path, "data", "check", "tiny", "--probabilities", "p.csv").With(ExitCode.Done);
        var shown = Show().Out;

        Assert.Contains("1. Many labels look wrong.", shown);
        Assert.Contains("Try:     sightline data review tiny --kind wrong-label", shown);
        Assert.DoesNotContain("  2. ", shown);
    }

    private void Write(string folder, int perClass)
    {
        foreach (var (label, level) in new[] { ("bright", 180), ("dark", 70) })
        {
            Directory.CreateDirectory(_folder.At(folder, label));
            for (var i = 0; i < perClass; i++)
            {
                TinyData.WriteNoise(_folder.At(folder, label, $"{i}.bmp"), level, _random);
            }
        }
    }

    // The data set is imported and the run trained at the first call.
    private Ended Show(params string[] more)
    {
        if (!Directory.Exists(_folder.At("runs")))
        {
            Cli.Run(_folder.Path, "data", "import", "data", "--name", "tiny").With(ExitCode.Done);
            Training.Run(_folder.Path, "tiny", "--epochs", "1", "--name", "run").With(ExitCode.Done);
        }

        return Cli.Run(_folder.Path, ["run", "show", "run", "--advice", .. more]).With(ExitCode.Done);
    }
}
