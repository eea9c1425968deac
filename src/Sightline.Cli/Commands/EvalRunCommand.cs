using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Judging;
using Sightline.Cli.Output;
using Sightline.Cli.Runs;
using Sightline.Evaluation;
using Sightline.Inference;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline eval run RUN</c>.</summary>
internal static class EvalRunCommand
{
    public static Command Create()
    {
        var run = RunLocator.Argument();
        var pictures = new JudgeOptions();
        var views = JudgeOptions.Views();
        var runs = CommonOptions.Runs();
        var command = new Command("run", "Judge a run's best weights on a split: accuracy, F1 per class, confusion, calibration.") { run };
        pictures.AddTo(command);
        command.Add(views);
        command.Add(runs);
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var found = RunLocator.Find(arguments.GetRequiredValue(run), arguments.GetRequiredValue(runs));
            var averaged = Enum.Parse<TestTimeAugmentation>(arguments.GetRequiredValue(views), ignoreCase: true);
            var result = Evaluator.Run(found.Path, pictures.Location(invocation), pictures.Split(invocation), averaged);
            invocation.Result(result, text => Write(result, text));
        });
    }

    private static void Write(EvaluationResult result, TextWriter text)
    {
        text.WriteLine($"Pictures   {result.Examples}");
        text.WriteLine($"Accuracy   {Readable.Percent(result.Accuracy)} (95 % interval {Readable.Percent(result.AccuracyInterval.Low)} to {Readable.Percent(result.AccuracyInterval.High)})");
        text.WriteLine($"Top-{result.TopK}      {Readable.Percent(result.Top5)}");
        text.WriteLine($"Loss       {result.Loss:0.0000}{Span(result.Bootstrap?.Loss)}");
        text.WriteLine($"Macro F1   {result.Macro.F1:0.0000}{Span(result.Bootstrap?.MacroF1)}");
        text.WriteLine($"ECE        {result.Ece:0.0000}{(result.Calibrated is { } calibrated ? $"; {calibrated.Ece:0.0000} after dividing the logits by the run's temperature, {calibrated.Temperature:0.000}" : "")}");
        if (result.Selective?.Points.FirstOrDefault(point => point.Coverage <= 0.9) is { } sure)
        {
            text.WriteLine($"Surest     {Readable.Percent(sure.Accuracy)} right on the {Readable.Percent(sure.Coverage)} that it is surest of (probability from {sure.Threshold:0.000})");
        }

        text.WriteLine();
        var table = new TextTable("CLASS", "PICTURES", "PRECISION", "RECALL", "F1") { RightAligned = [1, 2, 3, 4] };
        foreach (var line in result.PerClass)
        {
            table.Add(line.Name, $"{line.Support}", $"{line.Precision:0.0000}", $"{line.Recall:0.0000}", $"{line.F1:0.0000}");
        }

        table.Write(text);
    }

    private static string Span(BootstrapInterval? interval) =>
        interval is null ? "" : $" (95 % interval {interval.Percentile.Low:0.0000} to {interval.Percentile.High:0.0000})";
}
