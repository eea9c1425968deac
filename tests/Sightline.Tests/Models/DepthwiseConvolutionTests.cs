using Sightline.Models;
using Sightline.Native;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Models;

[Collection("Alone")]
public sealed class DepthwiseConvolutionTests
{
    [Theory]
    [InlineData(3, 2, false)]
    [InlineData(5, 1, false)]
    [InlineData(7, 1, true)]
    public void It_gives_what_LibTorch_gives_in_float32(int kernel, int stride, bool bias)
    {
        NativeRuntime.EnsureLoaded();
        set_num_threads(1);
        using var scope = NewDisposeScope();
        using var plain = nn.Conv2d(16, 16, kernel, stride, kernel / 2, groups: 16, bias: bias);
        using var ours = new DepthwiseConvolution(plain, stride, kernel / 2);
        using var x = randn(2, 16, 9, 9);

        Assert.Equal(plain.state_dict().Keys, ours.state_dict().Keys);
        Assert.True(plain.call(x).Equals(ours.call(x)));
    }

    // What autocast makes of the same layer is right to bfloat16's 8 bits in each product; ours only where values enter and leave.
    [Theory]
    [InlineData(3, 2)]
    [InlineData(5, 1)]
    public void Under_autocast_its_products_are_float32_and_its_output_short(int kernel, int stride)
    {
        NativeRuntime.EnsureLoaded();
        Assert.SkipUnless(Autocast.IsAvailable, "This build of LibTorch has no autocast that can be reached.");
        set_num_threads(1);
        manual_seed(5);
        using var scope = NewDisposeScope();
        using var plain = nn.Conv2d(16, 16, kernel, stride, kernel / 2, groups: 16, bias: false);
        using var ours = new DepthwiseConvolution(plain, stride, kernel / 2);
        var half = randn(2, 16, 9, 9).to(ScalarType.BFloat16);
        var exact = plain.call(half.to(ScalarType.Float32)).to(ScalarType.BFloat16);

        using (Autocast.Begin(CPU, ScalarType.BFloat16))
        {
            var output = ours.call(half);

            Assert.Equal(ScalarType.BFloat16, output.dtype);
            Assert.True(exact.Equals(output)); // The one rounding is that of the result.
            Assert.False(exact.Equals(plain.call(half)));
            Assert.Equal(ScalarType.BFloat16, Autocast.TypeOnCpu);
        }

        Assert.Null(Autocast.TypeOnCpu);
    }

    [Fact]
    public void A_pause_ends_when_its_layer_fails()
    {
        NativeRuntime.EnsureLoaded();
        Assert.SkipUnless(Autocast.IsAvailable, "This build of LibTorch has no autocast that can be reached.");
        using var scope = NewDisposeScope();
        using var plain = nn.Conv2d(16, 16, 3, 2, 1, groups: 16, bias: false);
        using var ours = new DepthwiseConvolution(plain, 2, 1);
        using (Autocast.Begin(CPU, ScalarType.BFloat16))
        {
            Assert.ThrowsAny<Exception>(() => ours.call(ones(1, 3, 8, 8)));
            Assert.Equal(ScalarType.BFloat16, nn.functional.conv2d(ones(1, 3, 8, 8), ones(4, 3, 3, 3)).dtype);
        }
    }

    [Fact]
    public void Networks_have_it_where_the_halftype_is_slow()
    {
        NativeRuntime.EnsureLoaded();
        using var model = ModelCatalog.Find("mobilenet_v3_large").Create(10);

        // Four strided ones (3, 5, 3 and 5 wide) and four more of 5 x 5 (table 1 of the paper); 7 blocks are 3 x 3 at stride 1.
        Assert.Equal(8, model.modules().Count(module => module is DepthwiseConvolution));
    }
}
