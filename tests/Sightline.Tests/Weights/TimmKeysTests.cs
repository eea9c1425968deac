using Sightline.Models;
using Sightline.Tests.Models;
using Sightline.Weights;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Weights;

/// <summary>Files with timm's names give what the same values give under torchvision's names. The two orders are the same, so pairs go by place.</summary>
public sealed class TimmKeysTests : IDisposable
{
    private const int Classes = 5;

    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-timm-").FullName;

    private string FilePath => Path.Combine(_folder, "model.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("efficientnet_b0")]
    [InlineData("mobilenet_v3_large")]
    [InlineData("mobilenet_v3_small")]
    [InlineData("convnext_tiny")]
    public void A_file_with_timms_names_gives_the_same_logits_as_one_with_torchvisions(string name)
    {
        using var scope = NewDisposeScope();
        using var ours = ModelCatalog.Find(name).Create(Classes);
        using var theirs = ModelCatalog.Find(name).Create(Classes);
        var values = ours.state_dict().ToDictionary(pair => pair.Key, pair => FormulaWeights.Make(pair.Key, pair.Value.shape));
        WeightsLoader.Load(ours, Set("torchvision", values));
        var names = TimmNames.Of(name, Classes);
        Assert.Equal(values.Count, names.Count);
        Safetensors.Write(FilePath, names.Zip(InOrder(ours)).ToDictionary(pair => pair.First.Key, pair => values[pair.Second].reshape(pair.First.Shape)));

        var report = WeightsLoader.Load(theirs, FilePath);

        // timm's plain models have norms with epsilon 1e-5 (BatchNorm2d's default; resolve_bn_args changes it for tf_ only).
        foreach (var norm in ours.modules().OfType<BatchNorm2d>())
        {
            norm.eps = 1e-5;
        }

        ours.eval();
        theirs.eval();
        using var grad = no_grad();
        var input = FormulaWeights.Make("input", [2, 3, 64, 64]);
        Assert.Equal(values.Count, report.LoadedKeys);
        var expected = ours.call(input);
        Assert.True(theirs.call(input).allclose(expected, 1e-4, 1e-5 * expected.abs().max().item<float>()), "The logits differ.");
    }

    [Theory]
    [InlineData("efficientnet_v2_s")]
    [InlineData("efficientnet_b0")]
    public void Every_name_of_timm_has_its_place(string name)
    {
        using var scope = NewDisposeScope();
        using var model = ModelCatalog.Find(name).Create(Classes, META);
        var state = model.state_dict();

        var map = TimmKeys.Map(state)!;

        Assert.Equal(TimmNames.Of(name, Classes).Select(pair => pair.Key).Order(StringComparer.Ordinal), map.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(state.Keys.Order(StringComparer.Ordinal), map.Values.Order(StringComparer.Ordinal));
        Assert.All(TimmNames.Of(name, Classes), pair => Assert.Equal(pair.Shape, state[map[pair.Key]].shape));
    }

    [Theory]
    [InlineData("tf_efficientnet_b0_aa-827b6e33.safetensors", "tf_efficientnet_b0_aa-827b6e33.safetensors")]
    [InlineData("models--timm--tf_efficientnet_b0.aa_in1k/model.safetensors", "tf_efficientnet_b0.aa_in1k")]
    public void A_tf_variant_is_refused_by_its_name(string file, string seen)
    {
        using var scope = NewDisposeScope();
        using var model = ModelCatalog.Find("efficientnet_b0").Create(Classes);
        var path = Path.Combine(_folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Safetensors.Write(path, TimmNames.Of("efficientnet_b0", Classes).ToDictionary(pair => pair.Key, pair => zeros(pair.Shape)));

        var error = Assert.Throws<WeightsException>(() => WeightsLoader.Load(model, path));

        Assert.Equal(
            $"'{path}' holds weights of '{seen}': timm's tf_ models pad as TensorFlow does and are not interchangeable with the plain ones; " +
            $"nothing was loaded. Take the weights of '{seen[3..]}' without tf_, or published ones of 'sightline model list'.", error.Message);
    }

    [Fact]
    public void Another_model_of_timm_is_refused_by_its_keys()
    {
        using var scope = NewDisposeScope();
        using var model = ModelCatalog.Find("mobilenet_v3_small").Create(Classes);
        Safetensors.Write(FilePath, TimmNames.Of("mobilenet_v3_large", Classes).ToDictionary(pair => pair.Key, pair => zeros(pair.Shape)));

        var error = Assert.Throws<WeightsException>(() => WeightsLoader.Load(model, FilePath));

        Assert.Contains("does not fit the model; nothing was loaded.", error.Message);
        Assert.Contains("unexpected: ", error.Message);
    }

    [Fact]
    public void Classes_are_counted_under_timms_names()
    {
        using var scope = NewDisposeScope();
        Safetensors.Write(FilePath, TimmNames.Of("convnext_tiny", 7).ToDictionary(pair => pair.Key, pair => zeros(pair.Shape)));
        using var weights = WeightsFile.Read(FilePath);

        Assert.Equal(7, WeightsLoader.CountClasses(ModelCatalog.Find("convnext_tiny"), weights));
    }

    // PyTorch's order: module by module, a norm's statistics behind its weights. TorchSharp lists all parameters before all buffers.
    private static IEnumerable<string> InOrder(nn.Module module)
    {
        string[] parts = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"];
        var owners = module.named_parameters().Select(pair => Owner(pair.name)).Distinct().ToList();
        return module.state_dict().Keys.OrderBy(key => owners.IndexOf(Owner(key))).ThenBy(key => Array.IndexOf(parts, key[(key.LastIndexOf('.') + 1)..]));

        static string Owner(string key) => key[..key.LastIndexOf('.')];
    }

    private static TensorSet Set(string path, Dictionary<string, Tensor> tensors) => new(path, tensors);
}
