using System.CommandLine;
using System.Text;
using System.Text.Json;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Memory;
using Sightline.Cli.Preview;
using Sightline.Cli.Settings;
using Sightline.Data;
using Sightline.Training;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline train find-lr DATA</c>.</summary>
internal static class TrainFindRateCommand
{
    public static Command Create()
    {
        var source = new TrainSource();
        var steps = new Option<int>("--steps") { Description = "Optimiser steps of the sweep.", HelpName = "N", DefaultValueFactory = _ => 100 };
        var output = new Option<string?>("--out") { Description = "Write the curve as FILE.html and FILE.json.", HelpName = "FILE" };
        var command = new Command("find-lr", "Suggest a learning rate: a short sweep from 1e-7 to 10 that changes nothing.");
        source.AddTo(command);
        command.Add(steps);
        command.Add(output);
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var choice = source.Read(invocation);
            var dataset = ImageDatasets.Open(choice.Location, Trainer.Split(choice.Options));
            var options = BatchChoice.Of(choice, dataset, CommonOptions.DefaultRuns, invocation);
            var curve = LearningRateFinder.Run(options, dataset, arguments.GetRequiredValue(steps), null, invocation.Interrupts.Stop);
            if (arguments.GetValue(output) is { } file)
            {
                OutputFile.Write(Path.ChangeExtension(file, ".html"), Encoding.UTF8.GetBytes(LearningRatePage.Html(curve, TimeProvider.System.GetUtcNow())));
                OutputFile.Write(Path.ChangeExtension(file, ".json"), JsonSerializer.SerializeToUtf8Bytes(curve, SightlineJson.Indented));
            }

            invocation.Result(curve, text =>
            {
                text.WriteLine(LearningRatePage.Words(curve));
                if (curve.Valley is { } rate)
                {
                    text.WriteLine();
                    text.WriteLine($"Next: sightline train {choice.Location} --learning-rate {LearningRatePage.Rate(rate)}   with the same settings");
                }
            });
        });
    }
}
