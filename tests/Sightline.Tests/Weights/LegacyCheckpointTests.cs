using System.Text;
using Sightline.Tests.Models;
using Sightline.Weights;
using TorchSharp;
using Xunit;

namespace Sightline.Tests.Weights;

/// <summary>Against a file that torch 1.13 wrote in the old form (tests/golden/models.py), and hostile ones.</summary>
public sealed class LegacyCheckpointTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-old-").FullName;

    private string FilePath => Path.Combine(_folder, "weights.pth");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_old_form_holds_what_the_new_one_holds()
    {
        using var old = WeightsFile.Read(GoldenFolder.File("legacy.pth"));
        using var expected = WeightsFile.Read(GoldenFolder.File("state.pth"));

        Assert.Equal(expected.Tensors.Keys.Order(), old.Tensors.Keys.Order());
        Assert.All(expected.Tensors, pair => Assert.True(old.Tensors[pair.Key].HasValuesOf(pair.Value), pair.Key));
    }

    // The published DenseNet files are of PyTorch 0.3, whose tensors were rebuilt by this name.
    [Fact]
    public void Tensors_of_before_0_4_are_read()
    {
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(GoldenFolder.File("legacy.pth")));
        File.WriteAllBytes(FilePath, Encoding.Latin1.GetBytes(text.Replace("_rebuild_tensor_v2\n", "_rebuild_tensor\n")));

        using var old = WeightsFile.Read(FilePath);

        using var expected = FormulaWeights.Make("0.weight", [2, 3, 1, 1]);
        Assert.True(old.Tensors["0.weight"].HasValuesOf(expected));
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        Damage.CutEverywhere(File.ReadAllBytes(GoldenFolder.File("legacy.pth")), 2, 23, FilePath);
    }

    [Fact]
    public void A_changed_byte_gives_tensors_or_a_plain_message()
    {
        var refused = Damage.RefusedChanges(File.ReadAllBytes(GoldenFolder.File("legacy.pth")), 2, 2, FilePath);

        Assert.True(refused > 50, $"only {refused} changes were noticed");
    }

    [Theory]
    [InlineData("cos\nsystem\n(X\u0004\0\0\0echotR.", "asks for 'os.system', which is not part of a tensor file. Nothing in the file was run.")]
    [InlineData("K\u0001.", "is a Python pickle and no PyTorch file.")]
    public void A_pickle_of_anything_else_is_refused(string program, string expected)
    {
        File.WriteAllBytes(FilePath, [0x80, 2, .. Encoding.Latin1.GetBytes(program)]);

        var error = Assert.Throws<WeightsException>(() => WeightsFile.Read(FilePath));

        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_storage_longer_than_the_file_is_refused_before_it_is_allocated()
    {
        var whole = File.ReadAllBytes(GoldenFolder.File("legacy.pth"));
        File.WriteAllBytes(FilePath, whole[..^3]);

        var error = Assert.Throws<WeightsException>(() => WeightsFile.Read(FilePath));

        Assert.Contains("is cut short: it ends within storage", error.Message);
    }
}
