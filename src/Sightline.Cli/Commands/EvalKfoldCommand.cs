using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Judging;
using Sightline.Cli.Output;
using Sightline.Cli.Runs;
using Sightline.Cli.Settings;
using Sightline.Data;
using Sightline.Evaluation;
using Sightline.Training;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline eval kfold DATA</c>.</summary>
internal static class EvalKfoldCommand
{
    public static Command Create()
    {
        var data = new Argument<string>("DATA") { Description = "The data, as 'train' takes it. Test pictures that came with it stay out." };
        var folds = new Option<int>("--folds") { Description = "Trainings; each leaves one part of the pictures out and is judged by it. 2 to 20.", HelpName = "K", DefaultValueFactory = _ => 5 };
        var config = new Option<string?>("--config") { Description = "JSON file of settings, or the run.json of a run.", HelpName = "FILE" };
        var ignore = new Option<bool>("--ignore-duplicates") { Description = "Divide near duplicates freely. By default they stay in one fold." };
        var train = new TrainArguments();
        var runs = CommonOptions.Runs();
        var name = new Option<string>("--name") { Description = "The runs are NAME-fold-1 and so on. The same name again goes on where it stopped.", HelpName = "NAME", DefaultValueFactory = _ => "kfold" };
        var command = new Command("kfold", "How good a training is on this data: k trainings, mean and deviation (cross-validation).") { data, folds, config };
        command.Add(ignore);
        train.AddTo(command);
        command.Add(runs);
        command.Add(name);
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            train.RefuseBatchAuto(arguments);
            var settings = new TrainSettings();
            if (arguments.GetValue(config) is { } file)
            {
                settings.AddFile(file);
            }

            train.Apply(arguments, settings);
            var options = settings.Build();
            WeightsPull.Ensure(options, invocation);
            var opened = ImageDatasets.Open(DataLocator.Find(arguments.GetRequiredValue(data), new FashionMnistOptions(), invocation), Trainer.Split(options));
            var result = CrossValidation.Run(
                options, opened, arguments.GetValue(folds), arguments.GetRequiredValue(runs), arguments.GetRequiredValue(name),
                new FoldLines(invocation, "fold"), invocation.Interrupts.Stop, arguments.GetValue(ignore) ? [] : null);
            invocation.Result(result, text => Write(result, text));
        });
    }

    private static void Write(CrossValidationResult result, TextWriter text)
    {
        var table = new TextTable("FOLD", "PICTURES", "ACCURACY", "MACRO F1", "LOSS", "TIME", "RUN") { RightAligned = [0, 1, 2, 3, 4, 5] };
        foreach (var fold in result.Folds)
        {
            table.Add($"{fold.Fold}", $"{fold.Examples}", Readable.Percent(fold.Accuracy), $"{fold.MacroF1:0.0000}", $"{fold.Loss:0.0000}", Readable.Duration(fold.Seconds),
                Path.GetRelativePath(Environment.CurrentDirectory, fold.Run));
        }

        table.Write(text);
        text.WriteLine();
        text.WriteLine($"Accuracy   {Readable.Percent(result.Accuracy.Mean)}, deviation {Readable.Percent(result.Accuracy.Deviation)} between folds, standard error {Readable.Percent(result.Accuracy.StandardError)}");
        text.WriteLine($"Macro F1   {result.MacroF1.Mean:0.0000}, deviation {result.MacroF1.Deviation:0.0000}");
        if (result.ClustersKeptWhole > 0)
        {
            text.WriteLine($"Duplicates {result.ClustersKeptWhole} {(result.ClustersKeptWhole == 1 ? "cluster" : "clusters")} of near duplicates, each kept in one fold");
        }

        text.WriteLine($"Pooled     {Readable.Percent(result.Pooled.Accuracy)} of {result.Pooled.Examples} pictures, each judged by a model that did not see it");
        text.WriteLine($"           (95 % interval {Readable.Percent(result.Pooled.AccuracyInterval.Low)} to {Readable.Percent(result.Pooled.AccuracyInterval.High)}); ECE {result.Pooled.Ece:0.0000}");
    }
}
