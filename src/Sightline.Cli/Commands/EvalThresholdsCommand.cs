using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Judging;
using Sightline.Cli.Output;
using Sightline.Cli.Runs;
using Sightline.Evaluation;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline eval thresholds RUN</c>.</summary>
internal static class EvalThresholdsCommand
{
    public static Command Create()
    {
        var run = RunLocator.Argument();
        var pictures = new JudgeOptions();
        var name = new Option<string?>("--class") { Description = "Print this class's whole table.", HelpName = "NAME" };
        var calibrated = new Option<bool>("--calibrated") { Description = "Take the probabilities after the run's temperature scaling, as 'predict --calibrated' gives them." };
        var runs = CommonOptions.Runs();
        var command = new Command("thresholds", "Precision, recall and F1 of each class over thresholds; accuracy where only sure answers count.") { run };
        pictures.AddTo(command);
        command.Add(name);
        command.Add(calibrated);
        command.Add(runs);
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var found = RunLocator.Find(arguments.GetRequiredValue(run), arguments.GetRequiredValue(runs));
            var only = arguments.GetValue(name);
            if (only is not null)
            {
                found.Settings.RequireClass(only);
            }

            var result = RunThresholds.Of(found.Path, pictures.Location(invocation), pictures.Split(invocation), arguments.GetValue(calibrated), invocation.Interrupts.Stop);
            result = result with { Classes = [.. result.Classes.Where(entry => only is null || entry.Name == only)] };
            invocation.Result(result, text => Write(result, only is not null, text));
        });
    }

    private static void Write(RunThresholds result, bool isOne, TextWriter text)
    {
        text.WriteLine($"Pictures   {result.Examples} of the {result.Split} split; probabilities {(result.Temperature is { } temperature ? $"at temperature {temperature:0.000}" : "as the model gives them")}");
        text.WriteLine();
        if (isOne)
        {
            WriteRows(result.Classes[0], text);
        }
        else
        {
            WriteClasses(result.Classes, text);
        }

        text.WriteLine();
        var table = new TextTable("ANSWERED", "PICTURES", "PROBABILITY FROM", "RIGHT") { RightAligned = [0, 1, 2, 3] };
        foreach (var point in result.Selective.Points)
        {
            table.Add(Readable.Percent(point.Coverage), $"{point.Kept}", $"{point.Threshold:0.0000}", Readable.Percent(point.Accuracy));
        }

        table.Write(text);
        text.WriteLine();
        text.WriteLine("A threshold chosen on the pictures it is judged on flatters: choose with --split validation, judge with --split test.");
    }

    private static void WriteClasses(IReadOnlyList<ClassThresholds> classes, TextWriter text)
    {
        var table = new TextTable("CLASS", "PICTURES", "AVERAGE PRECISION", "F1 AT 0.5", "BEST F1", "AT") { RightAligned = [1, 2, 3, 4, 5] };
        foreach (var entry in classes)
        {
            table.Add(entry.Name, $"{entry.Support}", $"{entry.AveragePrecision:0.0000}", $"{entry.Rows.Single(row => row.Threshold == 0.5).F1:0.0000}",
                $"{entry.BestF1:0.0000}", $"{entry.BestThreshold:0.0000}");
        }

        table.Write(text);
    }

    private static void WriteRows(ClassThresholds entry, TextWriter text)
    {
        text.WriteLine($"{entry.Name}: {entry.Support} pictures, average precision {entry.AveragePrecision:0.0000}, best F1 {entry.BestF1:0.0000} at {entry.BestThreshold:0.0000}");
        text.WriteLine();
        var table = new TextTable("THRESHOLD", "CALLED", "PRECISION", "RECALL", "F1") { RightAligned = [0, 1, 2, 3, 4] };
        foreach (var row in entry.Rows)
        {
            table.Add($"{row.Threshold:0.00}", $"{row.Called}", $"{row.Precision:0.0000}", $"{row.Recall:0.0000}", $"{row.F1:0.0000}");
        }

        table.Write(text);
    }
}
