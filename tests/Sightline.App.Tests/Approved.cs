using Xunit;

namespace Sightline.App.Tests;

/// <summary>Compares text with a file of <c>Approved/</c>. <c>SIGHTLINE_APPROVE=1</c> rewrites the files instead; review the difference.</summary>
internal static class Approved
{
    public static void Match(string name, string actual) => MatchFile(Path.Combine("tests", "Sightline.App.Tests", "Approved", name + ".txt"), actual);

    /// <param name="path">Relative to the repository.</param>
    /// <param name="actual">The text as it is now.</param>
    public static void MatchFile(string path, string actual)
    {
        var file = Repository.File(path);
        var text = actual.ReplaceLineEndings("\n").TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable("SIGHTLINE_APPROVE") == "1")
        {
            File.WriteAllText(file, text);
            return;
        }

        Assert.True(File.Exists(file), $"{path} does not exist. Run the tests once with SIGHTLINE_APPROVE=1 and review it.");
        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n"), text);
    }
}
