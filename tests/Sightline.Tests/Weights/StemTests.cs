using Sightline.Models;
using Sightline.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Weights;

public sealed class StemTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-stem-").FullName;

    private string FilePath => Path.Combine(_folder, "weights.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // timm/models/_manipulate.py, adapt_input_conv: one channel is the sum; else repeated, cut, times 3 / channels.
    [Fact]
    public void Kernels_are_carried_over_as_timm_does()
    {
        using var scope = NewDisposeScope();
        var weight = tensor(new float[] { 1, 2, 4, 10, 20, 40 }).reshape(2, 3, 1, 1);

        Assert.Equal([7f, 70f], Stem.Adapt(weight, 1).data<float>().ToArray());
        Assert.Equal([0.75f, 1.5f, 3f, 0.75f, 7.5f, 15f, 30f, 7.5f], Stem.Adapt(weight, 4).contiguous().data<float>().ToArray());
        Assert.Equal([1.5f, 3f, 15f, 30f], Stem.Adapt(weight, 2).contiguous().data<float>().ToArray());
    }

    [Theory]
    [InlineData("resnet18")]
    [InlineData("densenet121")]
    [InlineData("efficientnet_b0")]
    [InlineData("mobilenet_v3_small")]
    [InlineData("convnext_tiny")]
    public void A_grey_model_answers_as_the_colour_one_does_to_the_same_grey_picture(string name)
    {
        using var scope = NewDisposeScope();
        using var colour = ModelCatalog.Find(name).Create(4);
        using var grey = ModelCatalog.Find(name).Create(4, channels: 1);
        Safetensors.Write(FilePath, colour.state_dict());
        Assert.Contains("1 of another shape or type", Assert.Throws<WeightsException>(() => WeightsLoader.Load(grey, FilePath)).Message);

        var report = WeightsLoader.Load(grey, FilePath, new WeightsOptions { AdaptStem = true });

        colour.eval();
        grey.eval();
        using var grad = no_grad();
        var picture = randn(2, 1, 32, 32);
        Assert.Equal(3, report.FileChannels);
        Assert.Equal("The weights are for 3 input channels; the first convolution was carried over.", report.Message);
        Assert.True(grey.call(picture).allclose(colour.call(picture.expand(2, 3, 32, 32)), 1e-3, 1e-4));
    }

    [Fact]
    public void Weights_of_grey_pictures_load_into_a_colour_model()
    {
        using var scope = NewDisposeScope();
        using var grey = ModelCatalog.Find("resnet10_small").Create(4, channels: 1);
        using var colour = ModelCatalog.Find("resnet10_small").Create(4);
        Safetensors.Write(FilePath, grey.state_dict());
        using var file = WeightsFile.Read(FilePath);

        WeightsLoader.Load(colour, file, new WeightsOptions { AdaptStem = true });

        colour.eval();
        grey.eval();
        using var grad = no_grad();
        var picture = randn(2, 1, 32, 32);
        Assert.Equal(1, WeightsLoader.CountChannels(ModelCatalog.Find("resnet10_small"), file));
        Assert.True(colour.call(picture.expand(2, 3, 32, 32)).allclose(grey.call(picture), 1e-3, 1e-4));
    }
}
