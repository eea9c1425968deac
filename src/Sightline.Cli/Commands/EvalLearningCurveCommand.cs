using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Judging;
using Sightline.Cli.Output;
using Sightline.Cli.Runs;
using Sightline.Cli.Settings;
using Sightline.Data;
using Sightline.Evaluation;
using Sightline.Training;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline eval learning-curve DATA</c>.</summary>
internal static class EvalLearningCurveCommand
{
    public static Command Create()
    {
        var data = new Argument<string>("DATA") { Description = "The data, as 'train' takes it." };
        var shares = new Option<string>("--shares") { Description = "Shares of the training pictures; at least 3.", HelpName = "LIST", DefaultValueFactory = _ => "0.1,0.25,0.5,1" };
        var larger = new Option<string?>("--larger") { Description = "Train this model on all pictures too, and measure what it brings.", HelpName = "MODEL" };
        var config = new Option<string?>("--config") { Description = "JSON file of settings, or the run.json of a run. Default: a small, fast training.", HelpName = "FILE" };
        var train = new TrainArguments();
        var runs = CommonOptions.Runs();
        var name = new Option<string>("--name") { Description = "The runs are NAME-share-10 and so on. The same name again goes on where it stopped.", HelpName = "NAME", DefaultValueFactory = _ => "curve" };
        var command = new Command("learning-curve", "Would more data or a larger model help: trainings on growing shares of the pictures, and the curve through them.") { data, shares, larger, config };
        train.AddTo(command);
        command.Add(runs);
        command.Add(name);
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            train.RefuseBatchAuto(arguments);
            var list = Numbers(arguments.GetRequiredValue(shares));
            var location = DataLocator.Find(arguments.GetRequiredValue(data), new FashionMnistOptions(), invocation);
            var given = new TrainSettings();
            if (arguments.GetValue(config) is { } file)
            {
                given.AddFile(file);
            }

            train.Apply(arguments, given);
            var options = given.Build();
            var opened = ImageDatasets.Open(location, Trainer.Split(options));
            if (arguments.GetValue(config) is null)
            {
                var fast = new TrainSettings();
                fast.AddJson(JsonSerializer.Serialize(LearningCurve.Recipe(opened, options.Seed), SightlineJson.Line), "the fast training");
                train.Apply(arguments, fast);
                options = fast.Build();
            }

            WeightsPull.Ensure(options, invocation);
            var result = LearningCurve.Run(
                options, opened, list, arguments.GetValue(larger), arguments.GetRequiredValue(runs), arguments.GetRequiredValue(name),
                new FoldLines(invocation, "training"), invocation.Interrupts.Stop);
            invocation.Result(result, text => Write(result, text));
        });
    }

    private static void Write(LearningCurveResult result, TextWriter text)
    {
        var table = new TextTable("SHARE", "PICTURES", "EPOCHS", "ACCURACY", "95 % INTERVAL", "ON ITS OWN", "TIME") { RightAligned = [0, 1, 2, 3, 4, 5, 6] };
        foreach (var point in result.Points)
        {
            table.Add(Readable.Percent(point.Share), $"{point.Pictures}", $"{point.Epochs}", Readable.Percent(point.Accuracy),
                $"{Readable.Percent(point.AccuracyInterval.Low)} to {Readable.Percent(point.AccuracyInterval.High)}", Readable.Percent(point.TrainAccuracy), Readable.Duration(point.Seconds));
        }

        table.Write(text);
        text.WriteLine();
        text.WriteLine($"The curve   errors = {1 - result.Ceiling:0.0000} + b n^-{result.Exponent:0.00}; {Readable.Percent(result.AccuracyAtDouble)} at twice the pictures");
        text.WriteLine(result.Sentence);
        text.WriteLine();
        text.WriteLine($"ACCURACY is of the {result.Split} pictures, ON ITS OWN of the pictures trained on.");
    }

    private static double[] Numbers(string list) => [.. list.Split(',').Select(part =>
        double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new SettingsException($"--shares has '{part.Trim()}', which is no number. Pass numbers, such as 0.1,0.25,0.5,1."))];
}
