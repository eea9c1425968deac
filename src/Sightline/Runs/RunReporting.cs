using System.Text.Json;
using System.Text.Json.Nodes;
using Sightline.Data;
using Sightline.Evaluation;
using Sightline.Inference;

namespace Sightline.Runs;

/// <summary>Gathers what a finished run's report shows.</summary>
internal static class RunReporting
{
    public static void Write(
        RunFolder run, ImageDataset data, IReadOnlyList<Example> split, Predictions predictions, EvaluationResult evaluation, HeatPictures heat, DateTimeOffset now)
    {
        var pictures = new ReportPictures(data, split, predictions);
        var settings = run.Settings;
        var options = JsonSerializer.SerializeToNode(settings.Options, SightlineJson.Line)!.AsObject(); // A record is a JSON object.
        var preprocessing = JsonSerializer.SerializeToNode(settings.Preprocessing, SightlineJson.Line)!.AsObject();
        var environment = settings.Environment;
        RunReport.Write(run.Path, new RunReportInput
        {
            Title = Path.GetFileName(run.Path),
            CreatedAt = now,
            Model = settings.Model,
            Settings = [.. RunReportGroup.FromJson("Run", options), .. RunReportGroup.FromJson("Preprocessing", preprocessing)],
            Events = run.ReadEvents(),
            Evaluation = evaluation,
            Split = data.Test.Count > 0 ? "test" : "validation",
            Mistakes = pictures.Worst(),
            ConfusedPairs = pictures.Pairs(evaluation),
            Explanations = pictures.Explanations(heat),
            Thresholds = ClassThresholds.Of(predictions),
            Data = RunReportData.From(data),
            Environment =
            [
                new("Sightline", settings.SightlineVersion),
                new("LibTorch", environment.LibTorch),
                new(".NET", environment.Runtime),
                new("System", environment.OperatingSystem),
                new("Processor", environment.Processor),
                new("Threads", $"{settings.Options.Threads}"),
            ],
            NextCommands =
            [
                new("See the figures again", $"sightline eval run {run.Path}"),
                new("List the mistakes", $"sightline eval errors {run.Path}"),
                new("Classify your own pictures", $"sightline predict {run.Path} PICTURES"),
            ],
        });
    }
}
