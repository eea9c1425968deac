using Sightline.Models;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Models;

public sealed class ModelProfileTests
{
    public static TheoryData<string> Names { get; } = [.. ModelCatalog.All.Select(variant => variant.Name)];

    // For time, built in full only below 30 M parameters; larger members share the code of the smaller.
    public static TheoryData<string> BuiltNames { get; } =
        [.. ModelCatalog.All.Where(variant => variant.Parameters < 30_000_000).Select(variant => variant.Name)];

    public static TheoryData<string> GoldenNames { get; } =
        ["resnet18", "resnet50", "resnext50_32x4d", "densenet121", "efficientnet_b0", "efficientnet_v2_s", "mobilenet_v3_small", "convnext_tiny"];

    [Fact]
    public void Every_model_has_reference_numbers_and_every_row_a_model() =>
        Assert.Equal(ModelCatalog.All.Select(variant => variant.Name).Order(), ReferenceNumbers.All.Select(row => row.Name).Order());

    [Theory]
    [MemberData(nameof(Names))]
    public void Measured_and_stated_figures_equal_the_reference(string name)
    {
        var variant = ModelCatalog.Find(name);
        var expected = ReferenceNumbers.All.Single(row => row.Name == name);

        var profile = ModelProfile.Measure(variant);
        var ten = ModelProfile.Measure(variant, classes: 10);

        var measured = new ReferenceNumbers(
            name, variant.Top1, profile.Parameters, ten.Parameters, profile.ParameterTensors, profile.StateKeys, profile.Macs, profile.Activations,
            variant.Preprocessing.CropSize, variant.Preprocessing.ResizeSize);
        Assert.Equal(expected, measured);
        Assert.Equal((expected.Parameters, expected.StateKeys, expected.Macs), (variant.Parameters, variant.StateKeys, variant.Macs));
    }

    [Theory]
    [MemberData(nameof(BuiltNames))]
    public void Real_module_has_the_keys_and_shapes_of_the_measured_one(string name)
    {
        using var real = ModelCatalog.Find(name).Create(3);
        using var shapes = ModelCatalog.Find(name).Create(3, META);

        Assert.Equal(Describe(shapes), Describe(real));
    }

    // autograd's own count by saved_tensors_hooks in torch 1.13, batch 4 of 64 px; what we leave out are the norms' means and the loss.
    [Theory]
    [MemberData(nameof(GoldenNames))]
    public void Kept_bytes_equal_autograds_within_two_percent(string name)
    {
        var expected = GoldenFolder.Json(name + ".json")["keptBytes"]!.GetValue<long>();

        var profile = ModelProfile.Measure(ModelCatalog.Find(name), size: 64, classes: 10, batch: 4);

        Assert.InRange(profile.KeptBytes, 0.98 * expected, 1.02 * expected);
    }

    [Fact]
    public void Training_bytes_are_weights_gradients_state_kept_and_running()
    {
        var profile = ModelProfile.Measure(ModelCatalog.Find("resnet18"), batch: 2);

        var expected = profile.WeightBytes + (profile.Parameters * 4 * 3) + profile.KeptBytes + profile.WidestLayerBytes;
        Assert.Equal(expected, profile.TrainingBytes(optimizerValues: 2));
    }

    [Fact]
    public void Too_small_a_picture_is_refused_with_the_published_size()
    {
        var error = Assert.Throws<SettingsException>(() => ModelProfile.Measure(ModelCatalog.Find("densenet121"), size: 16));

        Assert.StartsWith("densenet121 cannot take pictures of 16 px: a layer would have no output (", error.Message);
        Assert.EndsWith("Use a larger size; its published one is 224 px.", error.Message);
    }

    [Fact]
    public void Batch_below_one_is_refused()
    {
        var error = Assert.Throws<SettingsException>(() => ModelProfile.Measure(ModelCatalog.Find("resnet18"), batch: 0));

        Assert.Equal("The batch is 0; it must be 1 to 1000000.", error.Message);
    }

    private static IEnumerable<string> Describe(nn.Module module) =>
        module.state_dict().Select(pair => $"{pair.Key} {pair.Value.dtype} [{string.Join(',', pair.Value.shape)}]").Order();
}
