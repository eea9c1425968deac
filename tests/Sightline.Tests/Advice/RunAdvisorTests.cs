using Sightline.Advice;
using Sightline.Augment;
using Sightline.Data;
using Sightline.Models;
using Sightline.Runs;
using Sightline.Training;
using Sightline.Weights;
using SkiaSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Advice;

/// <summary>Each condition is provoked by a real small run; it, and no other, must be named.</summary>
[Collection("Alone")]
public sealed class RunAdvisorTests : IDisposable
{
    private static readonly TrainOptions Sound = new()
    {
        Model = "resnet10_small", Epochs = 6, BatchSize = 16, Threads = 1, Workers = 1, Device = "cpu", ValidationShare = 0.2, Layout = MemoryLayout.Nhwc,
        Optimizer = new OptimizerOptions { LearningRate = 0.02 },
        Augment = new AugmentOptions { HorizontalFlip = false, PadCrop = 1, MinimumCropArea = 1 },
        Stability = new StabilityOptions { DiagnosticsSteps = 5 },
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-advice-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_sound_run_gets_none() => Assert.Empty(Conditions(Sound, new Blobs()));

    [Fact]
    public void Weights_of_the_wrong_size() => Assert.Equal([RunCondition.BadInitialisation], Conditions(Sound with { Weights = Weights("fc.weight", 300) }, new Blobs()));

    [Fact]
    public void First_layers_that_do_not_learn()
    {
        // A weight before a norm can have any size; its gradient is the smaller the larger it is.
        var options = Sound with { Weights = Weights("conv1 bn1 layer1 layer2", 1e4f) };

        Assert.Equal([RunCondition.VanishingGradients], Conditions(options, new Blobs()));
    }

    [Fact]
    public void A_rate_too_high() =>
        Assert.Equal([RunCondition.RateTooHigh], Conditions(Sound with { Optimizer = Sound.Optimizer with { LearningRate = 10 } }, new Blobs()));

    [Fact]
    public void A_rate_too_low() =>
        Assert.Equal([RunCondition.RateTooLow], Conditions(Sound with { Optimizer = Sound.Optimizer with { LearningRate = 1e-5 } }, new Blobs()));

    [Fact]
    public void Rare_classes() =>
        Assert.Equal([RunCondition.Imbalance], Conditions(Sound, new Blobs { Counts = [120, 120, 8, 8], Contrast = 70, Noise = 70 }));

    [Fact]
    public void An_augmentation_too_strong()
    {
        var augment = Sound.Augment! with { PadCrop = 0, MinimumCropArea = 0.08, ErasingProbability = 1 }; // Given above.

        Assert.Equal([RunCondition.AugmentationTooStrong], Conditions(Sound with { Augment = augment, Epochs = 10 }, new Blobs()));
    }

    [Fact]
    public void No_augmentation_of_few_pictures() => Assert.Equal(
        [RunCondition.AugmentationTooWeak],
        Conditions(Sound with { Augment = new AugmentOptions { Policy = AugmentPolicy.None }, Epochs = 12 }, new Blobs { Counts = [20, 20, 20, 20], Contrast = 20 }));

    [Fact]
    public void Pictures_learnt_by_heart() =>
        Assert.Equal([RunCondition.Overfitting], Conditions(Sound with { Epochs = 16 }, new Blobs { Counts = [20, 20, 20, 20], Contrast = 0 }));

    [Fact]
    public void Pictures_not_learnt() =>
        Assert.Equal([RunCondition.Underfitting], Conditions(Sound with { Optimizer = Sound.Optimizer with { LearningRate = 0.002 }, BatchSize = 64, Epochs = 4 }, new Blobs { Counts = [100, 100, 100, 100], Contrast = 0 }));

    [Fact]
    public void A_loader_that_cannot_keep_up()
    {
        var data = Path.Combine(_folder, "large");
        using var large = new SKBitmap(1600, 1600);
        foreach (var (label, colour) in new[] { ("dark", SKColors.DarkSlateGray), ("light", SKColors.LightYellow) })
        {
            Directory.CreateDirectory(Path.Combine(data, label));
            large.Erase(colour);
            var first = Path.Combine(data, label, "0.png");
            using (var file = File.Create(first))
            {
                large.Encode(file, SKEncodedImageFormat.Png, 100);
            }

            for (var i = 1; i < 75; i++)
            {
                File.Copy(first, Path.Combine(data, label, $"{i}.png"));
            }
        }

        Assert.Equal([RunCondition.LoaderStarving], Conditions(Sound with { Size = 16, Epochs = 1, BatchSize = 2 }, data));
    }

    // There is no GPU where these tests run: the samples are written as a training on one writes them, the run is a real one.
    [Theory]
    [InlineData("NVIDIA H100 80GB HBM3", 93, 6, 80)]
    [InlineData("NVIDIA H100 80GB HBM3", 22, 60, 80)]
    public void A_card_that_is_larger_than_the_training_needs(string card, double busyPercent, double usedGib, double totalGib)
    {
        var run = Train(Sound, new Blobs().Write(Path.Combine(_folder, "data")));
        WriteSamples(run, card, busyPercent, usedGib, totalGib, minutes: 11);

        var advice = Assert.Single(RunAdvisor.Look(run, TimeProvider.System));

        Assert.Equal(RunCondition.GpuWasted, advice.Condition);
        Assert.StartsWith(FormattableString.Invariant($"Over 10 minutes the {card} was busy {busyPercent} % of the time, at most {100 * usedGib / totalGib:0} % of its memory was in use, "), advice.Evidence, StringComparison.Ordinal);
        Assert.StartsWith("sightline gpu plan --model resnet10_small --data ", advice.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wasted_card_is_told_with_a_cheaper_one_that_would_do()
    {
        var run = Train(Sound, new Blobs().Write(Path.Combine(_folder, "data")));
        WriteSamples(run, "NVIDIA H100 80GB HBM3", 22, 6, 80, minutes: 6);
        File.WriteAllText(Path.Combine(run.Path, "job.json"), """{ "gpu": "NVIDIA H100 80GB HBM3", "pricePerHourUsd": 12 }""");

        // The events' times are those of a processor; the whole training is said to take ten hours, so that moving pays.
        var events = run.ReadEvents();
        var cheaper = WastedCard.Cheaper(run, [.. events.Select(seen => seen with { Seconds = 36_000 * seen.Step / Math.Max(1.0, seen.TotalSteps) })]);

        Assert.Matches("^A .+ of .+ USD per hour\\) would finish in about .+ USD less\\.", cheaper);
        Assert.DoesNotContain("H100", cheaper, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(92, 60, 11)]
    [InlineData(22, 6, 4)]
    public void A_card_in_use_or_seen_for_too_short_a_time_is_not_named(double busyPercent, double usedGib, int minutes)
    {
        var run = Train(Sound, new Blobs().Write(Path.Combine(_folder, "data")));
        WriteSamples(run, "NVIDIA A100-SXM4-80GB", busyPercent, usedGib, 80, minutes);

        Assert.Empty(RunAdvisor.Look(run, TimeProvider.System));
    }

    private static void WriteSamples(RunFolder run, string card, double busyPercent, double usedGib, double totalGib, int minutes)
    {
        var begin = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
        File.WriteAllLines(Path.Combine(run.Path, "system.jsonl"), Enumerable.Range(1, 12 * minutes).Select(i => string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $$"""{"at":"{{begin.AddSeconds(5 * i):O}}","seconds":5,"cpuPercent":{"mean":20,"max":30},"gpus":[{"index":0,"name":"{{card}}","gpuPercent":{"mean":{{busyPercent}},"max":{{busyPercent + 4}}},"memoryUsedBytes":{"mean":{{usedGib * (1L << 30)}},"max":{{usedGib * (1L << 30)}}},"memoryTotalBytes":{{totalGib * (1L << 30)}},"throttling":[]}]}""")));
    }

    private RunCondition[] Conditions(TrainOptions options, Blobs blobs) => Conditions(options, blobs.Write(Path.Combine(_folder, "data")));

    private RunCondition[] Conditions(TrainOptions options, string data)
    {
        var run = Train(options, data);

        var advice = RunAdvisor.Look(run, TimeProvider.System);

        return [.. advice.Select(found => found.Condition)];
    }

    private RunFolder Train(TrainOptions options, string data) =>
        RunFolder.Open(Trainer.Run(options, ImageDatasets.Open(data, Trainer.Split(options)), _folder, null, CancellationToken.None, "run").Run);

    // Starting weights with some layers' made so many times larger.
    private string Weights(string layers, float factor)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var model = ModelCatalog.Find("resnet10_small").Create(4);
        foreach (var (name, parameter) in model.named_parameters())
        {
            if (layers.Split(' ').Any(layer => name.StartsWith(layer, StringComparison.Ordinal)))
            {
                parameter.mul_(factor);
            }
        }

        var file = Path.Combine(_folder, "start.safetensors");
        Safetensors.Write(file, model.state_dict(), new Dictionary<string, string>());
        return file;
    }
}
