using System.Xml.Linq;
using Xunit;

namespace Sightline.App.Tests;

/// <summary><c>data check</c> through the real executable.</summary>
public sealed class DataCheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DataCheckTests()
    {
        TinyData.WriteClassFolders(_folder.At("data"), perClass: 10);
        File.Copy(_folder.At("data", "dark", "0.bmp"), _folder.At("data", "bright", "copy & <co>.bmp"));
        File.WriteAllBytes(_folder.At("data", "dark", "empty.png"), []);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Json_has_the_approved_names()
    {
        var ended = Run("--only", "exact-duplicate,zero-byte-file,conflicting-label", "--fail-on", "exact-duplicate:9", "--json").With(ExitCode.Done);

        Approved.Match("json.data-check", JsonNames.Of(ended.Json));
        Assert.Contains(ended.Json.GetProperty("findings").EnumerateArray(), finding =>
            finding.GetProperty("kind").GetString() == "zero-byte-file" && finding.GetProperty("subject").GetString() == "dark/empty.png");
        Assert.Contains(ended.Json.GetProperty("findings").EnumerateArray(), finding =>
            finding.GetProperty("kind").GetString() == "conflicting-label" && finding.GetProperty("severity").GetString() == "warning");
    }

    [Fact]
    public void A_gate_that_is_not_passed_ends_with_its_exit_code_and_the_whole_result()
    {
        var ended = Run("--fail-on", "zero-byte-file,few-images:5", "--json").With(ExitCode.GateFailed);

        Assert.Contains("Gate failed: zero-byte-file: 1 found, at most 0 allowed.", ended.Error);
        Assert.DoesNotContain("few-images", ended.Error);
        Assert.Equal([false, true], ended.Json.GetProperty("gates").EnumerateArray().Select(gate => gate.GetProperty("passed").GetBoolean()));
        Run("--fail-on", "error").With(ExitCode.GateFailed);
        Run("--fail-on", "error:1", "--only", "zero-byte-file").With(ExitCode.Done);
    }

    [Fact]
    public void Text_names_kinds_counts_and_examples()
    {
        var ended = Run().With(ExitCode.Done);

        Assert.Contains("conflicting-label", ended.Out);
        Assert.Contains("dark/empty.png: The file is empty (0 bytes).", ended.Out);
        Assert.Contains("Looked for and not found: ", ended.Out);
    }

    [Fact]
    public void Report_is_one_file_that_needs_nothing_else_with_names_as_text()
    {
        Run("--report", "check.html").With(ExitCode.Done);

        var text = File.ReadAllText(_folder.At("check.html"));
        var page = XDocument.Parse(text.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal));
        var addresses = page.Descendants().Attributes().Where(attribute => attribute.Name.LocalName is "src" or "href").Select(attribute => attribute.Value).ToList();
        Assert.Contains(addresses, address => address.StartsWith("data:image/png;base64,", StringComparison.Ordinal));
        Assert.All(addresses, address => Assert.True(address.StartsWith('#') || address.StartsWith("data:", StringComparison.Ordinal), address));
        Assert.Contains("copy & <co>.bmp", page.Root!.Value); // A parsed document has a root.
        Assert.DoesNotContain("<script", text);
    }

    [Theory]
    [InlineData("--only drak", "There is no kind of finding 'drak'.")]
    [InlineData("--fail-on leakge", "--fail-on names 'leakge', which is not looked for. Did you mean 'leakage'?")]
    [InlineData("--fail-on leakage:many", "--fail-on is 'leakage:many'; the count after ':' must be a whole number of 0 or more, the most findings that pass.")]
    [InlineData("--fail-on dark --only light", "--fail-on names 'dark', which is not looked for.")]
    public void Wrong_arguments_are_explained(string arguments, string expected)
    {
        var ended = Run(arguments.Split(' ')).With(ExitCode.Usage);

        Assert.Contains(expected, ended.Error);
        Assert.Empty(ended.Out);
    }

    [Fact]
    public void A_report_in_no_folder_and_data_that_are_not_there_are_named()
    {
        Assert.Contains("--report", Run("--report", "nowhere/check.html").With(ExitCode.NotFound).Error);
        Assert.Contains("'nowhere'", Cli.Run(_folder.Path, "data", "check", "nowhere").With(ExitCode.NotFound).Error);
    }

    private Ended Run(params string[] arguments) => Cli.Run(_folder.Path, ["data", "check", "data", .. arguments]);
}
