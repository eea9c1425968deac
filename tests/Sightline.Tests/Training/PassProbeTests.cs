using Sightline.Data;
using Sightline.Inference;
using Sightline.Models;
using Sightline.Native;
using Sightline.Runs;
using Sightline.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Training;

[Collection("Alone")]
public sealed class PassProbeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("layouts").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static readonly Precision[] Both = [Precision.Fp32, Precision.Bf16];
    private static readonly MemoryLayout[] Layouts = [MemoryLayout.Nchw, MemoryLayout.Nhwc];

    [Fact]
    public void The_probe_measures_each_way_and_leaves_the_random_state()
    {
        Assert.SkipUnless(Autocast.IsAvailable, "This build of LibTorch has no autocast that can be reached.");
        using var scope = NewDisposeScope();
        manual_seed(7);
        var before = get_rng_state();

        var measured = PassProbe.Measure(Settings(), Both, Layouts);

        Assert.NotNull(measured);
        Assert.Equal(4, measured.Times.Select(time => (time.Precision, time.Layout)).Distinct().Count());
        Assert.All(measured.Times, time => Assert.InRange(time.Milliseconds, 0.01, 50_000));
        Assert.True(before.Equals(get_rng_state()));
    }

    [Fact]
    public void A_decision_is_measured_once_and_read_after_that()
    {
        var cache = new PassCache(_folder);
        var decided = PassProbe.Decide(Settings(), Precision.Fp32, cache);
        var other = decided.Options.Layout == MemoryLayout.Nchw ? MemoryLayout.Nhwc : MemoryLayout.Nchw;

        cache.Add(PassProbe.Key(Settings(), [Precision.Fp32], Layouts), Choice((Precision.Fp32, other, 1), (Precision.Fp32, decided.Options.Layout, 9)));

        Assert.NotEqual(MemoryLayout.Auto, decided.Options.Layout);
        Assert.Equal(Precision.Fp32, decided.Options.Precision);
        Assert.Equal(other, PassProbe.Decide(Settings(), Precision.Fp32, new PassCache(_folder)).Options.Layout);
        Assert.Null(cache.Find(PassProbe.Key(Settings(Precision.Bf16), [Precision.Bf16], Layouts)));
    }

    [Fact]
    public void Auto_takes_the_precision_that_the_measurement_says_and_tells_why()
    {
        var settings = Settings(Precision.Bf16); // What auto resolves to where the processor computes in it.
        var cache = new PassCache(_folder);
        cache.Add(PassProbe.Key(settings, Both, Layouts), Choice(
            (Precision.Fp32, MemoryLayout.Nchw, 90), (Precision.Fp32, MemoryLayout.Nhwc, 50.25), (Precision.Bf16, MemoryLayout.Nchw, 80), (Precision.Bf16, MemoryLayout.Nhwc, 70)));

        var decided = PassProbe.Decide(settings, Precision.Auto, cache);

        Assert.Equal((Precision.Fp32, MemoryLayout.Nhwc), (decided.Options.Precision, decided.Options.Layout));
        Assert.Equal(
            "Chosen by measurement on this machine: fp32 channels last. A step of 4 random pictures of 28 px takes, at its fastest: fp32 channels last 50.3 ms, " +
            "bf16 channels last 70 ms, bf16 channel by channel 80 ms, fp32 channel by channel 90 ms.",
            Assert.Single(decided.Decisions));
    }

    [Theory]
    [InlineData(100, 100, 96, 96, Precision.Fp32, MemoryLayout.Nhwc)] // 4 % are noise.
    [InlineData(100, 100, 100, 90, Precision.Bf16, MemoryLayout.Nhwc)]
    [InlineData(100, 100, 80, 90, Precision.Bf16, MemoryLayout.Nchw)]
    [InlineData(70, 100, 80, 90, Precision.Fp32, MemoryLayout.Nchw)]
    [InlineData(100, 100, double.PositiveInfinity, double.PositiveInfinity, Precision.Fp32, MemoryLayout.Nhwc)] // NaN in bf16.
    public void The_simpler_way_wins_unless_another_is_5_percent_faster(
        double fullPlanes, double fullLast, double shortPlanes, double shortLast, Precision precision, MemoryLayout layout)
    {
        var best = Choice(
            (Precision.Fp32, MemoryLayout.Nchw, fullPlanes), (Precision.Fp32, MemoryLayout.Nhwc, fullLast),
            (Precision.Bf16, MemoryLayout.Nchw, shortPlanes), (Precision.Bf16, MemoryLayout.Nhwc, shortLast)).Best;

        Assert.Equal((precision, layout), (best.Precision, best.Layout));
    }

    [Fact]
    public void What_is_asked_for_is_not_measured()
    {
        var settings = Settings();
        settings = settings with { Options = settings.Options with { Layout = MemoryLayout.Nchw } };

        Assert.Same(settings, PassProbe.Decide(settings, Precision.Fp32, new PassCache(_folder)));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_damaged_cache_is_made_anew()
    {
        File.WriteAllText(Path.Combine(_folder, "passes.json"), "{ \"a\":");
        var cache = new PassCache(_folder);

        cache.Add("a model", Choice((Precision.Fp32, MemoryLayout.Nchw, 1)));

        Assert.Equal(MemoryLayout.Nchw, cache.Find("a model")!.Best.Layout); // Just added.
    }

    [Fact]
    public void Inputs_weights_and_gradients_lie_as_asked_and_agree()
    {
        Assert.SkipUnless(Operators.IsAvailable, "Without LibTorch's dispatcher weights keep the layout they are made in.");
        set_num_threads(1);
        using var scope = NewDisposeScope();

        var first = Gradient(MemoryLayout.Nchw);
        var last = Gradient(MemoryLayout.Nhwc);

        // Sums of 2 x 28 x 28 float32 products in another order.
        Assert.True((first - last).abs().max().item<float>() < 1e-5 * first.abs().max().item<float>());

        Tensor Gradient(MemoryLayout layout)
        {
            manual_seed(3);
            using var model = ModelCatalog.Find("resnet10_small").Create(10);
            ModelInput.MatchLayout(model, layout);
            using var input = new ModelInput(new Preprocessing { CropSize = 28, ResizeSize = 28 }, CPU, layout);
            var pixels = Enumerable.Range(0, 2 * 28 * 28 * 3).Select(i => (byte)((i * 31) ^ (i / 7))).ToArray();
            using var batch = new ImageBatch(new BufferPool(), pixels, 28, [1, 2], [0, 1]);
            var images = input.Images(batch);
            nn.functional.cross_entropy(model.call(images), input.Labels(batch)).backward();

            var isLast = layout == MemoryLayout.Nhwc;
            var weights = model.parameters().Where(p => p.dim() == 4 && p.shape[1] > 1 && p.shape[2] > 1).ToList();
            Assert.Equal(isLast ? 1 : 28 * 28, images.stride(1));
            Assert.All(weights, p => Assert.Equal(isLast ? 1 : p.shape[2] * p.shape[3], p.stride(1)));
            Assert.All(weights, p => Assert.Equal(p.stride(), p.grad!.stride())); // The backward pass has just made it.
            return cat(model.parameters().Select(p => p.grad!.contiguous().flatten()).ToList());
        }
    }

    private static PassChoice Choice(params (Precision Precision, MemoryLayout Layout, double Milliseconds)[] times) =>
        new(4, 28, times.Select(time => new PassTime(time.Precision, time.Layout, time.Milliseconds)).ToList());

    private static RunSettings Settings(Precision precision = Precision.Fp32) => new()
    {
        CreatedAt = DateTimeOffset.UnixEpoch,
        Model = "resnet10_small",
        Classes = ["a", "b"],
        Preprocessing = new Preprocessing { CropSize = 28, ResizeSize = 28 },
        DataLocation = "",
        DataVersion = "",
        Options = new TrainOptions { Precision = precision, Threads = 1, Device = "cpu", BatchSize = 4 },
    };
}
