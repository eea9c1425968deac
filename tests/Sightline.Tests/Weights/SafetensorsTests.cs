using System.Text;
using Sightline.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Weights;

public sealed class SafetensorsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-safetensors-").FullName;

    private string FilePath => Path.Combine(_folder, "weights.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<ScalarType> Types { get; } =
        [float64, float32, float16, bfloat16, int64, int32, int16, int8, uint8, torch.@bool];

    [Theory]
    [MemberData(nameof(Types))]
    public void Written_tensors_read_back_equal(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var tensor = torch.tensor(new[] { 0f, 1f, 3f, 100f, 7f, 1f }, [2, 3]).to(type);

        Safetensors.Write(FilePath, new Dictionary<string, Tensor> { ["a.b"] = tensor }, new Dictionary<string, string> { ["epoch"] = "3 \"x\"" });
        using var read = Safetensors.Read(FilePath);

        Assert.Equal(type, read.Tensors["a.b"].dtype);
        Assert.True(read.Tensors["a.b"].HasValuesOf(tensor));
        Assert.Equal("3 \"x\"", read.Metadata["epoch"]);
    }

    [Fact]
    public void Tensors_of_other_strides_scalars_and_empty_ones_read_back_equal()
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>
        {
            ["channelsLast"] = arange(24, float32).reshape(1, 2, 3, 4).permute(0, 3, 1, 2),
            ["scalar"] = torch.tensor(5L),
            ["empty"] = zeros(0, 3),
        };

        Safetensors.Write(FilePath, tensors);
        using var read = Safetensors.Read(FilePath);

        Assert.All(tensors, pair => Assert.True(read.Tensors[pair.Key].HasValuesOf(pair.Value)));
        Assert.Equal([0, 3], read.Tensors["empty"].shape);
        Assert.Empty(read.Tensors["scalar"].shape);
    }

    // Spelled out by hand from the format's description (huggingface/safetensors, README "Format"): length, JSON, data; here with wide
    // types first and the header padded to 8 bytes, so that every tensor is aligned.
    [Fact]
    public void Layout_is_the_formats()
    {
        using var scope = NewDisposeScope();

        Safetensors.Write(
            FilePath,
            new Dictionary<string, Tensor> { ["a"] = torch.tensor(new[] { 1f, 2f }), ["b"] = torch.tensor(new[] { 9L }) },
            new Dictionary<string, string> { ["k"] = "v" });

        const string header = """{"__metadata__":{"k":"v"},"b":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""";
        var padded = header.PadRight((header.Length + 7) / 8 * 8);
        byte[] expected = [.. BitConverter.GetBytes((long)padded.Length), .. Encoding.UTF8.GetBytes(padded),
            .. BitConverter.GetBytes(9L), .. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(2f)];
        Assert.Equal(expected, File.ReadAllBytes(FilePath));
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused_and_leaves_no_tensor()
    {
        using var scope = NewDisposeScope();
        Safetensors.Write(FilePath, new Dictionary<string, Tensor> { ["a"] = ones(4), ["b"] = ones(3) });
        var whole = File.ReadAllBytes(FilePath);
        var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            var error = Assert.Throws<WeightsException>(() => WeightsFile.Read(FilePath));
            Assert.Contains(FilePath, error.Message);
        }

        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "is cut short: its tensors need 8 bytes of data and 4 are there")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, "has 1 bytes behind its last tensor")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "tensor 'a' is F32 [3] and has 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "tensor 'a' has the data offsets [8, 0]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2,-1],"data_offsets":[0,8]}}""", 8, "tensor 'a' is F32 [-2, -1] and has 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}""", 8, "and has 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "tensor 'a' starts at byte 4 of the data where 0 is due")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "tensor 'b' starts at byte 4 of the data where 8 is due")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", 16, "tensor 'a' occurs twice")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}""", 8, "tensor 'a' is F8_E4M3; F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL can be read")]
    [InlineData("""{"a":[1]}""", 8, "has a safetensors header that cannot be used")]
    [InlineData("""{"a":{"dtype":"F32","shape":"x","data_offsets":[0,8]}}""", 8, "has a safetensors header that cannot be used")]
    [InlineData("""{"a" """, 8, "has a safetensors header that cannot be used")]
    public void A_header_that_lies_is_refused(string header, int dataBytes, string expected)
    {
        File.WriteAllBytes(FilePath, [.. BitConverter.GetBytes((long)header.Length), .. Encoding.UTF8.GetBytes(header), .. new byte[dataBytes]]);

        var error = Assert.Throws<WeightsException>(() => WeightsFile.Read(FilePath));

        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_not_found()
    {
        var error = Assert.Throws<NotFoundException>(() => WeightsFile.Read(FilePath));

        Assert.Equal($"There is no file '{FilePath}'. Check the path.", error.Message);
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file()
    {
        using var scope = NewDisposeScope();
        Safetensors.Write(FilePath, new Dictionary<string, Tensor> { ["a"] = ones(1) });
        var before = File.ReadAllBytes(FilePath);

        Assert.Throws<WeightsException>(() => Safetensors.Write(FilePath, new Dictionary<string, Tensor> { ["a"] = ones(1, complex64) }));

        Assert.Equal(before, File.ReadAllBytes(FilePath));
        Assert.Single(Directory.GetFiles(_folder));
    }
}
