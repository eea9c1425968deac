using Sightline.Native;
using Sightline.Weights;
using TorchSharp;
using Xunit;

namespace Sightline.App.Tests;

public sealed class AveragingTests
{
    [Fact]
    public void The_average_is_what_is_validated_and_kept_and_training_goes_on_with_its_own_weights()
    {
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"), train: 160);

        Training.Run(folder.Path, "idx", "--epochs", "1", "--name", "averaged", "--set", "averaging.kind=ema", "--device", "cpu").With(ExitCode.Done);

        NativeRuntime.EnsureLoaded();
        using var scope = torch.NewDisposeScope();
        using var best = Safetensors.Read(folder.At("runs", "averaged", "checkpoints", "best.safetensors"));
        using var last = Safetensors.Read(folder.At("runs", "averaged", "checkpoints", "last.safetensors"));
        Assert.NotEmpty(best.Tensors);
        Assert.All(best.Tensors, pair => Assert.True(AreSame(pair.Value, last.Tensors["average." + pair.Key]), pair.Key));
        Assert.Contains(best.Tensors, pair => !AreSame(pair.Value, last.Tensors["model." + pair.Key]));
    }

    private static bool AreSame(torch.Tensor a, torch.Tensor b) => a.eq(b).all().item<bool>();
}
