using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Datasets;
using Sightline.Curation;
using Sightline.Data.Store;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline data split NAME</c>.</summary>
internal static class DataSplitCommand
{
    public static Command Create()
    {
        var defaults = new DatasetSplitOptions();
        var name = StoreOption.Name();
        var by = new Option<string?>("--by")
        {
            Description = "random: each class by chance; group: a group stays together; folder: a folder does; time: oldest train, newest test; lists. " +
                "Default: group where there are groups, else random.",
            HelpName = "METHOD",
        };
        by.AcceptOnlyFromAmong("random", "group", "folder", "time", "lists");
        var validation = new Option<double>("--validation") { Description = "Share of validation.", HelpName = "SHARE", DefaultValueFactory = _ => defaults.ValidationShare };
        var test = new Option<double?>("--test") { Description = "Share of test. Default: 0.1, with --folds 0.", HelpName = "SHARE" };
        var folds = new Option<int?>("--folds") { Description = "Make this many versions, each with another part validated.", HelpName = "K" };
        var seed = new Option<long>("--seed") { Description = "Seed of the division.", HelpName = "NUMBER", DefaultValueFactory = _ => defaults.Seed };
        var keepTest = new Option<bool>("--keep-test") { Description = "Leave the test split as it is." };
        var lists = new[] { "train", "validation", "test" }
            .Select(split => new Option<string?>($"--{split}-list") { Description = $"With --by lists: picture names of {split}, one a line; a line ending in / means a folder.", HelpName = "FILE" })
            .ToArray();
        var ignore = new Option<bool>("--ignore-duplicates") { Description = "Let duplicates that 'data check' found fall into different splits." };
        var store = StoreOption.Create();
        var command = new Command("split", "Divide a version anew; duplicates that 'data check' found stay together.") { name, by, validation, test, folds, seed, keepTest };
        foreach (var list in lists)
        {
            command.Add(list);
        }

        command.Add(ignore);
        command.Add(store);
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var from = invocation.Store(store);
            var version = from.Version(arguments.GetRequiredValue(name));
            var options = new DatasetSplitOptions
            {
                Method = arguments.GetValue(by) is { } word ? Enum.Parse<SplitMethod>(word, ignoreCase: true) : null,
                ValidationShare = arguments.GetValue(validation),
                TestShare = arguments.GetValue(test),
                Folds = arguments.GetValue(folds),
                Seed = arguments.GetValue(seed),
                KeepTest = arguments.GetValue(keepTest),
                TrainList = arguments.GetValue(lists[0]),
                ValidationList = arguments.GetValue(lists[1]),
                TestList = arguments.GetValue(lists[2]),
                Clusters = arguments.GetValue(ignore) ? [] : Clusters(from, version, invocation),
            };
            var made = DatasetSplitting.Apply(from, version.Reference, options).Select(split => DatasetSummary.Of(from, split)).ToList();
            invocation.Result(made, text =>
            {
                foreach (var summary in made)
                {
                    summary.Write(text);
                    text.WriteLine();
                }

                text.WriteLine($"Next: sightline train {made[0].Dataset}{(made.Count > 1 ? $" ... sightline train {made[^1].Dataset}" : "")}");
            });
        });
    }

    private static IReadOnlyList<IReadOnlyList<int>> Clusters(DatasetStore store, DatasetVersion version, Invocation invocation)
    {
        if (CheckReports.Newest(store, version) is not { } source)
        {
            invocation.Say($"No report of 'sightline data check' on {version.Name}: duplicates, if there are any, may fall into different splits.");
            return [];
        }

        var clusters = ReportedDuplicates.Read(store, source, DatasetStore.CheckReport(source), version);
        invocation.Say($"{clusters.Count} duplicate clusters of the report on {source.Reference} stay together.");
        return clusters;
    }
}
