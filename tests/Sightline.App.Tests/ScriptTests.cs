using System.Diagnostics;
using Xunit;

namespace Sightline.App.Tests;

/// <summary><c>./sightline</c>: when it builds, and what it leaves behind. A stand-in for <c>dotnet</c> records what it is asked.</summary>
public sealed class ScriptTests : IDisposable
{
    private const string FakeDotnet = """
        #!/usr/bin/env bash
        tree=$(cd -- "$(dirname -- "$0")/.." && pwd)
        case $1 in
          --list-sdks) cat "$tree/sdks" ;;
          build)
            echo "build HOME=$HOME" >>"$tree/log"
            sleep 0.5
            [ ! -e "$tree/broken" ] || { echo "Program.cs(1,1): error CS1002: ; expected"; exit 1; }
            mkdir -p "$tree/out" && echo built >"$tree/out/Sightline.Cli.dll" ;;
          msbuild) echo "$tree/out/" ;;
          *) echo "ran $*" ;;
        esac
        """;

    private readonly TemporaryFolder _folder = new();

    public ScriptTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "./sightline is a bash script.");
        Write("repo/src/Sightline.Cli/Program.cs", "return 0;");
        Write("repo/src/Sightline.Cli/Other.cs", "// other");
        Write("repo/recipes/one.json", "{}");
        Write("repo/global.json", "{}");
        Write("sdks", "10.0.100 [/usr/share/dotnet/sdk]\n");
        Write("fake/dotnet", FakeDotnet);
        Directory.CreateDirectory(_folder.At("repo", "build"));
        File.Copy(Repository.File("build", "environment.sh"), _folder.At("repo", "build", "environment.sh"));
        File.Copy(Repository.File("sightline"), _folder.At("repo", "sightline"));
        foreach (var program in new[] { _folder.At("fake", "dotnet"), _folder.At("repo", "sightline") })
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
    }

    private int Builds => File.Exists(_folder.At("log")) ? File.ReadAllLines(_folder.At("log")).Length : 0;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_builds_once_and_passes_the_arguments_on()
    {
        Run("model", "list").With(ExitCode.Done);

        var second = Run("model", "list").With(ExitCode.Done);

        Assert.Equal(1, Builds);
        Assert.EndsWith("Sightline.Cli.dll model list", second.Out.Trim());
        Assert.Empty(second.Error);
    }

    [Fact]
    public void It_builds_when_a_source_changes_or_goes_and_not_when_it_comes_back()
    {
        Run().With(ExitCode.Done);
        Write("repo/src/Sightline.Cli/Program.cs", "return 1;");
        Run().With(ExitCode.Done);
        File.Delete(_folder.At("repo", "src", "Sightline.Cli", "Other.cs"));
        Run().With(ExitCode.Done);
        Assert.Equal(3, Builds);

        Write("repo/src/Sightline.Cli/Program.cs", "return 0;");
        Write("repo/src/Sightline.Cli/Other.cs", "// other");
        Run().With(ExitCode.Done);

        Assert.Equal(3, Builds);
    }

    [Fact]
    public void A_failed_build_says_why_and_leaves_nothing_to_run()
    {
        Write("broken", "");

        var failed = Run().With(ExitCode.Unexpected);

        Assert.Contains("error CS1002", failed.Error);
        Assert.Empty(failed.Out);
        File.Delete(_folder.At("broken"));
        Assert.Contains("ran ", Run().With(ExitCode.Done).Out);
        Assert.Equal(2, Builds);
    }

    [Fact]
    public void Two_at_once_build_once()
    {
        using var first = Process.Start(Start())!; // Null only where the shell runs it, which is off.
        var second = Cli.Execute(Start()).With(ExitCode.Done);

        Cli.Finish(first).With(ExitCode.Done);

        Assert.Contains("ran ", second.Out);
        Assert.SkipUnless(File.Exists("/usr/bin/flock"), "Without flock two builds at once are not kept apart.");
        Assert.Equal(1, Builds);
    }

    [Fact]
    public void Another_sdk_is_refused_with_the_remedy()
    {
        Write("sdks", "8.0.404 [/usr/share/dotnet/sdk]\n");

        var ended = Run().With(ExitCode.NotFound);

        Assert.Contains("needs the .NET 10 SDK", ended.Error);
        Assert.Contains("8.0.404", ended.Error);
        Assert.Equal(0, Builds);
    }

    [Fact]
    public void Without_a_home_folder_the_cache_serves_as_one()
    {
        var start = Start();
        start.Environment.Remove("HOME");
        start.Environment["SIGHTLINE_CACHE"] = _folder.At("cache");

        Cli.Execute(start).With(ExitCode.Done);

        Assert.Equal($"build HOME={_folder.At("cache", "home")}", File.ReadAllText(_folder.At("log")).Trim());
    }

    [Fact]
    public void It_can_be_called_from_any_folder_and_through_a_link()
    {
        File.CreateSymbolicLink(_folder.At("link"), _folder.At("repo", "sightline"));
        var start = Start();
        start.FileName = _folder.At("link");
        start.WorkingDirectory = "/";

        Assert.Contains("ran ", Cli.Execute(start).With(ExitCode.Done).Out);
    }

    private Ended Run(params string[] arguments) => Cli.Execute(Start(arguments));

    private ProcessStartInfo Start(params string[] arguments)
    {
        var start = Cli.Start(_folder.Path, _folder.At("repo", "sightline"), arguments);
        start.Environment["DOTNET_ROOT"] = _folder.At("fake");
        return start;
    }

    private void Write(string path, string content)
    {
        var file = _folder.At(path.Split('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content.ReplaceLineEndings("\n"));
    }
}
