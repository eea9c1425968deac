using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Datasets;
using Sightline.Curation;
using Sightline.Data.Store;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline data fix NAME</c>.</summary>
internal static class DataFixCommand
{
    public static Command Create()
    {
        var name = StoreOption.Name("A stored data set; decisions are made about its newest version.");
        var from = new Option<string?>("--from") { Description = "CSV file of 'data review --export' with the column decision filled in.", HelpName = "FILE" };
        var relabel = new Option<string[]>("--relabel") { Description = "Give a picture another class; may be repeated.", HelpName = "PICTURE=CLASS" };
        var exclude = new Option<string[]>("--exclude") { Description = "Leave a picture out, its file stays; may be repeated.", HelpName = "PICTURE" };
        var keep = new Option<string[]>("--keep") { Description = "Settle all findings about a picture; may be repeated.", HelpName = "PICTURE" };
        var undo = new Option<bool>("--undo") { Description = "Undo the newest decisions that are in force." };
        var store = StoreOption.Create();
        var command = new Command("fix", "Make decisions about pictures, or undo them; each time a new version.") { name, from, relabel, exclude, keep, undo, store };
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var all = invocation.Store(store);
            var version = all.Version(arguments.GetRequiredValue(name));
            if (arguments.GetRequiredValue(name).Contains('@'))
            {
                throw new SettingsException($"Decisions are made about the newest version. Pass '{version.Name}' without a number.");
            }

            var decisions = new List<Decision>();
            decisions.AddRange(arguments.GetValue(from) is { } file ? ReviewQueue.ReadCsv(file) : []);
            decisions.AddRange((arguments.GetValue(relabel) ?? []).Select(Relabel));
            decisions.AddRange((arguments.GetValue(exclude) ?? []).Select(image => new Decision { Kind = DecisionKind.Exclude, Image = image }));
            decisions.AddRange((arguments.GetValue(keep) ?? []).Select(image => new Decision { Kind = DecisionKind.Keep, Image = image }));
            var isUndo = arguments.GetValue(undo);
            if (isUndo == decisions.Count > 0)
            {
                throw new SettingsException(isUndo
                    ? "--undo stands alone; make decisions in another call."
                    : "There is nothing to do. Pass --from FILE with decisions in it, --relabel, --exclude or --keep, or --undo.");
            }

            var made = isUndo ? DatasetFixes.Undo(all, version.Name) : DatasetFixes.Apply(all, version.Name, decisions);
            var summary = DatasetSummary.Of(all, made);
            invocation.Result(summary, summary.Write);
        });
    }

    private static Decision Relabel(string text)
    {
        var at = text.LastIndexOf('=');
        return at > 0 && at < text.Length - 1
            ? new Decision { Kind = DecisionKind.Relabel, Image = text[..at], To = text[(at + 1)..] }
            : throw new SettingsException($"--relabel {text} cannot be read; PICTURE=CLASS is expected, for example --relabel cat/12.jpg=dog.");
    }
}
