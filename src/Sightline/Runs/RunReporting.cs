using System.Text.Json;
using System.Text.Json.Nodes;
using Sightline.Data;
using Sightline.Evaluation;

namespace Sightline.Runs;

/// <summary>Gathers what a finished run's report shows.</summary>
internal static class RunReporting
{
    private const int MistakesShown = 36;
    private const int ThumbnailSide = 112;

    public static void Write(
        RunFolder run, ImageDataset data, IReadOnlyList<Example> split, Predictions predictions, EvaluationResult evaluation, DateTimeOffset now)
    {
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
            Mistakes = Mistake.Worst(predictions, MistakesShown).Select(mistake => new RunReportMistake(mistake, Thumbnail(data, split[mistake.Position]))).ToList(),
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
                new("Classify your own pictures", $"sightline predict {run.Path} PICTURES"),
            ],
        });
    }

    // The gallery does without a picture that can no longer be read.
    private static PixelImage? Thumbnail(ImageDataset data, Example example)
    {
        try
        {
            return data.Images.Decode(example.Index, ThumbnailSide);
        }
        catch (DataException)
        {
            return null;
        }
    }
}
