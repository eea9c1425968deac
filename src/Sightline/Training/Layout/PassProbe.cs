using System.Diagnostics;
using System.Runtime.InteropServices;
using Sightline.Inference;
using Sightline.Models;
using Sightline.Native;
using Sightline.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>Measures in which precision and memory layout a model trains fastest: a few steps of a model of its own on random input, in turn.</summary>
internal static class PassProbe
{
    private const int Rounds = 5;
    private const int MostPictures = 8;

    // Forward and backward pass are three times the forward pass; each way needs one round to warm up and one to measure: 12 times this many
    // multiply-adds for two ways are half a second to two seconds on two to eight cores, for four ways in two precisions up to twice that.
    private const double MostMacs = 10e9;
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A run's settings with what was left to measurement decided: by what was measured on this machine before, or by measuring now. Where that is not possible
    /// they are the shortest type, which needs the least memory, and channels last.
    /// </summary>
    /// <param name="settings">Resolved: <c>precision=auto</c> has become the shortest type that the device computes in.</param>
    /// <param name="asked">The precision before that; auto decides it here.</param>
    /// <param name="cache">Where measurements are kept.</param>
    public static RunSettings Decide(RunSettings settings, Precision asked, PassCache cache)
    {
        var options = settings.Options;
        IReadOnlyList<Precision> precisions = asked == Precision.Auto && options.Precision != Precision.Fp32 ? [Precision.Fp32, options.Precision] : [options.Precision];
        IReadOnlyList<MemoryLayout> layouts = options.Layout == MemoryLayout.Auto ? [MemoryLayout.Nchw, MemoryLayout.Nhwc] : [options.Layout];
        if (precisions.Count * layouts.Count == 1)
        {
            return settings;
        }

        var key = Key(settings, precisions, layouts);
        var choice = cache.Find(key);
        if (choice is null)
        {
            // What a probe has freed still counts against a limit of the process (ulimit), and the run would have to do with what is left.
            choice = MemoryLimit.HasProcessLimit() ? null : Measure(settings, precisions, layouts);
            if (choice is null)
            {
                return settings with { Options = options with { Layout = layouts[^1] } };
            }

            cache.Add(key, choice);
        }

        var best = choice.Best;
        return settings with
        {
            Options = options with { Precision = best.Precision, Layout = best.Layout },
            Decisions = [.. settings.Decisions, choice.Words],
        };
    }

    /// <summary>The same with the cache of this user.</summary>
    public static RunSettings Decide(RunSettings settings, Precision asked) => Decide(settings, asked, new PassCache(NativeRuntime.CacheFolder));

    /// <summary>The fastest step of each way. LibTorch's random state is left as it was.</summary>
    /// <returns>Null where the model cannot be run here; the run itself will say why.</returns>
    public static PassChoice? Measure(RunSettings settings, IReadOnlyList<Precision> precisions, IReadOnlyList<MemoryLayout> layouts)
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
            var ways = precisions.SelectMany(precision => layouts.Select(layout => new PassTime(precision, layout, double.MaxValue))).ToArray();
            var passes = precisions.ToDictionary(precision => precision, precision => new ModelPass(model, ModelPass.TypeOf(precision)));
            var clock = Stopwatch.StartNew();

            // The first round prepares kernels and memory and does not count.
            for (var round = 0; round <= Rounds && (round < 2 || clock.Elapsed < Budget); round++)
            {
                for (var i = 0; i < ways.Length; i++)
                {
                    var (isSound, time) = Step(ways[i]);
                    var fastest = round == 0 ? double.MaxValue : Math.Min(ways[i].Milliseconds, time.TotalMilliseconds);
                    ways[i] = ways[i] with { Milliseconds = isSound && double.IsFinite(ways[i].Milliseconds) ? fastest : double.PositiveInfinity };
                }
            }

            return new PassChoice(pictures, side, ways.Select(way => way with { Milliseconds = Math.Round(way.Milliseconds, 1) }).ToList());

            (bool IsSound, TimeSpan Time) Step(PassTime way)
            {
                using var step = NewDisposeScope();
                ModelInput.MatchLayout(model, way.Layout);
                var laid = ModelInput.Lay(images, way.Layout);
                Synchronize(device);
                var began = Stopwatch.GetTimestamp();
                var pass = passes[way.Precision];
                var loss = nn.functional.cross_entropy(pass.Forward(laid), labels);
                pass.Backward(loss);
                Synchronize(device);
                var time = Stopwatch.GetElapsedTime(began);
                var gradients = model.parameters().Where(parameter => parameter.grad is not null).Select(parameter => linalg.vector_norm(parameter.grad!, 2)).ToList();
                var isSound = (loss + stack(gradients).sum()).isfinite().item<bool>();
                foreach (var parameter in model.parameters())
                {
                    parameter.grad = null;
                }

                return (isSound, time);
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

    /// <summary>What a measurement depends on.</summary>
    public static string Key(RunSettings settings, IReadOnlyList<Precision> precisions, IReadOnlyList<MemoryLayout> layouts)
    {
        var options = settings.Options;
        return string.Join(
            " | ", settings.Model, $"{settings.Preprocessing.CropSize} px", $"{Math.Min(MostPictures, options.BatchSize)} pictures", string.Join(", ", precisions),
            string.Join(", ", layouts), options.Device, $"{options.Threads} threads", settings.Environment.Processor, settings.Environment.LibTorch,
            settings.SightlineVersion);
    }

    // A large model is measured on smaller pictures, so that the probe stays short; the order is that of the whole size.
    private static (int Pictures, int Side) Input(ModelVariant variant, RunSettings settings)
    {
        var side = settings.Preprocessing.CropSize;
        var macs = variant.Macs * Math.Pow((double)side / variant.Preprocessing.CropSize, 2);
        var pictures = (int)Math.Clamp(MostMacs / macs, 2, Math.Min(MostPictures, Math.Max(settings.Options.BatchSize, 2)));
        var shrink = Math.Min(1, Math.Sqrt(MostMacs / (macs * pictures)));
        return (pictures, shrink < 1 ? Math.Max(64, (int)(side * shrink) / 32 * 32) : side);
    }

    private static void Synchronize(Device device)
    {
        if (device.type == DeviceType.CUDA)
        {
            cuda.synchronize(device);
        }
    }
}
