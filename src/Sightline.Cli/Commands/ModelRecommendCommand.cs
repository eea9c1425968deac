using System.CommandLine;
using System.Globalization;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Output;
using Sightline.Cli.Runs;
using Sightline.Cli.Settings;
using Sightline.Data;
using Sightline.Models;
using Sightline.Recommendation;
using Sightline.Training;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline model recommend DATA</c>.</summary>
internal static class ModelRecommendCommand
{
    private static readonly (string Unit, double Bytes)[] _units =
        [("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("GB", 1e9), ("MB", 1e6), ("KB", 1e3), ("G", 1L << 30), ("M", 1L << 20), ("B", 1)];

    public static Command Create()
    {
        var data = new Argument<string>("DATA") { Description = "The data, as 'train' takes it." };
        var memory = new Option<string?>("--max-memory") { Description = "Memory that the training may take, such as 8GiB. Default: nine tenths of this machine's.", HelpName = "BYTES" };
        var minutes = new Option<double?>("--max-minutes") { Description = "Minutes that the training may take. Default: no limit; time is weighed against accuracy.", HelpName = "N" };
        var probe = new Option<double>("--probe-seconds") { Description = "Seconds for measuring the models; what does not fit is estimated.", HelpName = "N", DefaultValueFactory = _ => new RecommendOptions().ProbeSeconds };
        var train = new TrainArguments();
        var command = new Command("recommend", "Which model to train on this data: accuracy against memory and time, measured here.") { data, memory, minutes, probe };
        train.AddTo(command);
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            train.RefuseBatchAuto(arguments);
            var settings = new TrainSettings();
            train.Apply(arguments, settings);
            var options = new RecommendOptions
            {
                Training = settings.Build(),
                MaxMemoryBytes = arguments.GetValue(memory) is { } text ? Bytes(text) : null,
                MaxMinutes = arguments.GetValue(minutes),
                ProbeSeconds = arguments.GetValue(probe),
            };
            if (options.Training.Model is not null)
            {
                throw new SettingsException("--model names the model, which is what is asked for. Leave it out.");
            }

            var opened = ImageDatasets.Open(DataLocator.Find(arguments.GetRequiredValue(data), new FashionMnistOptions(), invocation), Trainer.Split(options.Training));
            var result = ModelRecommender.Run(opened, options, new Lines(invocation), invocation.Interrupts.Stop);
            invocation.Result(result, text => Write(result, text));
            return result.Recommended is null ? ExitCode.LimitReached : ExitCode.Done;
        });
    }

    private static void Write(ModelRecommendation result, TextWriter text)
    {
        text.WriteLine($"Data       {result.Data}: {result.TrainPictures} training pictures of {result.Classes} classes");
        text.WriteLine($"Training   {result.Epochs} epochs, batch {result.Batch}, {result.Precision}; at most {Readable.Bytes(result.MaxMemoryBytes)}{(result.MaxMinutes is { } most ? $" and {most:0.#} minutes" : "")}");
        text.WriteLine();
        var table = new TextTable("", "MODEL", "SIZE", "PARAMETERS", "MACS", "MEMORY", "PICTURES/S", "MINUTES", "TOP-1", "CLASS", "") { RightAligned = [2, 3, 4, 5, 6, 7, 8] };
        foreach (var one in result.Candidates)
        {
            table.Add(one.Name == result.Recommended ? ">" : one.IsPareto ? "*" : "", one.Name, $"{one.Size}", Readable.Count(one.Parameters), Readable.Count(one.Macs), Readable.Bytes(one.MemoryBytes),
                $"{(one.SpeedSource == "measured" ? "" : "~")}{one.ImagesPerSecond:0.0}", $"{one.Minutes:0.0}", $"{one.PriorTop1:0.0}", one.AccuracyClass, one.Fits ? "" : "over the limits");
        }

        table.Write(text);
        text.WriteLine();
        text.WriteLine(result.Recommended is null ? result.Reason : $"Recommended: {result.Reason}");
        text.WriteLine();
        text.WriteLine("> recommended. * no other is as accurate, as quick and as small. ~ estimated from the others' measured times. TOP-1 is ImageNet's, a rank");
        text.WriteLine("and not a forecast for your data; MEMORY is planned from shapes, without the program itself; MINUTES leave out data loading.");
        if (result.Recommended is { } name)
        {
            var hasWeights = ModelCatalog.Find(name).Top1 is not null;
            text.WriteLine($"Next: sightline train {result.Data} --model {name}{(hasWeights ? " --pretrained" : "")}");
        }
    }

    private static long Bytes(string text)
    {
        var (unit, factor) = _units.FirstOrDefault(entry => text.EndsWith(entry.Unit, StringComparison.OrdinalIgnoreCase));
        return unit is not null && double.TryParse(text[..^unit.Length].Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number * factor is >= 1 and < 1e18
            ? (long)(number * factor)
            : throw new SettingsException($"--max-memory is '{text}'; it must be a number with a unit, such as 8GiB or 500MB.");
    }

    private sealed class Lines(Invocation invocation) : IProgress<string>
    {
        public void Report(string value) => invocation.Say(value);
    }
}
