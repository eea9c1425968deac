using Sightline.Data;
using Sightline.Inference;
using Sightline.Models;
using Sightline.Native;
using Sightline.Training;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Inference;

[Collection("Alone")]
public sealed class ModelInputTests
{
    private static readonly Preprocessing Sound = new() { CropSize = 8, ResizeSize = 8 };

    public ModelInputTests() => NativeRuntime.EnsureLoaded();

    // Pictures are bytes: NaN can come into the input through these six numbers only.
    [Theory]
    [InlineData(float.NaN, 0.2f, "[NaN, 0.5, 0.5] and its std [0.2, 0.2, 0.2]")]
    [InlineData(0.5f, 0f, "[0.5, 0.5, 0.5] and its std [0, 0.2, 0.2]")]
    [InlineData(0.5f, float.PositiveInfinity, "[0.5, 0.5, 0.5] and its std [Infinity, 0.2, 0.2]")]
    public void A_preprocessing_that_would_make_the_input_NaN_is_refused(float mean, float deviation, string seen)
    {
        var preprocessing = Sound with { Mean = [mean, 0.5f, 0.5f], Std = [deviation, 0.2f, 0.2f] };

        var error = Assert.Throws<DataException>(() => new ModelInput(preprocessing, CPU));

        Assert.Equal(
            $"The preprocessing's mean is {seen}; three finite means and three deviations from 0.000001 to 1000000 are needed, or the model's input is not a number. " +
            "Mend 'preprocessing' in the run's run.json.", error.Message);
    }

    [Theory]
    [InlineData("resnet10_small", MemoryLayout.Nhwc)]
    [InlineData("resnet10_small", MemoryLayout.Nchw)]
    [InlineData("mobilenet_v3_small", MemoryLayout.Nhwc)]
    public void Gradients_lie_as_the_weights_and_the_weights_as_the_input(string name, MemoryLayout layout)
    {
        Assert.SkipUnless(Operators.IsAvailable, "This build of LibTorch has no operators that can be reached.");
        set_num_threads(1);
        using var scope = NewDisposeScope();
        using var model = ModelCatalog.Find(name).Create(3);
        ModelInput.MatchLayout(model, layout);
        using var input = ModelInput.Lay(randn(2, 3, 32, 32), layout);

        model.call(input).sum().backward();

        var kernels = model.parameters().Where(parameter => parameter.dim() == 4 && parameter.shape[1] > 1 && parameter.shape[2] > 1).ToList();
        Assert.NotEmpty(kernels);
        Assert.All(kernels, kernel => Assert.Equal(layout == MemoryLayout.Nhwc, kernel.stride()[1] == 1));
        Assert.All(kernels, kernel => Assert.Equal(kernel.stride(), kernel.grad!.stride())); // All train.
    }
}
