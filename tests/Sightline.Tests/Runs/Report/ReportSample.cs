using System.IO.Compression;
using System.Text.Json.Nodes;
using Sightline.Data;
using Sightline.Evaluation;
using Sightline.Inference;
using Sightline.Runs;

namespace Sightline.Tests.Runs.Report;

/// <summary>
/// A report with drawn figures that look like a run on Fashion-MNIST. Nothing in it was measured. The pictures are those of
/// Debian's package dataset-fashion-mnist where it is installed, else drawn ones.
/// </summary>
internal static class ReportSample
{
    private const int Pictures = 10_000;
    private const string Folder = "/usr/share/datasets/fashion-mnist";

    private static readonly string[] _classes =
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

    // How far the true class stands out, and which classes look alike and how much.
    private static readonly double[] _margin = [6.2, 9.5, 6.3, 7.4, 6.3, 9, 4.9, 8.4, 9.5, 8.8];
    private static readonly (int First, int Second, double Likeness)[] _alike =
        [(0, 6, 3.4), (2, 4, 2.8), (2, 6, 2.6), (4, 6, 2.7), (3, 0, 2), (3, 4, 1.8), (5, 7, 3), (7, 9, 3.6), (5, 9, 2), (1, 3, 2), (8, 6, 1.2)];

    public static RunReportInput Make()
    {
        var labels = ReadLabels();
        var predictions = Predict(labels);
        var pixels = ReadPixels();
        var worst = Mistake.Worst(predictions, int.MaxValue).Select(mistake => new RunReportMistake(mistake, Picture(pixels, mistake.Position))).ToList();
        var evaluation = Metrics.Compute(predictions, new MetricsOptions { Calibration = Calibration.Fit(predictions) });
        var settings = new JsonObject
        {
            ["model"] = "resnet18_small",
            ["size"] = 28,
            ["epochs"] = 20,
            ["batchSize"] = 128,
            ["seed"] = 1,
            ["labelSmoothing"] = 0.1,
            ["weights"] = null,
            ["optimizer"] = new JsonObject { ["kind"] = "sgd", ["learningRate"] = 0.1, ["momentum"] = 0.9, ["weightDecay"] = 0.0005 },
            ["schedule"] = new JsonObject { ["kind"] = "cosine", ["warmupEpochs"] = 1, ["finalShare"] = 0.001 },
            ["augment"] = new JsonObject { ["horizontalFlip"] = true, ["padCrop"] = 2 },
        };
        return new RunReportInput
        {
            Title = "Fashion-MNIST, sample figures",
            CreatedAt = new DateTimeOffset(2026, 1, 15, 9, 30, 0, TimeSpan.Zero),
            Model = "resnet18_small",
            Settings = RunReportGroup.FromJson("Run", settings),
            Events = Events(20),
            Evaluation = evaluation,
            Mistakes = [.. worst.Take(36)],
            ConfusedPairs = [.. ConfusedPair.Of(evaluation).Take(4).Select(pair => new RunReportPair(
                pair, [.. worst.Where(shown => shown.Mistake.TrueClass == pair.TrueClass && shown.Mistake.PredictedClass == pair.PredictedClass).Take(3)]))],
            Explanations = [.. worst.Take(3).Select(shown => Explain(shown, shown.Mistake))],
            Thresholds = ClassThresholds.Of(predictions),
            Data = new RunReportData
            {
                Location = "fashion-mnist",
                Version = "0f3a9c71d2b84e6650c1f7a8e94d3b2c6a5e8f107d9b4c32e1f6a7b8c9d0e1f2",
                Classes = _classes,
                Splits =
                [
                    new RunReportSplit("train", [.. Enumerable.Range(0, 10).Select(k => 5_400 + (k % 3) - 1)]),
                    new RunReportSplit("validation", [.. Enumerable.Range(0, 10).Select(k => 600 - (k % 3) + 1)]),
                    new RunReportSplit("test", [.. Enumerable.Range(0, 10).Select(k => labels.Count(label => label == k))]),
                ],
                Notices = [new DataNotice("corrupt-file", "train/Bag/0412.png", "The file ends after 311 of 540 bytes; it was skipped.")],
            },
            Environment =
            [
                KeyValuePair.Create("Sightline", "0.1.0"),
                KeyValuePair.Create(".NET", "10.0.0"),
                KeyValuePair.Create("LibTorch", "2.10.0, CPU"),
                KeyValuePair.Create("Operating system", "Debian GNU/Linux 12, x64"),
                KeyValuePair.Create("Processor", "2 cores"),
                KeyValuePair.Create("Threads", "2"),
            ],
            NextCommands =
            [
                new RunReportCommand("Classify your own pictures", "./sightline predict runs/fashion-mnist photos/"),
                new RunReportCommand("Evaluate on other data", "./sightline eval run runs/fashion-mnist --data photos/"),
                new RunReportCommand("Train on your own folder of classes", "./sightline train photos/ --epochs 20"),
            ],
        };
    }

