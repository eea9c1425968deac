using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Progress;
using Sightline.Cli.Runs;
using Sightline.Cli.Settings;
using Sightline.Data;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline quickstart</c>: from nothing to a trained classifier and its report.</summary>
internal static class QuickstartCommand
{
    private const string DefaultRecipe = "fashion-mnist-quick";

    public static Command Create()
    {
        var recipe = new Option<string>("--recipe")
        {
            Description = $"Settings to use: {string.Join(" or ", Recipe.Names.Where(known => known.StartsWith(DataLocator.FashionMnistName, StringComparison.Ordinal)))}.",
            HelpName = "NAME",
            DefaultValueFactory = _ => DefaultRecipe,
        };
        var set = TrainArguments.Sets();
        var noInstall = new Option<bool>("--no-install") { Description = "Do not install the data set's Debian package; download the files instead." };
        var runs = CommonOptions.Runs();
        var name = new Option<string?>("--name") { Description = "Name of the run's folder. Default: time and model.", HelpName = "NAME" };
        var progress = ProgressOption.Create();
        var command = new Command("quickstart", "Fetch Fashion-MNIST, train a classifier on it, write a report.") { recipe, set, noInstall, runs, name, progress };
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var settings = new TrainSettings();
            var chosen = arguments.GetRequiredValue(recipe);
            settings.AddJson(Recipe.Read(chosen), $"The recipe '{chosen}'");
            foreach (var pair in arguments.GetValue(set) ?? [])
            {
                settings.Add(pair);
            }

            var options = settings.Build();
            var data = DataLocator.Find(DataLocator.FashionMnistName, new FashionMnistOptions { MayInstall = !arguments.GetValue(noInstall) }, invocation);
            Runs.Training.Start(invocation, new TrainSource.Choice(options, data, false, false), arguments.GetRequiredValue(runs), arguments.GetValue(name), arguments.Progress(progress));
        });
    }
}
