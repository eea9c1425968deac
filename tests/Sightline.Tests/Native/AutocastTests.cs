using Sightline.Models;
using Sightline.Native;
using Sightline.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Native;

public sealed class AutocastTests
{
    [Fact]
    public void Convolutions_are_short_within_a_scope_only()
    {
        NativeRuntime.EnsureLoaded();
        Assert.SkipUnless(Autocast.IsAvailable, "This build of LibTorch has no autocast that can be reached.");
        using var scope = NewDisposeScope();
        var (x, weight) = (ones(1, 3, 8, 8), ones(4, 3, 3, 3));
        using (Autocast.Begin(CPU, ScalarType.BFloat16))
        {
            Assert.Equal(ScalarType.BFloat16, nn.functional.conv2d(x, weight).dtype);
        }

        Assert.Equal(ScalarType.Float32, nn.functional.conv2d(x, weight).dtype);
        Assert.Null(Autocast.Begin(CPU, ScalarType.Float32));
    }

    [Fact]
    public void Gradients_point_where_full_precision_points()
    {
        NativeRuntime.EnsureLoaded();
        Assert.SkipUnless(Autocast.IsAvailable, "This build of LibTorch has no autocast that can be reached.");
        set_num_threads(1);
        manual_seed(3);
        using var scope = NewDisposeScope();
        using var model = ModelCatalog.Find("resnet10_small").Create(10);
        var (images, labels) = (randn(16, 3, 28, 28), arange(16, int64).remainder(10));
        var full = Gradient(ScalarType.Float32);
        var mixed = Gradient(ScalarType.BFloat16);
        var cosine = (full * mixed).sum().item<float>() / (full.norm() * mixed.norm()).item<float>();

        // bfloat16 has 8 bits of significand: each product is right to 2^-9, and the norms keep the sums' sizes.
        Assert.InRange(cosine, 0.97f, 0.999999f); // Below 1: the short type was really used.
        Assert.All(model.parameters(), parameter => Assert.Equal(ScalarType.Float32, parameter.dtype));

        Tensor Gradient(ScalarType type)
        {
            model.zero_grad();
            Tensor logits;
            using (Autocast.Begin(CPU, type))
            {
                logits = model.call(images).to(ScalarType.Float32);
            }

            nn.functional.cross_entropy(logits, labels).backward();
            return cat(model.parameters().Select(parameter => parameter.grad!.flatten().clone()).ToList());
        }
    }

    [Fact]
    public void Auto_takes_bf16_where_the_kernel_lists_the_instruction()
    {
        Assert.SkipUnless(File.Exists("/proc/cpuinfo"), "Needs Linux's list of processor features.");
        NativeRuntime.EnsureLoaded();
        var flags = File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("flags", StringComparison.Ordinal)).Split(' ');
        var isNative = flags.Contains("avx512_bf16") || flags.Contains("amx_bf16");
        Assert.Equal(isNative && Autocast.IsAvailable ? Precision.Bf16 : Precision.Fp32, Devices.Choose(Precision.Auto, CPU));
        Assert.Equal(Precision.Fp32, Devices.Choose(Precision.Fp32, CPU));
    }
}
