using Sightline.Tests.Models;
using Sightline.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Weights;

/// <summary>Against files that numpy wrote (tests/golden/models.py).</summary>
public sealed class NumpyFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-npy-").FullName;

    private string FilePath => Path.Combine(_folder, "array.npy");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Float_and_integer_arrays_read_as_numpys()
    {
        using var scope = NewDisposeScope();

        var floats = NumpyFile.Read(GoldenFolder.File("float.npy"));
        var integers = NumpyFile.Read(GoldenFolder.File("long.npy"));
        var columns = NumpyFile.Read(GoldenFolder.File("fortran.npy"));

        Assert.Equal([2, 3, 4], floats.shape);
        Assert.Equal(FormulaWeights.Uniform("npy", 24).Select(value => (float)value), floats.data<float>().ToArray());
        Assert.Equal([1, -2, 1L << 40], integers.data<long>().ToArray());
        Assert.Equal([2, 3], columns.shape);
        Assert.Equal([0f, 1, 2, 3, 4, 5], columns.data<float>().ToArray());
    }

    [Theory]
    [InlineData("float.npy")]
    [InlineData("long.npy")]
    public void Written_files_equal_numpys_byte_for_byte(string name)
    {
        using var scope = NewDisposeScope();

        NumpyFile.Write(FilePath, NumpyFile.Read(GoldenFolder.File(name)));

        Assert.Equal(File.ReadAllBytes(GoldenFolder.File(name)), File.ReadAllBytes(FilePath));
    }

    [Fact]
    public void A_scalar_reads_back()
    {
        using var scope = NewDisposeScope();

        NumpyFile.Write(FilePath, torch.tensor(2.5f));

        Assert.Equal(2.5f, NumpyFile.Read(FilePath).item<float>());
    }

    [Fact]
    public void Double_arrays_read_as_numpys()
    {
        using var scope = NewDisposeScope();

        var doubles = NumpyFile.Read(GoldenFolder.File("double.npy"));

        Assert.Equal([0.5, 1.5], doubles.data<double>().ToArray());
    }

    [Fact]
    public void Half_and_bool_arrays_read_as_the_format_says()
    {
        using var scope = NewDisposeScope();
        WriteByHand("<f2", 0x00, 0x3C, 0x00, 0xC0);

        Assert.Equal([1f, -2f], NumpyFile.Read(FilePath).to(ScalarType.Float32).data<float>().ToArray());

        WriteByHand("|b1", 1, 0);

        Assert.Equal([true, false], NumpyFile.Read(FilePath).data<bool>().ToArray());
    }

    [Fact]
    public void Other_element_types_are_refused_by_name()
    {
        var error = Assert.Throws<WeightsException>(() => NumpyFile.Read(GoldenFolder.File("object.npy")));

        Assert.Contains("'|O'; '<f2', '<f4' and '<f8' (floats), '<i8' (int64) and '|b1' (bool) can be read", error.Message);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        var whole = File.ReadAllBytes(GoldenFolder.File("float.npy"));

        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            Assert.Throws<WeightsException>(() => NumpyFile.Read(FilePath));
        }
    }

    // Version 1.0 of the format: magic, version, length of the header, header, two elements.
    private void WriteByHand(string type, params byte[] elements)
    {
        var header = System.Text.Encoding.ASCII.GetBytes($"{{'descr': '{type}', 'fortran_order': False, 'shape': (2,), }}\n");
        File.WriteAllBytes(FilePath, [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header, .. elements]);
    }
}