    /// <summary>Curves of a sound run: one line for each epoch and eight for its steps.</summary>
    public static IReadOnlyList<RunEvent> Events(int epochs)
    {
        var random = new RandomStream(5);
        var events = new List<RunEvent>();
        for (var epoch = 1; epoch <= epochs; epoch++)
        {
            for (var part = 0; part < 8; part++)
            {
                var done = (epoch - 1 + part / 8.0) / epochs;
                events.Add(new RunEvent
                {
                    Kind = "step",
                    At = DateTimeOffset.UnixEpoch,
                    Epoch = epoch,
                    Step = (epoch - 1) * 422 + part * 52,
                    LearningRate = Rate(done),
                });
            }

            var progress = (double)epoch / epochs;
            var fit = 1 - Math.Exp(-4.2 * Math.Pow(progress, 0.55));
            var shake = (random.NextDouble() - 0.5) * 0.05 * (1 - progress);
            events.Add(new RunEvent
            {
                Kind = "epoch",
                At = DateTimeOffset.UnixEpoch,
                Epoch = epoch,
                Step = epoch * 422,
                TrainLoss = 1.35 - 0.86 * fit,
                TrainAccuracy = 0.60 + 0.345 * fit,
                ValidationLoss = 0.82 - 0.61 * fit - shake,
                ValidationAccuracy = 0.66 + 0.276 * fit + 0.6 * shake,
                LearningRate = Rate(progress),
                ImagesPerSecond = 4_150 + 120 * random.NextDouble(),
                DataWaitShare = 0.01,
                Seconds = 13.2 * epoch,
            });
        }

        events.Add(new RunEvent { Kind = "end", At = DateTimeOffset.UnixEpoch, Epoch = epochs, Seconds = 13.2 * epochs, Message = "All epochs done." });
        return events;
    }

    private static double Rate(double done) =>
        done < 0.05 ? 0.1 * Math.Max(0.01, done / 0.05) : 0.05 * (1 + Math.Cos(Math.PI * (done - 0.05) / 0.95));

    private static Predictions Predict(int[] labels)
    {
        var random = new RandomStream(3);
        var logits = new float[labels.Length * 10];
        for (var i = 0; i < labels.Length; i++)
        {
            var row = new double[10];
            for (var k = 0; k < 10; k++)
            {
                row[k] = 1.15 * Normal(ref random);
            }

            row[labels[i]] += _margin[labels[i]] + 0.6 * Normal(ref random);
            foreach (var (first, second, likeness) in _alike)
            {
                // Some pictures look more like their neighbour than others do: a skewed share of the likeness.
                var share = 1.9 * Math.Pow(random.NextDouble(), 1.6);
                if (labels[i] == first)
                {
                    row[second] += likeness * share;
                }
                else if (labels[i] == second)
                {
                    row[first] += likeness * share;
                }
            }

            for (var k = 0; k < 10; k++)
            {
                logits[10 * i + k] = (float)(1.25 * row[k]);
            }
        }

        return new Predictions
        {
            Classes = _classes,
            Logits = logits,
            Labels = labels,
            Names = [.. Enumerable.Range(0, labels.Length).Select(i => $"test/{i}")],
        };
    }

    // A drawn spot stands in for a map: the sample has no model.
    private static RunReportExplanation Explain(RunReportMistake shown, Mistake mistake)
    {
        var picture = shown.Thumbnail ?? throw new InvalidOperationException("The sample has a picture of each mistake.");
        PixelImage Heat(int x, int y) => HeatOverlay.Blend(
            picture.Pixels, [.. Enumerable.Range(0, 28 * 28).Select(i => (float)Math.Exp(-(Math.Pow((i % 28) - x, 2) + Math.Pow((i / 28) - y, 2)) / 60))], 28);
        return new RunReportExplanation(mistake.Name, mistake.TrueClass, mistake.PredictedClass, mistake.Probability, picture, Heat(14, 9), Heat(12, 20));
    }

    private static double Normal(ref RandomStream random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static int[] ReadLabels() => Read("t10k-labels-idx1-ubyte.gz", 8) is { } bytes
        ? [.. bytes.Select(label => (int)label)]
        : [.. Enumerable.Range(0, Pictures).Select(i => i * 7 % 10)];

    private static byte[]? ReadPixels() => Read("t10k-images-idx3-ubyte.gz", 16);

    private static PixelImage Picture(byte[]? pixels, int index)
    {
        var rgb = new byte[28 * 28 * 3];
        for (var i = 0; i < 28 * 28; i++)
        {
            var (x, y) = (i % 28, i / 28);
            var value = pixels?[index * 784 + i] ?? (byte)((x - 14) * (x - 14) + (y - 14) * (y - 14) < 60 + index % 100 ? 200 : 0);
            rgb.AsSpan(3 * i, 3).Fill(value);
        }

        return new PixelImage(rgb, 28, 28);
    }

    private static byte[]? Read(string name, int header)
    {
        var path = Path.Combine(Folder, name);
        if (!File.Exists(path))
        {
            return null;
        }

        using var zip = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var memory = new MemoryStream();
        zip.CopyTo(memory);
        return memory.ToArray()[header..];
    }
}
