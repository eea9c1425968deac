using System.CommandLine;
using System.Text.Json;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Judging;
using Sightline.Cli.Output;
using Sightline.Cli.Runs;
using Sightline.Inference;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline predict RUN FILES|FOLDERS</c>.</summary>
internal static class PredictCommand
{
    private static readonly HashSet<string> Extensions = new([".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"], StringComparer.OrdinalIgnoreCase);

    public static Command Create()
    {
        var run = RunLocator.Argument();
        var paths = new Argument<string[]>("PATHS") { Description = "Pictures, or folders of pictures.", Arity = ArgumentArity.OneOrMore };
        var csv = new Option<bool>("--csv") { Description = "Print comma-separated values." };
        var calibrated = new Option<bool>("--calibrated") { Description = "Probabilities after the run's temperature scaling: closer to how often the model is right." };
        var views = JudgeOptions.Views();
        var runs = CommonOptions.Runs();
        var command = new Command("predict", "The class of each picture and its probability. With --json one line of JSON per picture.") { run, paths, csv, calibrated, views, runs };
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            if (invocation.Json && arguments.GetValue(csv))
            {
                throw new SettingsException("--json and --csv exclude each other. Pass one of them.");
            }

            var found = RunLocator.Find(arguments.GetRequiredValue(run), arguments.GetRequiredValue(runs));
            var pictures = arguments.GetRequiredValue(paths).SelectMany(Expand).ToList();
            using var classifier = Classifier.Load(
                found.Path, arguments.GetValue(calibrated), Enum.Parse<TestTimeAugmentation>(arguments.GetRequiredValue(views), ignoreCase: true));
            var predictions = new List<Prediction>();
            var refused = 0;
            foreach (var prediction in classifier.PredictAll(pictures, Refuse))
            {
                predictions.Add(prediction);
                if (invocation.Json)
                {
                    invocation.Terminal.Out.WriteLine(JsonSerializer.Serialize(prediction, SightlineJson.Line));
                }
            }

            void Refuse(string message)
            {
                refused++;
                invocation.Say(message);
            }

            if (arguments.GetValue(csv))
            {
                WriteCsv(predictions, found.Settings.Classes, invocation.Terminal.Out);
            }
            else if (!invocation.Json)
            {
                WriteTable(predictions, invocation.Terminal.Out);
            }

            return refused == 0 ? ExitCode.Done : ExitCode.BadData;
        });
    }

    private static IEnumerable<string> Expand(string path)
    {
        if (File.Exists(path))
        {
            return [path];
        }

        if (!Directory.Exists(path))
        {
            throw new NotFoundException($"'{path}' is not there. Pass pictures or folders of pictures.");
        }

        var inside = Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(file => Extensions.Contains(Path.GetExtension(file)))
            .Order(StringComparer.Ordinal)
            .ToList();
        return inside.Count > 0 ? inside : throw new DataException($"'{path}' holds no pictures ({string.Join(", ", Extensions)}).");
    }

    private static void WriteTable(IReadOnlyList<Prediction> predictions, TextWriter target)
    {
        var table = new TextTable("PICTURE", "CLASS", "PROBABILITY") { RightAligned = [2] };
        foreach (var prediction in predictions)
        {
            table.Add(prediction.Path, prediction.Label, Readable.Percent(prediction.Probability));
        }

        table.Write(target);
    }

    // One column per class after the first three.
    private static void WriteCsv(IReadOnlyList<Prediction> predictions, IReadOnlyList<string> classes, TextWriter target)
    {
        Csv.Write(target, [.. new[] { "path", "label", "probability" }.Concat(classes)]);
        foreach (var prediction in predictions)
        {
            var cells = new[] { prediction.Path, prediction.Label, $"{prediction.Probability:R}" }.Concat(classes.Select(name => $"{prediction.Probabilities[name]:R}"));
            Csv.Write(target, [.. cells]);
        }
    }
}
