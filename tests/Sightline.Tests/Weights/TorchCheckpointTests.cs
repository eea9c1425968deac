using System.IO.Compression;
using System.Text;
using Sightline.Tests.Models;
using Sightline.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Weights;

/// <summary>Against files that torch 1.13 wrote (tests/golden/models.py), and hostile ones made here byte by byte.</summary>
public sealed class TorchCheckpointTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-pth-").FullName;

    private string FilePath => Path.Combine(_folder, "weights.pth");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Tensors_of_all_types_views_and_parameters_equal_torchs()
    {
        var expected = GoldenFolder.Json("tensors.json").AsObject();

        using var read = WeightsFile.Read(GoldenFolder.File("tensors.pth"));

        Assert.Equal(expected.Select(pair => pair.Key).Order(), read.Tensors.Keys.Order());
        foreach (var (key, row) in expected)
        {
            using var values = read.Tensors[key].to(float64);
            Assert.Equal(row!["shape"]!.AsArray().Select(side => side!.GetValue<long>()), values.shape);
            Assert.Equal(row["values"]!.AsArray().Select(value => value!.GetValue<double>()), values.numel() == 0 ? [] : values.data<double>().ToArray());
            Assert.True(read.Tensors[key].is_contiguous());
        }

        Assert.Equal([bfloat16, float16, torch.@bool], [read.Tensors["bfloat"].dtype, read.Tensors["half"].dtype, read.Tensors["bool"].dtype]);
    }

    [Theory]
    [InlineData("state.pth", null)]
    [InlineData("nested.pth", "state_dict")]
    public void State_dictionary_is_found_alone_and_nested_under_the_parallel_prefix(string file, string? part)
    {
        using var read = WeightsFile.Read(GoldenFolder.File(file));

        Assert.Equal(part, read.Part);
        Assert.Equal(
            ["0.bias", "0.weight", "1.bias", "1.num_batches_tracked", "1.running_mean", "1.running_var", "1.weight"],
            read.Tensors.Keys.Order(StringComparer.Ordinal));
        using var expected = FormulaWeights.Make("0.weight", [2, 3, 1, 1]);
        Assert.True(read.Tensors["0.weight"].HasValuesOf(expected));
    }

    [Theory]
    [InlineData("evil.pth", "posix.system")]
    [InlineData("function.pth", "posix.system")]
    [InlineData("module.pth", "torch.nn.modules.container.Sequential")]
    public void Anything_but_tensors_is_refused_by_its_full_name(string file, string name)
    {
        var path = GoldenFolder.File(file);

        var error = Assert.Throws<WeightsException>(() => WeightsFile.Read(path));

        Assert.Equal(
            $"'{path}' asks for '{name}', which is not part of a tensor file. Nothing in the file was run. " +
            "Take weights from a source you trust, saved as tensors only: torch.save(model.state_dict(), 'weights.pth').", error.Message);
    }

    [Theory]
    [InlineData("cos\nsystem\n(X\u0004\0\0\0echotR.", "os.system")] // GLOBAL, then REDUCE.
    [InlineData("c__builtin__\neval\n.", "__builtin__.eval")]
    [InlineData("\u008c\u0002os\u008c\u0006system\u0093.", "os.system")] // STACK_GLOBAL of protocol 4.
    [InlineData("ctorch._utils\n_rebuild_tensor_v3\n.", "torch._utils._rebuild_tensor_v3")]
    [InlineData("ccollections\nOrderedDict.__init__\n.", "collections.OrderedDict.__init__")]
    public void A_name_outside_the_list_is_refused_before_it_could_be_called(string program, string name)
    {
        WriteZip(program);

        var error = Assert.Throws<WeightsException>(() => WeightsFile.Read(FilePath));

        Assert.Contains($"asks for '{name}'", error.Message);
    }

    [Theory]
    [InlineData("(i__main__\nX\n.", "instruction 0x69")] // INST
    [InlineData("}\u0081.", "instruction 0x81")] // NEWOBJ
    [InlineData("R.", "cannot be read")] // Nothing to call.
    [InlineData("}(", "has the end at byte 4")]
    [InlineData("X\u00ff\u00ff\u00ff\u00ff.", "a length of 4294967295")]
    [InlineData("}.", "holds no state dictionary; it has the keys")]
    [InlineData("N.", "holds no state dictionary; it has no dictionary")]
    [InlineData("}(Na.", "cannot be read")] // A list operation on a dictionary's mark.
    [InlineData("ccollections\nOrderedDict\n(K\u0001tR.", "'collections.OrderedDict' called with arguments it does not take")]
    public void A_damaged_table_is_refused(string program, string expected)
    {
        WriteZip(program);

        var error = Assert.Throws<WeightsException>(() => WeightsFile.Read(FilePath));

        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData("K\u0000", "(K\u0005t", "(K\u0001t", "reaches element 4 of a storage of 4")]
    [InlineData("K\u0003", "(K\u0002t", "(K\u0001t", "reaches element 4 of a storage of 4")]
    [InlineData("K\u0000", "(K\u0002t", "(J\u00ff\u00ff\u00ff\u00fft", "reaches element -1 of a storage of 4")]
    [InlineData("K\u0000", "(K\u0002K\u0002t", "(K\u0001t", "has the shape [2, 2] and the strides [1]")]
    [InlineData("K\u0000", "(J\u00ff\u00ff\u00ff\u007ft", "(K\u0000t", "would bring the tensors to over")]
    [InlineData("K\u0000", "(J\u00ff\u00ff\u00ff\u00fft", "(K\u0001t", "has the shape [-1] and the strides [1]")]
    public void A_view_outside_its_storage_is_refused(string offset, string shape, string strides, string expected)
    {
        WriteZip(Table(offset, shape, strides), new byte[16]);

        var error = Assert.Throws<WeightsException>(() => WeightsFile.Read(FilePath));

        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_storage_of_another_length_than_stated_is_refused()
    {
        WriteZip(Table("K\0", "(K\u0002t", "(K\u0001t"), new byte[12]);

        var error = Assert.Throws<WeightsException>(() => WeightsFile.Read(FilePath));

        Assert.Equal($"'{FilePath}' is damaged: its entry 'archive/data/0' has 12 bytes where 4 elements of 4 are due.", error.Message);
    }

    [Fact]
    public void The_hand_made_table_is_sound_where_nothing_is_changed()
    {
        WriteZip(Table("K\u0001", "(K\u0002t", "(K\u0002t"), [.. new[] { 1f, 2f, 3f, 4f }.SelectMany(BitConverter.GetBytes)]);

        using var read = WeightsFile.Read(FilePath);

        Assert.Equal([2f, 4f], read.Tensors["w"].data<float>().ToArray());
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        Damage.CutEverywhere(File.ReadAllBytes(GoldenFolder.File("state.pth")), 0, 37, FilePath);
    }

    [Fact]
    public void A_changed_byte_gives_tensors_or_a_plain_message()
    {
        var refused = Damage.RefusedChanges(File.ReadAllBytes(GoldenFolder.File("tensors.pth")), 0, 3, FilePath);

        Assert.True(refused > 50, $"only {refused} changes were noticed");
    }

    [Fact]
    public void Another_zip_and_another_file_are_refused()
    {
        using (var zip = ZipFile.Open(FilePath, ZipArchiveMode.Create))
        {
            zip.CreateEntry("readme.txt");
        }

        var text = Path.Combine(_folder, "text.pth");
        File.WriteAllText(text, "not weights");

        Assert.Contains("has no data.pkl", Assert.Throws<WeightsException>(() => WeightsFile.Read(FilePath)).Message);
        Assert.Contains("is neither safetensors nor a PyTorch .pth file (it starts with 6E6F742077656967).",
            Assert.Throws<WeightsException>(() => WeightsFile.Read(text)).Message);
    }

    // {"w": _rebuild_tensor_v2(('storage', FloatStorage, '0', 'cpu', 4), offset, shape, strides, False, OrderedDict())}
    private static string Table(string offset, string shape, string strides) =>
        "}X\u0001\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\00X\u0003\0\0\0cpuK\u0004tQ" +
        offset + shape + strides + "\u0089ccollections\nOrderedDict\n)RtRs.";

    private void WriteZip(string program, byte[]? storage = null)
    {
        using var zip = ZipFile.Open(FilePath, ZipArchiveMode.Create);
        Add(zip, "archive/data.pkl", [0x80, 2, .. Encoding.Latin1.GetBytes(program)]);
        if (storage is not null)
        {
            Add(zip, "archive/data/0", storage);
        }
    }

    private static void Add(ZipArchive zip, string name, byte[] content)
    {
        using var stream = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
        stream.Write(content);
    }
}
