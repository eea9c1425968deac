using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Output;
using Sightline.Cli.Runs;
using Sightline.Data;
using Sightline.Evaluation;
using Sightline.Inference;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline eval run RUN</c>.</summary>
internal static class EvalRunCommand
{
    public static Command Create()
    {
        var run = RunLocator.Argument();
        var data = new Option<string?>("--data") { Description = "Another data set with the same classes. Default: the run's own.", HelpName = "FOLDER" };
        var split = new Option<string?>("--split") { Description = "test, validation, train or all. Default: test; all where another data set has no test split.", HelpName = "NAME" };
        split.AcceptOnlyFromAmong("test", "validation", "train", "all");
        var views = new Option<string>("--tta")
        {
            Description = "Average over views of each picture: none, flip (2 views), crops (5) or flipAndCrops (10). Takes as many times as long.",
            HelpName = "VIEWS",
            DefaultValueFactory = _ => "none",
        };
        views.AcceptOnlyFromAmong("none", "flip", "crops", "flipAndCrops");
        var runs = CommonOptions.Runs();
        var command = new Command("run", "Judge a run's best weights on a split: accuracy, F1 per class, confusion, calibration.") { run, data, split, views, runs };
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var found = RunLocator.Find(arguments.GetRequiredValue(run), arguments.GetRequiredValue(runs));
            var location = arguments.GetValue(data) is { } other ? DataLocator.Find(other, new FashionMnistOptions(), invocation) : null;
            var averaged = Enum.Parse<TestTimeAugmentation>(arguments.GetRequiredValue(views), ignoreCase: true);
            var result = Evaluator.Run(found.Path, location, arguments.GetValue(split), averaged);
            invocation.Result(result, text => Write(result, text));
        });
    }

    private static void Write(EvaluationResult result, TextWriter text)
    {
        text.WriteLine($"Pictures   {result.Examples}");
        text.WriteLine($"Accuracy   {Readable.Percent(result.Accuracy)} (95 % interval {Readable.Percent(result.AccuracyInterval.Low)} to {Readable.Percent(result.AccuracyInterval.High)})");
        text.WriteLine($"Top-{result.TopK}      {Readable.Percent(result.Top5)}");
        text.WriteLine($"Loss       {result.Loss:0.0000}");
        text.WriteLine($"Macro F1   {result.Macro.F1:0.0000}");
        text.WriteLine($"ECE        {result.Ece:0.0000}");
        text.WriteLine();
        var table = new TextTable("CLASS", "PICTURES", "PRECISION", "RECALL", "F1") { RightAligned = [1, 2, 3, 4] };
        foreach (var line in result.PerClass)
        {
            table.Add(line.Name, $"{line.Support}", $"{line.Precision:0.0000}", $"{line.Recall:0.0000}", $"{line.F1:0.0000}");
        }

        table.Write(text);
    }
}
