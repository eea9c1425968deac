using System.Diagnostics;
using Xunit;

namespace Sightline.App.Tests;

/// <summary>A data set's way through the commands: import, split, decide, review, train, export.</summary>
public sealed class DataCommandsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DataCommandsTests()
    {
        TinyData.WriteClassFolders(_folder.At("data"));
        Data("import", "data", "--name", "tiny");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Import_list_and_show_have_the_approved_names()
    {
        var imported = Data("import", "data", "--name", "again", "--copy", "--json").Json;

        Approved.Match("json.data-import", JsonNames.Of(imported));
        Approved.Match("json.data-list", JsonNames.Of(Data("list", "--json").Json));
        Approved.Match("json.data-show", JsonNames.Of(Data("show", "tiny", "--json").Json));
        Assert.Equal((40, 0), (imported.GetProperty("images").GetInt32(), imported.GetProperty("excluded").GetInt32()));
        Assert.Contains("tiny@1, import of", Data("show", "tiny").Out);
    }

    [Fact]
    public void Split_makes_a_version_that_is_trained_on_by_name()
    {
        Approved.Match("json.data-split", JsonNames.Of(Data("split", "tiny", "--validation", "0.25", "--test", "0.25", "--json").Json));

        var trained = Training.Run(_folder.Path, "tiny", "--epochs", "1", "--name", "run").With(ExitCode.Done);
        Training.Run(_folder.Path, "tiny@1", "--epochs", "1").With(ExitCode.Done);

        Assert.Contains("20 training, 10 validation and 10 test pictures of 2 classes", trained.Error);
        Assert.Contains(Path.Combine("datasets", "tiny", "2"), File.ReadAllText(_folder.At("runs", "run", "run.json")));
        Assert.Contains("fold 2 of 3", Data("split", "tiny", "--folds", "3").Out);
    }

    [Fact]
    public void Decisions_are_versions_that_can_be_undone()
    {
        Approved.Match("json.data-fix", JsonNames.Of(Data("fix", "tiny", "--exclude", "bright/0.bmp", "--relabel", "dark/0.bmp=bright", "--json").Json));
        Approved.Match("json.data-diff", JsonNames.Of(Data("diff", "tiny@1", "tiny@2", "--json").Json));
        Assert.Contains("dark/0.bmp (dark -> bright)", Data("diff", "tiny").Out);

        Data("fix", "tiny", "--undo");

        Assert.Contains("No difference.", Data("diff", "tiny@1", "tiny@3").Out);
        Assert.Equal(40, Directory.GetFiles(_folder.At("data"), "*.bmp", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public void Review_takes_a_key_for_each_finding()
    {
        WriteReport();
        Approved.Match("json.data-review", JsonNames.Of(Data("review", "tiny", "--json").Json));

        var ended = Review("?\nr x q");

        Assert.Contains("[1/3] wrong-label (warning): dark/1.bmp (class dark)", ended.Error);
        Assert.Contains("2 decisions are in the log; the data set is now tiny@2: 39 pictures in use, 1 left out.", ended.Out);
        Assert.Contains("[1/1] near-duplicate", Review("q").Error);
    }

    [Fact]
    public void Review_takes_keys_at_a_terminal()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "The test opens a terminal by the program script, which is not there.");
        WriteReport();
        var command = $"'{Cli.Executable}' data review tiny";
        using var process = Process.Start(Cli.Start(_folder.Path, "/usr/bin/script", "-q", "-e", "-c", command, "/dev/null"))!; // Null only where the shell runs it, which is off.
        var terminal = new TypedTerminal(process);

        terminal.Type("q save and end: ", "?");
        terminal.Type("means nothing here.", "k");
        terminal.Type("[2/3] dark", "b");
        terminal.Type("[1/3] wrong-label", "x");
        terminal.Type("[2/3] dark", "R");
        terminal.Type("new class: ", "brigt\n");
        terminal.Type("'brigt' is no class of this data set. Did you mean", "R");
        terminal.Type("new class: ", "bright\n");
        terminal.Type("[3/3] near-duplicate", "n");
        var ended = Cli.Finish(process).With(ExitCode.Done);

        Assert.Contains("3 decisions are in the log; the data set is now tiny@2: 39 pictures in use, 1 left out.", ended.Out);
        Assert.Contains("dark/0.bmp (dark -> bright)", Data("diff", "tiny").Out);
    }

    [Fact]
    public void Review_goes_round_by_csv()
    {
        WriteReport();
        Data("review", "tiny", "--export", "q.csv");
        var lines = File.ReadAllLines(_folder.At("q.csv"));
        File.WriteAllLines(_folder.At("q.csv"), lines.Select((line, index) => index == 2 ? line[..^1] + "exclude," : line));

        Assert.Contains("39, and 1 left out", Data("fix", "tiny", "--from", "q.csv").Out);
        Assert.Equal(4, lines.Length);
    }

    [Fact]
    public void Duplicates_of_the_report_stay_together()
    {
        WriteReport();

        Assert.Contains("1 duplicate clusters of the report on tiny@1 stay together.", Data("split", "tiny").Error);
    }

    [Fact]
    public void Export_has_the_approved_names()
    {
        Approved.Match("json.data-export", JsonNames.Of(Data("export", "tiny", "--to", "out", "--list", "out.csv", "--json").Json));

        Assert.Equal(40, Directory.GetFiles(_folder.At("out"), "*.bmp", SearchOption.AllDirectories).Length);
    }

    [Theory]
    [InlineData(ExitCode.NotFound, "is not there", "import", "nowhere", "--name", "x")]
    [InlineData(ExitCode.BadData, "Known are:", "import", "note.txt.bin", "--name", "x")]
    [InlineData(ExitCode.Provider, "could not be fetched", "import", "http://127.0.0.1:1/x.zip", "--name", "x")]
    [InlineData(ExitCode.Usage, "cannot be a data set's name", "import", "data", "--name", "a b")]
    [InlineData(ExitCode.Usage, "must be 64 hexadecimal digits", "import", "data", "--name", "x", "--sha256", "abc")]
    [InlineData(ExitCode.NotFound, "Did you mean 'tiny'?", "show", "tinny")]
    [InlineData(ExitCode.NotFound, "has no version '9'", "show", "tiny@9")]
    [InlineData(ExitCode.Usage, "There is nothing to do", "fix", "tiny")]
    [InlineData(ExitCode.BadData, "is no class of tiny@1", "fix", "tiny", "--relabel", "dark/0.bmp=drak")]
    [InlineData(ExitCode.NotFound, "no report on tiny", "review", "tiny")]
    [InlineData(ExitCode.BadData, "have no groups", "split", "tiny", "--by", "group")]
    [InlineData(ExitCode.Usage, "must be above 0", "split", "tiny", "--validation", "0")]
    [InlineData(ExitCode.Usage, "Where to export is missing", "export", "tiny")]
    public void Bad_input(ExitCode code, string message, params string[] arguments)
    {
        File.WriteAllText(_folder.At("note.txt.bin"), "nothing known");

        var ended = Cli.Run(_folder.Path, ["data", .. arguments]).With(code);

        Assert.Contains(message, ended.Error);
        Assert.Empty(ended.Out);
        Assert.Equal([_folder.At("datasets", "tiny")], Directory.GetDirectories(_folder.At("datasets")).Where(path => !path.EndsWith(".downloads", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_misspelt_name_is_not_trained_on() =>
        Assert.Contains("Did you mean 'tiny'?", Training.Run(_folder.Path, "tinny").With(ExitCode.NotFound).Error);

    [Fact]
    public void A_full_disk_leaves_nothing()
    {
        Directory.CreateDirectory(_folder.At("small"));
        Assert.SkipUnless(OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=24k", "none", _folder.At("small")), "The test mounts a small file system, which this user may not.");
        try
        {
            var ended = Cli.Run(_folder.Path, "data", "import", "data", "--name", "x", "--copy", "--store", "small").With(ExitCode.BadData);

            Assert.Contains("is full; nothing was imported", ended.Error);
            Assert.Empty(Directory.GetFileSystemEntries(_folder.At("small")));
        }
        finally
        {
            Run("umount", _folder.At("small"));
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            return Cli.Execute(Cli.Start("/", program, arguments)).ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private Ended Data(params string[] arguments) => Cli.Run(_folder.Path, ["data", .. arguments]).With(ExitCode.Done);

    private Ended Review(string keys)
    {
        using var process = Process.Start(Cli.Start(_folder.Path, Cli.Executable, "data", "review", "tiny"))!; // Null only where the shell runs it, which is off.
        process.StandardInput.Write(keys);
        return Cli.Finish(process).With(ExitCode.Done);
    }

    // Pictures 0 to 19 are bright/0, bright/1, bright/10 ..., 20 to 39 dark/0, dark/1, dark/10 ...
    private void WriteReport() => File.WriteAllText(_folder.At("datasets", "tiny", "1", "check.json"), """
        { "findings": [
          { "kind": "wrong-label", "severity": "warning", "subject": "dark/1.bmp", "images": [21], "reason": "Looks bright.", "score": 0.9, "suggestedClass": "bright" },
          { "kind": "dark", "severity": "warning", "subject": "dark/0.bmp", "images": [20], "reason": "Too dark.", "score": 0.1 },
          { "kind": "near-duplicate", "severity": "note", "subject": "bright/0.bmp", "images": [0, 1], "reason": "Distance 1.", "score": 1 } ] }
        """);
}
