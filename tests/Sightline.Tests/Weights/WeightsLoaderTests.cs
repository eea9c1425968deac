using System.Text.RegularExpressions;
using Sightline.Models;
using Sightline.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Weights;

public sealed class WeightsLoaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-loader-").FullName;

    private string FilePath => Path.Combine(_folder, "weights.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_models_own_weights_load_into_another_instance()
    {
        using var scope = NewDisposeScope();
        using var from = Model(10);
        using var to = Model(10);
        Safetensors.Write(FilePath, from.state_dict());

        var report = WeightsLoader.Load(to, FilePath);

        Assert.Equal((74, 10), (report.LoadedKeys, report.FileClasses));
        Assert.Empty(report.ReplacedKeys);
        Assert.Null(report.Message);
        Assert.All(from.state_dict(), pair => Assert.True(to.state_dict()[pair.Key].HasValuesOf(pair.Value)));
    }

    [Fact]
    public void Missing_unexpected_and_misshapen_keys_are_named_in_one_message_and_nothing_is_loaded()
    {
        using var scope = NewDisposeScope();
        using var model = Model(10);
        var state = Copy(model);
        state.Remove("bn1.bias");
        state["extra.weight"] = ones(1);
        state["bn1.weight"] = ones(1); // Would broadcast to 16.
        state["fc.bias"] = zeros(10, int64);
        Safetensors.Write(FilePath, state);
        var before = Copy(model);

        var error = Assert.Throws<WeightsException>(() => WeightsLoader.Load(model, FilePath, new WeightsOptions { ReplaceHead = true }));

        Assert.Equal(
            $"'{FilePath}' does not fit the model; nothing was loaded. 1 missing: bn1.bias. 1 unexpected: extra.weight. " +
            "2 of another shape or type: bn1.weight (Float32 [1]; the model has Float32 [16]), fc.bias (Int64 [10]; the model has Float32 [10]). " +
            "Choose the model that the file was saved from.", error.Message);
        Assert.All(before, pair => Assert.True(model.state_dict()[pair.Key].HasValuesOf(pair.Value)));
    }

    [Fact]
    public void Another_class_count_is_refused_unless_a_new_head_is_asked_for()
    {
        using var scope = NewDisposeScope();
        using var from = Model(7);
        using var to = Model(10);
        Safetensors.Write(FilePath, from.state_dict());
        var head = to.state_dict()["fc.weight"].clone();

        var error = Assert.Throws<WeightsException>(() => WeightsLoader.Load(to, FilePath));
        var report = WeightsLoader.Load(to, FilePath, new WeightsOptions { ReplaceHead = true });

        Assert.EndsWith("Only the number of classes differs: ask for a new head to keep the rest (transfer learning).", error.Message);
        Assert.Equal((72, 7), (report.LoadedKeys, report.FileClasses));
        Assert.Equal(["fc.weight", "fc.bias"], report.ReplacedKeys);
        Assert.Equal("The weights are for 7 classes; fc.weight and fc.bias start new, the other 72 tensors were loaded.", report.Message);
        Assert.True(to.state_dict()["fc.weight"].HasValuesOf(head));
        Assert.True(to.state_dict()["conv1.weight"].HasValuesOf(from.state_dict()["conv1.weight"]));
    }

    [Fact]
    public void The_batch_counters_may_be_missing_and_half_precision_is_widened()
    {
        using var scope = NewDisposeScope();
        using var model = Model(10);
        var state = Copy(model).Where(pair => !pair.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key, pair => pair.Value.to(float16));
        Safetensors.Write(FilePath, state);

        var report = WeightsLoader.Load(model, FilePath);

        Assert.Equal(62, report.LoadedKeys);
        Assert.Equal(float32, model.state_dict()["fc.weight"].dtype);
    }

    [Fact]
    public void DenseNets_published_keys_are_understood()
    {
        using var scope = NewDisposeScope();
        using var from = ModelCatalog.Find("densenet121").Create(2);
        using var to = ModelCatalog.Find("densenet121").Create(2);
        var published = from.state_dict().Where(pair => !pair.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal))
            .ToDictionary(pair => Regex.Replace(pair.Key, @"(denselayer\d+\.(?:norm|conv))(\d)", "$1.$2"), pair => pair.Value);
        Safetensors.Write(FilePath, published);

        WeightsLoader.Load(to, FilePath);

        Assert.Contains("features.denseblock1.denselayer1.norm.1.weight", published.Keys);
        const string key = "features.denseblock4.denselayer16.conv2.weight";
        Assert.True(to.state_dict()[key].HasValuesOf(from.state_dict()[key]));
    }

    [Theory]
    [InlineData("resnet10_small")]
    [InlineData("mobilenet_v3_small")]
    public void Classes_are_counted_from_the_head(string name)
    {
        using var scope = NewDisposeScope();
        using var model = ModelCatalog.Find(name).Create(17);
        Safetensors.Write(FilePath, model.state_dict());
        using var weights = WeightsFile.Read(FilePath);

        Assert.Equal(17, WeightsLoader.CountClasses(ModelCatalog.Find(name), weights));
        Assert.Throws<WeightsException>(() => WeightsLoader.CountClasses(ModelCatalog.Find("convnext_tiny"), weights));
    }

    [Fact]
    public void Loading_keeps_the_channels_last_order_of_the_modules_weights()
    {
        using var scope = NewDisposeScope();
        using var from = Model(3);
        using var to = Model(3);
        var weight = ((TorchSharp.Modules.Conv2d)to.named_children().First().module).weight;
        using (no_grad())
        {
            weight.set_(weight.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2));
        }

        Safetensors.Write(FilePath, from.state_dict());
        var strides = weight.stride();

        WeightsLoader.Load(to, FilePath);

        Assert.Equal(strides, weight.stride());
        Assert.True(weight.HasValuesOf(from.state_dict()["conv1.weight"]));
    }

    [Fact]
    public void Values_that_are_not_numbers_are_refused_by_key_and_nothing_is_loaded()
    {
        using var scope = NewDisposeScope();
        using var model = Model(10);
        var state = Copy(model);
        state["layer1.0.conv1.weight"].view(-1)[7] = float.NaN;
        state["fc.bias"][3] = float.PositiveInfinity;
        Safetensors.Write(FilePath, state);
        var before = Copy(model);

        var error = Assert.Throws<WeightsException>(() => WeightsLoader.Load(model, FilePath));

        Assert.Equal(
            $"'{FilePath}' holds values that are not numbers (NaN or infinity); nothing was loaded. 2 with such values: fc.bias, layer1.0.conv1.weight. " +
            "The run that wrote them diverged, or the file is damaged: take an earlier checkpoint, or copy it again.", error.Message);
        Assert.Equal(ExitCode.BadData, error.ExitCode);
        Assert.All(before, pair => Assert.True(model.state_dict()[pair.Key].HasValuesOf(pair.Value)));
    }

    private static nn.Module<Tensor, Tensor> Model(int classes) => ModelCatalog.Find("resnet10_small").Create(classes);

    private static Dictionary<string, Tensor> Copy(nn.Module model) =>
        model.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone());
}
