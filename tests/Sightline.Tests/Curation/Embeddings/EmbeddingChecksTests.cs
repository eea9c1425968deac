using System.Text.Json;
using Sightline.Curation.Embeddings;
using Sightline.Curation.Labels;
using Sightline.Tests.Curation.Labels;
using Sightline.Training;
using Xunit;

namespace Sightline.Tests.Curation.Embeddings;

/// <summary>With a model trained in the test.</summary>
public sealed class EmbeddingChecksTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-embeddings-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Run_reports_on_every_split_and_class()
    {
        var data = TinyPictures.Dataset([.. Enumerable.Range(0, 60).Select(i => i % 2)], ["dark", "light"], null, validation: 10, test: 10);
        var options = OutOfFold.Recipe(data, 60, 1) with { Epochs = 2, BatchSize = 8, Threads = 1, Workers = 1, Device = "cpu" };
        var run = Trainer.Run(options, data, _folder, null, CancellationToken.None).Run;
        var told = new List<EmbeddingProgress>();

        var result = EmbeddingChecks.Run(data, run, new EmbeddingCheckOptions { Threads = 1 }, new Told(told), CancellationToken.None);

        Assert.Equal((60, 128, "resnet10_small"), (result.Report.Pictures, result.Report.Dimensions, result.Report.Model));
        Assert.Equal(3, result.Report.Leakage.Count);
        Assert.Equal(["dark", "light"], result.Report.PerClass.Select(spread => spread.Class));
        Assert.All(Enumerable.Range(0, 60), row => Assert.Equal(1, Sample.Cosine(result.Embeddings, row, row), 1e-5));
        Assert.Equal(new EmbeddingProgress("neighbours", 1), told[^1]);
        Assert.Contains("\"medianDistance\"", JsonSerializer.Serialize(result.Report, SightlineJson.Line));
        var raw = Embedder.Run(run, data.Images, [5, 3], null, CancellationToken.None);
        Assert.Equal((2, 128), (raw.Count, raw.Dimensions));
        Assert.Equal(Unit(raw.Row(0).ToArray()), result.Embeddings.Row(5).ToArray(), (a, b) => Math.Abs(a - b) < 1e-5);
    }

    [Fact]
    public void Run_without_such_a_run_is_not_found()
    {
        var data = TinyPictures.Dataset([0, 1], ["dark", "light"]);

        Assert.Throws<NotFoundException>(() => EmbeddingChecks.Run(data, Path.Combine(_folder, "none"), new EmbeddingCheckOptions(), null, CancellationToken.None));
    }

    private static float[] Unit(float[] vector)
    {
        var length = MathF.Sqrt(vector.Sum(value => value * value));
        return [.. vector.Select(value => value / length)];
    }

    private sealed class Told(List<EmbeddingProgress> values) : IProgress<EmbeddingProgress>
    {
        public void Report(EmbeddingProgress value) => values.Add(value);
    }
}
