using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Judging;
using Sightline.Cli.Output;
using Sightline.Cli.Runs;
using Sightline.Evaluation;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline eval compare RUN RUN</c>.</summary>
internal static class EvalCompareCommand
{
    public static Command Create()
    {
        var first = new Argument<string>("FIRST") { Description = "A run: its folder, its name below --runs, or 'last'." };
        var second = new Argument<string>("SECOND") { Description = "The run to compare with it; it must have the same classes." };
        var pictures = new JudgeOptions();
        var runs = CommonOptions.Runs();
        var command = new Command("compare", "Which of two runs is better on the same pictures, and whether that is more than chance.") { first, second };
        pictures.AddTo(command);
        command.Add(runs);
        return command.Does(invocation =>
        {
            var (arguments, folder) = (invocation.Arguments, invocation.Arguments.GetRequiredValue(runs));
            var one = RunLocator.Find(arguments.GetRequiredValue(first), folder);
            var other = RunLocator.Find(arguments.GetRequiredValue(second), folder);
            var result = Evaluator.Compare(one.Path, other.Path, pictures.Location(invocation), pictures.Split(invocation));
            invocation.Result(result, text => Write(result, text));
        });
    }

    private static void Write(RunComparison result, TextWriter text)
    {
        text.WriteLine($"First       {result.First}");
        text.WriteLine($"Second      {result.Second}");
        text.WriteLine($"Pictures    {result.Examples} of the {result.Split} split of {result.Data}");
        foreach (var warning in result.Warnings)
        {
            text.WriteLine($"Warning     {warning}");
        }

        text.WriteLine();
        text.WriteLine(result.Sentence);
        text.WriteLine();
        var figures = new TextTable("FIGURE", "FIRST", "SECOND", "DIFFERENCE", "95 % INTERVAL") { RightAligned = [1, 2, 3, 4] };
        figures.Add("Accuracy", Readable.Percent(result.FirstAccuracy), Readable.Percent(result.SecondAccuracy), Points(result.AccuracyDifference), Span(result.AccuracyDifferenceInterval));
        figures.Add("Macro F1", Readable.Percent(result.FirstMacroF1), Readable.Percent(result.SecondMacroF1), Points(result.MacroF1Difference), Span(result.MacroF1DifferenceInterval));
        figures.Write(text);
        text.WriteLine();
        text.WriteLine($"Both right {result.BothRight}, only the first {result.McNemar.OnlyFirst}, only the second {result.McNemar.OnlySecond}, both wrong {result.BothWrong}.");
        text.WriteLine();
        var table = new TextTable("CLASS", "PICTURES", "RECALL", "SECOND", "DIFFERENCE", "F1", "SECOND", "DIFFERENCE", "P") { RightAligned = [1, 2, 3, 4, 5, 6, 7, 8] };
        foreach (var line in result.PerClass)
        {
            table.Add(line.Name, $"{line.Support}", Readable.Percent(line.FirstRecall), Readable.Percent(line.SecondRecall), Points(line.RecallDifference),
                Readable.Percent(line.FirstF1), Readable.Percent(line.SecondF1), Points(line.F1Difference), $"{line.AdjustedPValue:0.0000}");
        }

        table.Write(text);
        text.WriteLine();
        text.WriteLine("DIFFERENCE: points, second minus first. P: McNemar's test of the recalls, adjusted for the number of classes (Holm); below 0.05 is more than chance.");
    }

    private static string Points(double difference) => $"{100 * difference:+0.00;-0.00;0.00}";

    private static string Span(BootstrapInterval interval) => $"{Points(interval.Percentile.Low)} to {Points(interval.Percentile.High)}";
}
