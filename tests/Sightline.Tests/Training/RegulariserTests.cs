using Sightline.Data;
using Sightline.Models;
using Sightline.Training;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Training;

[Collection("Alone")]
public sealed class RegulariserTests
{
    [Fact]
    public void Drop_block_masks_equal_torchvision()
    {
        using var scope = NewDisposeScope();
        var golden = GoldenJson.Read("drop_block");
        var centres = tensor(golden.GetProperty("centres").Values().Select(value => (float)value).ToArray()).reshape(2, 3, 7, 5);

        var mask = DropBlock.Mask(centres, 3).flatten().data<float>().ToArray();

        Assert.Equal(golden.GetProperty("rate").GetDouble(), DropBlock.Rate([2, 3, 9, 7], 0.2, 3), 1e-12);
        Assert.Contains(0f, mask);
        Assert.All(golden.GetProperty("mask").Values(), (value, i) => Assert.Equal(value, mask[i], 1e-5)); // torchvision adds its epsilon in float32.
    }

    [Fact]
    public void Drop_block_zeroes_the_wanted_share_in_training_alone_and_leaks_nothing()
    {
        using var layer = new DropBlock { Chance = 0.1, Side = 7 };
        using var x = ones(16, 32, 14, 14).DetachFromDisposeScope();
        manual_seed(1);
        var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        var y = layer.call(x);

        Assert.Same(x, y);
        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        using var scope = NewDisposeScope();
        Assert.Equal(0.1, y.eq(0).to(ScalarType.Float32).mean().item<float>(), 0.03); // Squares overlap: a little less than asked.
        Assert.Equal(1, y.mean().item<float>(), 1e-4);
        layer.eval();
        using var plain = ones(1, 1, 4, 4);
        Assert.Equal(16, layer.call(plain).sum().item<float>());
        layer.train();
        Assert.Equal(new long[] { 1, 1, 4, 4 }, layer.call(ones(1, 1, 4, 4)).shape); // Smaller than the square.
    }

    [Fact]
    public void Settings_reach_the_layers_and_drop_block_rises_with_the_step()
    {
        using var efficientnet = ModelCatalog.Find("efficientnet_b0").Create(3);
        using var resnet = ModelCatalog.Find("resnet18_small").Create(3);

        _ = new Regulariser(efficientnet, Options(new RegularisationOptions { Dropout = 0.35, StochasticDepth = 0.3 }));
        var regulariser = new Regulariser(resnet, Options(new RegularisationOptions { DropBlock = 0.2, DropBlockSide = 3, StochasticDepth = 0.14 }));
        regulariser.At(25, 100);

        Assert.All(efficientnet.modules().OfType<Dropout>(), layer => Assert.Equal(0.35, layer.p));
        var chances = efficientnet.modules().OfType<StochasticDepth>().Select(layer => layer.Chance).ToList();
        Assert.Equal((0.0, 0.3), (chances[0], chances[^1]));
        Assert.Equal(chances.Order(), chances);
        Assert.Equal([0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.14], resnet.modules().OfType<StochasticDepth>().Select(layer => Math.Round(layer.Chance, 9)));
        Assert.Equal([0, 0, 0, 0, 0.05, 0.05, 0.05, 0.05], resnet.modules().OfType<DropBlock>().Select(layer => layer.Chance));
        Assert.All(resnet.modules().OfType<DropBlock>().Skip(4), layer => Assert.Equal(3, layer.Side));
    }

    [Fact]
    public void Nothing_set_leaves_the_models_own()
    {
        using var model = ModelCatalog.Find("efficientnet_b0").Create(3);
        var before = model.modules().OfType<StochasticDepth>().Select(layer => layer.Chance).ToList();

        var regulariser = new Regulariser(model, Options(new RegularisationOptions()));

        Assert.Equal(before, model.modules().OfType<StochasticDepth>().Select(layer => layer.Chance));
        Assert.All(model.modules().OfType<Dropout>(), layer => Assert.Equal(0.2, layer.p));
        Assert.Equal(224, regulariser.Size(0, 10));
    }

