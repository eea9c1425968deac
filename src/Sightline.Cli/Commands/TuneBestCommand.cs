using System.CommandLine;
using System.Text.Json;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Tuning;
using Sightline.Search;
using Sightline.Tuning;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline tune best</c>.</summary>
internal static class TuneBestCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("STUDY") { Description = "The study's name; not needed where the store has one.", Arity = ArgumentArity.ZeroOrOne };
        var save = new Option<string?>("--save") { Description = "Write the best configuration as JSON; for trainings the winner's recipe, for 'train --config'.", HelpName = "FILE" };
        var store = new StoreArgument();
        var command = new Command("best", "The best configuration of a study.") { name, save };
        store.AddTo(command);
        return command.Does(invocation =>
        {
            var place = store.Existing(invocation.Arguments);
            using var study = Study.Open(place, StoreArgument.Name(place, invocation.Arguments.GetValue(name)));
            var isOne = study.Options.Directions.Count == 1;
            var spec = ObjectiveSpec.Find(place, study.Options.Name);
            var winners = spec is null ? [] : Winners.Read(spec.Folder);
            var best = isOne ? study.Best is { } one ? [TrialDocument.Of(one)] : [] : study.Front.Select(TrialDocument.Of).ToList();
            if (best.Count == 0)
            {
                throw new NotFoundException($"Study '{study.Options.Name}' has no complete trial that meets its constraints yet. See 'sightline tune status {study.Options.Name}'.");
            }

            if (invocation.Arguments.GetValue(save) is { } file)
            {
                if (!isOne)
                {
                    throw new SettingsException($"Study '{study.Options.Name}' has {study.Options.Directions.Count} objectives and no single best trial; choose one of --json's list.");
                }

                if (spec?.Training is { } training)
                {
                    // By the figures over seeds where there are any: the best of many is partly luck.
                    var chosen = winners is [var first, ..] ? new Configuration(first.Configuration) : ImageStudy.Best(study)[0].Configuration;
                    AtomicFile.WriteText(file, Winners.RecipeJson(training, chosen));
                    invocation.Say($"The best recipe is in {file}: sightline train DATA --config {file}");
                }
                else
                {
                    AtomicFile.WriteText(file, JsonSerializer.Serialize(best[0].Configuration, SightlineJson.Indented) + "\n");
                    invocation.Say($"The best configuration is in {file}.");
                }
            }

            invocation.Result(best, text =>
            {
                foreach (var trial in best)
                {
                    text.WriteLine(FormattableString.Invariant($"{string.Join(", ", trial.Values)}, trial {trial.Number}"));
                    foreach (var (parameter, value) in trial.Configuration)
                    {
                        text.WriteLine(FormattableString.Invariant($"  {parameter} {value}"));
                    }
                }

                foreach (var winner in winners)
                {
                    text.WriteLine(Winners.Line(winner));
                }
            });
        });
    }
}
