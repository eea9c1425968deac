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
public sealed class LayoutProbeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("layouts").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_probe_measures_both_layouts_and_leaves_the_random_state()
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        var before = get_rng_state();

        var measured = LayoutProbe.Measure(Settings());

        Assert.NotNull(measured);
        Assert.InRange(measured.Value.Nchw.TotalMilliseconds, 0.01, 5000);
        Assert.InRange(measured.Value.Nhwc.TotalMilliseconds, 0.01, 5000);
        Assert.True(before.Equals(get_rng_state()));
    }

    [Fact]
    public void A_decision_is_written_once_and_read_after_that()
    {
        var cache = new LayoutCache(_folder);
        var decided = LayoutProbe.Decide(Settings(), cache).Options.Layout;
        var other = decided == MemoryLayout.Nchw ? MemoryLayout.Nhwc : MemoryLayout.Nchw;

        cache.Add(LayoutCache.Key(Settings()), other);

        Assert.NotEqual(MemoryLayout.Auto, decided);
        Assert.Equal(other, LayoutProbe.Decide(Settings(), new LayoutCache(_folder)).Options.Layout);
        Assert.Null(cache.Find(LayoutCache.Key(Settings(Precision.Bf16))));
    }

    [Fact]
    public void A_layout_that_is_asked_for_is_not_measured()
    {
        var settings = Settings();
        settings = settings with { Options = settings.Options with { Layout = MemoryLayout.Nchw } };

        Assert.Same(settings, LayoutProbe.Decide(settings, new LayoutCache(_folder)));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_damaged_cache_is_made_anew()
    {
        File.WriteAllText(Path.Combine(_folder, "layouts.json"), "{ \"a\":");
        var cache = new LayoutCache(_folder);

        cache.Add("a model", MemoryLayout.Nchw);

        Assert.Equal(MemoryLayout.Nchw, cache.Find("a model"));
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
