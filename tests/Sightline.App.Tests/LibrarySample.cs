using Sightline.Data;
using Sightline.Evaluation;
using Sightline.Inference;
using Sightline.Training;
using Xunit;

namespace Sightline.App.Tests;

/// <summary>The sample of docs/getting-started.md, compiled and run.</summary>
[Collection("Alone")]
public sealed class LibrarySample
{
    [Fact]
    public void Sample_trains_judges_and_predicts()
    {
        using var folder = new TemporaryFolder();
        var photos = TinyData.WriteClassFolders(folder.At("photos"));
        var lines = new List<string>();

        Run(photos, folder.At("runs"), Path.Combine(photos, "bright", "0.bmp"), lines.Add);

        Assert.Equal(3, lines.Count);
    }

    [Fact]
    public void Page_shows_this_code()
    {
        var source = File.ReadAllText(Repository.File("tests", "Sightline.App.Tests", "LibrarySample.cs")).ReplaceLineEndings("\n");
        var sample = source.Split("        // sample\n")[1].Split("        // end\n")[0].Replace("        ", "").TrimEnd();
        var page = File.ReadAllText(Repository.File("docs", "getting-started.md")).ReplaceLineEndings("\n");

        Assert.Contains($"```csharp\n{sample}\n```", page);
    }

    private static void Run(string photos, string runs, string picture, Action<string> print)
    {
        // sample
        var data = ImageDatasets.Open(photos, new SplitOptions());
        var options = new TrainOptions { Model = "resnet18_small", Epochs = 5, BatchSize = 8 };
        var result = Trainer.Run(options, data, runs, progress: null, CancellationToken.None);
        print($"{result.Run}: {result.ValidationAccuracy:P1} on validation");

        var evaluation = Evaluator.Run(result.Run);
        print($"Accuracy {evaluation.Accuracy:P1}, macro F1 {evaluation.Macro.F1:0.000}");

        using var classifier = Classifier.Load(result.Run);
        var prediction = classifier.Predict(picture);
        print($"{prediction.Path}: {prediction.Label} ({prediction.Probability:P1})");
        // end
    }
}
