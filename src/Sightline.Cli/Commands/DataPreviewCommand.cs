using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Output;
using Sightline.Cli.Preview;
using Sightline.Cli.Runs;
using Sightline.Cli.Settings;
using Sightline.Data;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline data preview DATA</c>: what augmentation does to the pictures, and with <c>--audit</c> whether it suits them.</summary>
internal static class DataPreviewCommand
{
    public static Command Create()
    {
        var data = new Argument<string?>("DATA") { Description = "Folder of class folders or of IDX files, or fashion-mnist.", Arity = ArgumentArity.ZeroOrOne };
        var augment = TrainArguments.Augment();
        var config = new Option<string?>("--config") { Description = "JSON file of settings, or the run.json of a run.", HelpName = "FILE" };
        var set = TrainArguments.Sets();
        var sheet = new SheetArguments();
        var audit = new AuditArguments();
        var operators = new Option<bool>("--list-operators") { Description = "List the operators with their ranges." };
        var runs = CommonOptions.Runs();
        var command = new Command("preview", "Show what augmentation does to pictures, or audit it with a trained model.") { data, augment, config, set };
        sheet.AddTo(command);
        audit.AddTo(command);
        command.Add(operators);
        command.Add(runs);
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            if (arguments.GetValue(operators))
            {
                OperatorList.Write(invocation);
                return;
            }

            if (arguments.GetValue(audit.Run) is { } run)
            {
                var location = arguments.GetValue(data) is { } named ? DataLocator.Find(named, new FashionMnistOptions(), invocation) : null;
                audit.Execute(invocation, RunLocator.Find(run, arguments.GetRequiredValue(runs)), location, arguments.GetRequiredValue(runs));
                return;
            }

            var settings = new TrainSettings();
            if (arguments.GetValue(config) is { } file)
            {
                settings.AddFile(file);
            }

            foreach (var pair in arguments.GetValue(set) ?? [])
            {
                settings.Add(pair);
            }

            if (arguments.GetValue(augment) is { } policy)
            {
                settings.Add("augment", policy, augment.Name);
            }

            var options = settings.Build();
            var place = arguments.GetValue(data) ?? settings.DataLocation
                ?? throw new SettingsException("What to preview is missing. Pass the data's folder: 'sightline data preview DATA --augment trivial'.");
            sheet.Execute(invocation, options, DataLocator.Find(place, new FashionMnistOptions(), invocation));
        });
    }
}