    [Theory]
    [InlineData(224, 128, 0.8, new[] { 128, 128, 160, 160, 192, 192, 192, 224, 224, 224 })]
    [InlineData(28, 16, 0.5, new[] { 16, 20, 20, 24, 24, 28, 28, 28, 28, 28 })]
    public void Size_grows_to_the_full_one(int full, int start, double fullAt, int[] expected)
    {
        using var model = nn.Sequential(nn.Flatten());
        var options = new TrainOptions { Size = full, Regularisation = new RegularisationOptions { StartSize = start, FullSizeAt = fullAt } };

        var regulariser = new Regulariser(model, options);

        Assert.Equal(expected, Enumerable.Range(0, 10).Select(epoch => regulariser.Size(epoch, 10)));
    }

    [Theory]
    [InlineData("resnet18_light")]
    [InlineData("densenet121")]
    [InlineData("efficientnet_b0")]
    [InlineData("mobilenet_v3_small")]
    [InlineData("convnext_tiny")]
    public void Every_family_has_dropout_before_its_head_and_the_same_keys(string name)
    {
        using var scope = NewDisposeScope();
        using var model = ModelCatalog.Find(name).Create(3);
        using var own = ModelCatalog.Find(name).Create(3);
        _ = new Regulariser(model, Options(new RegularisationOptions { Dropout = 0.9 }));
        Regulariser.Check(ModelCatalog.Find(name), new RegularisationOptions { Dropout = 0.9 }, 64);

        Assert.Equal(0.9, Assert.Single(model.modules().OfType<Dropout>()).p);
        Assert.Equal(own.state_dict().Keys, model.state_dict().Keys);
        var head = model.modules().OfType<Sequential>().Append((Sequential)model).First(parts => parts.children().Any(child => child is Dropout)).children().ToList();
        Assert.IsType<Dropout>(head[^2]);
        Assert.IsType<Linear>(head[^1]);
    }

    [Fact]
    public void What_a_model_lacks_is_refused()
    {
        Assert.Equal(
            "The model densenet121 has no residual branches to leave out. Pass --set regularisation.stochasticDepth=null, or choose another --model.",
            Refusal("densenet121", new RegularisationOptions { StochasticDepth = 0.1 }));
        Assert.Equal(
            "The model convnext_tiny has no drop block. Pass --set regularisation.dropBlock=0, or choose another --model.",
            Refusal("convnext_tiny", new RegularisationOptions { DropBlock = 0.1 }));
        Assert.StartsWith("StartSize is 224 and the input has 224 pixels;", Refusal("resnet18", new RegularisationOptions { StartSize = 224 }));
        Regulariser.Check(ModelCatalog.Find("resnet18"), new RegularisationOptions { StochasticDepth = 0.1, DropBlock = 0.1, StartSize = 128 }, 224);
    }

    [Fact]
    public void Values_out_of_range_are_told()
    {
        Assert.Single(new RegularisationOptions { Dropout = 1 }.Check());
        Assert.Single(new RegularisationOptions { DropBlockSide = 4 }.Check());
        Assert.Single(new RegularisationOptions { FullSizeAt = 0 }.Check());
        Assert.StartsWith(
            "Balanced sampling and BalanceClasses correct the same thing twice.",
            Assert.Single(new TrainOptions { Sampling = Sampling.Balanced, BalanceClasses = true }.Check()));
        Assert.StartsWith(
            "Progressive resizing and a teacher do not go together",
            Assert.Single(new TrainOptions { Regularisation = new RegularisationOptions { StartSize = 64 }, Distill = new DistillOptions { Run = "x" } }.Check()));
        Assert.Single(new TrainOptions { BatchSize = 10, Repeats = 4 }.Check());
    }

    private static string Refusal(string model, RegularisationOptions options) =>
        Assert.Throws<SettingsException>(() => Regulariser.Check(ModelCatalog.Find(model), options, 224)).Message;

    private static TrainOptions Options(RegularisationOptions regularisation) => new() { Size = 224, Regularisation = regularisation };
}
