using System.Diagnostics;
using System.Runtime.InteropServices;
using Sightline.Inference;
using Sightline.Models;
using Sightline.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>Measures which memory layout trains faster: a few steps of a model of its own on random input, in both layouts in turn.</summary>
internal static class LayoutProbe
{
    private const int Rounds = 5;
    private const int MostPictures = 8;

    // Noise decides between equals, and a run's bits should not hang on it: the exception has to be worth it.
    private const double Margin = 0.95;

    // Forward and backward pass are three times the forward pass; two layouts, one round to warm up and one to measure: 12 times this many
    // multiply-adds are half a second to two seconds on two to eight cores.
    private const double MostMacs = 10e9;
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(1);

    /// <summary>A run's settings with the layout decided: by what they say, what was measured on this machine before, or by measuring now.</summary>
    public static RunSettings Decide(RunSettings settings, LayoutCache cache)
    {
        var options = settings.Options;
        if (options.Layout != MemoryLayout.Auto)
        {
            return settings;
        }

        var key = LayoutCache.Key(settings);
        if (cache.Find(key) is not { } layout)
        {
            layout = Measure(settings) is { } measured && measured.Nchw < measured.Nhwc * Margin ? MemoryLayout.Nchw : MemoryLayout.Nhwc;
            cache.Add(key, layout);
        }

        return settings with { Options = options with { Layout = layout } };
    }

    /// <summary>The fastest step in each layout. LibTorch's random state is left as it was.</summary>
    /// <returns>Null where the model cannot be run here; the run itself will say why.</returns>
    public static (TimeSpan Nchw, TimeSpan Nhwc)? Measure(RunSettings settings)
    {
        var options = settings.Options;
        var device = Devices.Choose(options.Device);
        set_num_threads(options.Threads ?? Environment.ProcessorCount);
        using var scope = NewDisposeScope();
        using var grad = enable_grad();
        var random = get_rng_state();
        try
        {
            var variant = ModelCatalog.Find(settings.Model);
            using var model = variant.Create(settings.Classes.Count, device);
            model.train();
            var (pictures, side) = Input(variant, settings);
            var images = randn(pictures, 3, side, side, device: device);
            var labels = zeros(pictures, ScalarType.Int64, device: device);
            var pass = new ModelPass(model, ModelPass.TypeOf(options.Precision));
            var (nchw, nhwc) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
            var clock = Stopwatch.StartNew();

            // The first round prepares kernels and memory and does not count.
            for (var round = 0; round <= Rounds && (round < 2 || clock.Elapsed < Budget); round++)
            {
                var first = Step(MemoryLayout.Nchw);
                var second = Step(MemoryLayout.Nhwc);
                (nchw, nhwc) = round == 0 ? (nchw, nhwc) : (Min(nchw, first), Min(nhwc, second));
            }

            return (nchw, nhwc);

            TimeSpan Step(MemoryLayout layout)
            {
                using var step = NewDisposeScope();
                ModelInput.MatchLayout(model, layout);
                var laid = ModelInput.Lay(images, layout);
                Synchronize(device);
                var began = Stopwatch.GetTimestamp();
                pass.Backward(nn.functional.cross_entropy(pass.Forward(laid), labels));
                Synchronize(device);
                var time = Stopwatch.GetElapsedTime(began);
                foreach (var parameter in model.parameters())
                {
                    parameter.grad = null;
                }

                return time;
            }
        }
        catch (ExternalException)
        {
            return null;
        }
        finally
        {
            set_rng_state(random);
        }
    }

    // A large model is measured on smaller pictures, so that the probe stays short; the layouts' order is that of the whole size.
    private static (int Pictures, int Side) Input(ModelVariant variant, RunSettings settings)
    {
        var side = settings.Preprocessing.CropSize;
        var macs = variant.Macs * Math.Pow((double)side / variant.Preprocessing.CropSize, 2);
        var pictures = (int)Math.Clamp(MostMacs / macs, 2, Math.Min(MostPictures, Math.Max(settings.Options.BatchSize, 2)));
        var shrink = Math.Min(1, Math.Sqrt(MostMacs / (macs * pictures)));
        return (pictures, shrink < 1 ? Math.Max(64, (int)(side * shrink) / 32 * 32) : side);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static void Synchronize(Device device)
    {
        if (device.type == DeviceType.CUDA)
        {
            cuda.synchronize(device);
        }
    }
}
