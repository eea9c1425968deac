using Sightline.Models;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Models;

/// <summary>Starting weights against the distributions that torchvision 0.14.1's constructors draw from.</summary>
[Collection("Alone")] // LibTorch has one random state for all threads.
public sealed class InitialisationTests
{
    // Standard deviations: He normal over fan-out (ResNet, EfficientNet, MobileNet; groups not counted) or fan-in (DenseNet), 0.02
    // (ConvNeXt); uniform within b has b / sqrt 3. Each tensor has over 30,000 elements, so 3 % is four standard errors and more.
    [Theory]
    [InlineData("resnet18", "layer4.1.conv2.weight", 0.020833)] // sqrt(2 / (512 x 9))
    [InlineData("resnet18", "fc.weight", 0.025516)] // 1 / sqrt(512) / sqrt 3
    [InlineData("resnext50_32x4d", "layer4.0.conv2.weight", 0.014731)] // sqrt(2 / (1024 x 9))
    [InlineData("densenet121", "features.denseblock1.denselayer1.conv2.weight", 0.041667)] // sqrt(2 / (128 x 9))
    [InlineData("densenet121", "classifier.weight", 0.018042)] // 1 / sqrt(1024) / sqrt 3
    [InlineData("efficientnet_b0", "features.8.0.weight", 0.039528)] // sqrt(2 / 1280)
    [InlineData("efficientnet_b0", "classifier.1.weight", 0.057735)] // 1 / sqrt(100 classes) / sqrt 3
    [InlineData("mobilenet_v3_small", "classifier.0.weight", 0.01)]
    [InlineData("convnext_tiny", "features.7.0.block.3.weight", 0.02)]
    [InlineData("convnext_tiny", "features.5.0.block.0.weight", 0.02)]
    public void Weights_spread_as_torchvisions(string name, string key, double expected)
    {
        using var scope = NewDisposeScope();
        torch.manual_seed(3);
        using var model = ModelCatalog.Find(name).Create(100);

        var weight = model.state_dict()[key];

        Assert.InRange(weight.std().item<float>(), 0.97 * expected, 1.03 * expected);
        Assert.InRange(weight.mean().item<float>(), -0.05 * expected, 0.05 * expected);
    }

    [Fact]
    public void Norms_biases_and_scales_start_at_their_constants()
    {
        using var scope = NewDisposeScope();
        using var convnext = ModelCatalog.Find("convnext_tiny").Create(2);
        using var efficientnet = ModelCatalog.Find("efficientnet_b0").Create(2);

        Assert.All(convnext.state_dict().Where(pair => pair.Key.EndsWith("layer_scale", StringComparison.Ordinal)), pair => AssertAll(1e-6f, pair.Value));
        Assert.All(convnext.state_dict().Where(pair => pair.Key.EndsWith("bias", StringComparison.Ordinal)), pair => AssertAll(0, pair.Value));
        Assert.All(efficientnet.state_dict().Where(pair => pair.Key.EndsWith("bias", StringComparison.Ordinal)), pair => AssertAll(0, pair.Value));
        Assert.All(efficientnet.state_dict().Where(pair => pair.Key.EndsWith(".1.weight", StringComparison.Ordinal) && pair.Value.dim() == 1), pair => AssertAll(1, pair.Value));
    }

    [Fact]
    public void The_same_seed_gives_the_same_weights()
    {
        using var scope = NewDisposeScope();
        torch.manual_seed(5);
        using var first = ModelCatalog.Find("resnet10_small").Create(10);
        torch.manual_seed(5);
        using var second = ModelCatalog.Find("resnet10_small").Create(10);

        Assert.All(first.state_dict(), pair => Assert.Equal(0, (pair.Value - second.state_dict()[pair.Key]).abs().max().to(float32).item<float>()));
    }

    // Huang et al. 2016: kept rows are divided by the chance of being kept, so that the mean stays.
    [Fact]
    public void Stochastic_depth_drops_whole_rows_and_keeps_the_mean()
    {
        using var scope = NewDisposeScope();
        torch.manual_seed(1);
        using var depth = new StochasticDepth(0.25);

        var rows = depth.call(ones(4000, 2, 1, 1)).reshape(4000, 2);

        var kept = rows[TensorIndex.Colon, 0].ne(0).to(float32).mean().item<float>();
        Assert.InRange(kept, 0.72f, 0.78f);
        Assert.True(rows.eq(0).logical_or(rows.sub(4f / 3).abs().lt(1e-6)).all().item<bool>());
        Assert.True(rows[TensorIndex.Colon, 0].eq(rows[TensorIndex.Colon, 1]).all().item<bool>());
    }

    [Fact]
    public void Last_residual_branch_is_dropped_with_the_published_chance()
    {
        using var efficientnet = ModelCatalog.Find("efficientnet_b0").Create(2);
        using var convnext = ModelCatalog.Find("convnext_tiny").Create(2);

        // torchvision: 0.2 x 15 / 16 for the last of 16 blocks; 0.1 x 17 / 17 for the last of 18.
        Assert.Equal(0.1875, efficientnet.modules().OfType<StochasticDepth>().Max(depth => depth.Chance), 12);
        Assert.Equal(0.1, convnext.modules().OfType<StochasticDepth>().Max(depth => depth.Chance), 12);
    }

    private static void AssertAll(float expected, Tensor values) =>
        Assert.Equal((expected, expected), (values.min().item<float>(), values.max().item<float>()));
}
