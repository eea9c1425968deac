using System.Buffers.Binary;
using Xunit;

namespace Sightline.App.Tests;

/// <summary>Data and weights that cannot be used: a plain message, the exit code of the contract, nothing left behind.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Empty_folder()
    {
        Directory.CreateDirectory(_folder.At("data"));

        Refused("'data'");
    }

    [Fact]
    public void One_class()
    {
        TinyData.WriteClassFolders(_folder.At("data"));
        Directory.Delete(_folder.At("data", "dark"), recursive: true);

        Refused("one class only");
    }

    [Fact]
    public void All_files_corrupt()
    {
        foreach (var name in new[] { "one", "two" })
        {
            Directory.CreateDirectory(_folder.At("data", name));
            File.WriteAllBytes(_folder.At("data", name, "0.png"), []);
        }

        Refused("'data'");
    }

    [Fact]
    public void A_file_instead_of_a_folder()
    {
        File.WriteAllText(_folder.At("data"), "no folder");

        var ended = Training.Run(_folder.Path, "data");

        Assert.True(ended.ExitCode is (int)ExitCode.NotFound or (int)ExitCode.BadData, ended.Error);
        NothingLeft();
    }

    [Fact]
    public void Wrong_idx_header()
    {
        TinyData.WriteIdx(_folder.At("data"));
        var file = _folder.At("data", "train-images-idx3-ubyte");
        var bytes = File.ReadAllBytes(file);
        bytes[3] = 9;
        File.WriteAllBytes(file, bytes);

        Refused("train-images-idx3-ubyte");
    }

    [Fact]
    public void Idx_file_cut_short()
    {
        TinyData.WriteIdx(_folder.At("data"));
        using (var file = File.OpenWrite(_folder.At("data", "train-images-idx3-ubyte")))
        {
            file.SetLength(100);
        }

        Refused("train-images-idx3-ubyte");
    }

    [Fact]
    public void Damaged_files_are_listed_and_skipped()
    {
        TinyData.WriteClassFolders(_folder.At("data"));
        File.WriteAllBytes(_folder.At("data", "dark", "empty.png"), []);
        File.WriteAllBytes(_folder.At("data", "dark", "cut.bmp"), File.ReadAllBytes(_folder.At("data", "dark", "0.bmp"))[..100]);
        File.WriteAllText(_folder.At("data", "dark", "text.jpg"), "this is no picture");
        var bomb = File.ReadAllBytes(_folder.At("data", "dark", "0.bmp"));
        BinaryPrimitives.WriteInt32LittleEndian(bomb.AsSpan(18), 60_000);
        BinaryPrimitives.WriteInt32LittleEndian(bomb.AsSpan(22), 60_000);
        File.WriteAllBytes(_folder.At("data", "dark", "bomb.bmp"), bomb);

        var ended = Training.Run(_folder.Path, "data", "--epochs", "1").With(ExitCode.Done);

        foreach (var name in new[] { "empty.png", "cut.bmp", "text.jpg", "bomb.bmp" })
        {
            Assert.Contains($"dark/{name}: ", ended.Error);
        }
    }

    [Fact]
    public void A_class_with_one_picture_is_reported_and_trained_on()
    {
        TinyData.WriteClassFolders(_folder.At("data"));
        Directory.CreateDirectory(_folder.At("data", "grey"));
        TinyData.WriteBmp(_folder.At("data", "grey", "0.bmp"), 120);

        var ended = Training.Run(_folder.Path, "data", "--epochs", "1").With(ExitCode.Done);

        Assert.Contains("grey", ended.Error);
    }

    [Fact]
    public void Another_models_weights_are_refused_by_key()
    {
        TinyData.WriteClassFolders(_folder.At("data"));
        Training.Run(_folder.Path, "data", "--epochs", "1", "--name", "first").With(ExitCode.Done);
        var weights = _folder.At("runs", "first", "checkpoints", "best.safetensors");

        var ended = Cli.Run(_folder.Path, "train", "data", "--model", "resnet18_small", "--weights", weights, "--name", "second").With(ExitCode.BadData);

        Assert.Contains("missing", ended.Error);
        Assert.Contains("conv1.weight", ended.Error);
    }

    [Fact]
    public void Missing_weights_are_named()
    {
        TinyData.WriteClassFolders(_folder.At("data"));

        var ended = Training.Run(_folder.Path, "data", "--weights", "nowhere.pth").With(ExitCode.NotFound);

        Assert.Contains("nowhere.pth", ended.Error);
    }

    [Fact]
    public void A_precision_that_the_processor_does_not_compute_in_is_refused()
    {
        Assert.SkipUnless(File.Exists("/proc/cpuinfo"), "Needs Linux's list of processor features.");
        Assert.SkipWhen(File.ReadAllText("/proc/cpuinfo").Contains("fp16", StringComparison.Ordinal), "This processor computes in fp16.");
        TinyData.WriteClassFolders(_folder.At("data"));

        var ended = Training.Run(_folder.Path, "data", "--device", "cpu", "--set", "precision=fp16").With(ExitCode.Device);

        Assert.Contains("Precision is fp16, but this processor does not compute in it", ended.Error);
        NothingLeft();
    }

    [Fact]
    public void A_full_disk_ends_the_run_with_the_remedy_and_whole_files()
    {
        TinyData.WriteClassFolders(_folder.At("data"));
        Directory.CreateDirectory(_folder.At("runs"));
        Assert.SkipUnless(OperatingSystem.IsLinux() && Mount(), "The test mounts a small file system, which this user may not.");
        try
        {
            var ended = Training.Run(_folder.Path, "data", "--epochs", "1", "--name", "full").With(ExitCode.Unexpected);

            Assert.Contains("could not be written", ended.Error);
            Assert.Contains("sightline train resume", ended.Error);
            Assert.DoesNotContain("Unexpected error", ended.Error);
            Assert.Empty(Directory.GetFiles(_folder.At("runs", "full"), "*.tmp", SearchOption.AllDirectories));
        }
        finally
        {
            Start("umount", _folder.At("runs"));
        }
    }

    // Enough for the best weights (6 MB), not for the checkpoint after them (12 MB).
    private bool Mount() => Start("mount", "-t", "tmpfs", "-o", "size=10m", "none", _folder.At("runs"));

    private static bool Start(string program, params string[] arguments)
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

    private void Refused(string named)
    {
        var ended = Training.Run(_folder.Path, "data").With(ExitCode.BadData);

        Assert.Contains(named, ended.Error);
        Assert.Empty(ended.Out);
        NothingLeft();
    }

    private void NothingLeft() => Assert.False(Directory.Exists(_folder.At("runs")), "A run folder was left behind.");
}
