using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Judging;
using Sightline.Cli.Output;
using Sightline.Cli.Runs;
using Sightline.Evaluation;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline eval errors RUN</c>.</summary>
internal static class EvalErrorsCommand
{
    private const int ShownToPeople = 50;
    private const int PairsShown = 10;

    public static Command Create()
    {
        var run = RunLocator.Argument();
        var pictures = new JudgeOptions();
        var pair = new Option<string[]>("--pair")
        {
            Description = "Only pictures of class TRUE that were taken for class PREDICTED.",
            HelpName = "TRUE PREDICTED",
            Arity = new ArgumentArity(2, 2),
            AllowMultipleArgumentsPerToken = true,
        };
        var top = new Option<int?>("--top") { Description = $"At most so many, worst first. Default: all; {ShownToPeople} as text.", HelpName = "N" };
        var csv = new Option<bool>("--csv") { Description = "Print comma-separated values." };
        var runs = CommonOptions.Runs();
        var command = new Command("errors", "A run's mistakes, the surest first, and which classes it confuses most.") { run };
        pictures.AddTo(command);
        command.Add(pair);
        command.Add(top);
        command.Add(csv);
        command.Add(runs);
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            if (invocation.Json && arguments.GetValue(csv))
            {
                throw new SettingsException("--json and --csv exclude each other. Pass one of them.");
            }

            if (arguments.GetValue(top) is < 1)
            {
                throw new SettingsException($"--top is {arguments.GetValue(top)}; it must be at least 1.");
            }

            var found = RunLocator.Find(arguments.GetRequiredValue(run), arguments.GetRequiredValue(runs));
            var result = RunErrors.Of(found.Path, pictures.Location(invocation), pictures.Split(invocation), Pair(arguments.GetValue(pair)), invocation.Interrupts.Stop);
            var most = arguments.GetValue(top) ?? (invocation.Json || arguments.GetValue(csv) ? int.MaxValue : ShownToPeople);
            var shown = result with { Mistakes = [.. result.Mistakes.Take(most)] };
            if (arguments.GetValue(csv))
            {
                WriteCsv(shown, invocation.Terminal.Out);
                return;
            }

            invocation.Result(shown, text => Write(result, shown.Mistakes, text));
        });
    }

    private static (string True, string Predicted)? Pair(string[]? names) => names is { Length: 2 } ? (names[0], names[1]) : null;

    private static void WriteCsv(RunErrors result, TextWriter target)
    {
        Csv.Write(target, "path", "true", "predicted", "probability", "trueProbability", "loss");
        foreach (var mistake in result.Mistakes)
        {
            Csv.Write(target, mistake.Path, mistake.TrueClass, mistake.PredictedClass, $"{mistake.Probability:R}", $"{mistake.TrueProbability:R}", $"{mistake.Loss:R}");
        }
    }

    private static void Write(RunErrors result, IReadOnlyList<RunError> shown, TextWriter text)
    {
        text.WriteLine($"Run        {result.Run}");
        text.WriteLine($"Pictures   {result.Examples} of the {result.Split} split; {result.Errors} wrong ({Readable.Percent((double)result.Errors / result.Examples)})");
        if (result.Mistakes.Count == 0)
        {
            text.WriteLine(result.Errors == 0 ? "No picture was taken for another class." : "No mistake is of that pair of classes.");
            return;
        }

        text.WriteLine();
        var pairs = new TextTable("TRUE", "TAKEN FOR", "PICTURES", "OF THE CLASS") { RightAligned = [2, 3] };
        foreach (var pair in result.Pairs.Take(PairsShown))
        {
            pairs.Add(pair.TrueClass, pair.PredictedClass, $"{pair.Count}", Readable.Percent(pair.Share));
        }

        pairs.Write(text);
        text.WriteLine();
        var table = new TextTable("PICTURE", "TRUE", "TAKEN FOR", "PROBABILITY", "OF THE TRUE") { RightAligned = [3, 4] };
        foreach (var mistake in shown)
        {
            table.Add(mistake.Path, mistake.TrueClass, mistake.PredictedClass, Readable.Percent(mistake.Probability), Readable.Percent(mistake.TrueProbability));
        }

        table.Write(text);
        if (shown.Count < result.Mistakes.Count)
        {
            text.WriteLine($"... and {result.Mistakes.Count - shown.Count} more; --top, --csv or --json shows them.");
        }
    }
}
