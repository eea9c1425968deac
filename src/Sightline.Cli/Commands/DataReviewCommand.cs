using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Datasets;
using Sightline.Curation;
using Sightline.Data.Store;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline data review NAME</c>.</summary>
internal static class DataReviewCommand
{
    public static Command Create()
    {
        var name = StoreOption.Name();
        var report = new Option<string?>("--report") { Description = "Report of 'data check'. Default: the newest that is stored.", HelpName = "FILE" };
        var kinds = new Option<string[]>("--kind") { Description = "Only findings of this kind, such as wrong-label; may be repeated.", HelpName = "KIND" };
        var export = new Option<string?>("--export") { Description = "Write the queue as CSV instead; fill in 'decision', then 'data fix NAME --from FILE'.", HelpName = "FILE" };
        var store = StoreOption.Create();
        var command = new Command("review", "Decide about findings, one key each: relabel, exclude, keep, not a duplicate.") { name, report, kinds, export, store };
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var from = invocation.Store(store);
            var version = from.Version(arguments.GetRequiredValue(name));
            var file = arguments.GetValue(report);
            if (file is null)
            {
                version = CheckReports.Newest(from, version) ?? throw new NotFoundException(
                    $"There is no report on {version.Name} to review. Make one with 'sightline data check {version.Name}', or name it with --report FILE.");
                file = DatasetStore.CheckReport(version);
            }

            var items = ReviewQueue.Open(from, version, file, arguments.GetValue(kinds) ?? []);
            if (arguments.GetValue(export) is { } target)
            {
                ReviewQueue.WriteCsv(items, target);
                invocation.Result(new { dataset = version.Reference, findings = items.Count, file = target }, text => text.WriteLine(
                    $"{items.Count} findings on {version.Reference} are in '{target}'. Fill in the column decision, then: sightline data fix {version.Name} --from {target}"));
            }
            else if (invocation.Json)
            {
                invocation.Result(items, _ => { });
            }
            else
            {
                Review(invocation, from, version, items);
            }
        });
    }

    private static void Review(Invocation invocation, DatasetStore store, DatasetVersion version, IReadOnlyList<ReviewItem> items)
    {
        if (items.Count == 0)
        {
            invocation.Terminal.Out.WriteLine($"Nothing to review: every finding on {version.Reference} about a picture is settled.");
            return;
        }

        var decisions = new ReviewSession(items, version.Classes, invocation.Terminal.Error, new ReviewKeys()).Run();
        if (decisions.Count == 0)
        {
            invocation.Terminal.Out.WriteLine("Nothing was decided.");
            return;
        }

        var made = DatasetFixes.Apply(store, version.Name, decisions);
        invocation.Terminal.Out.WriteLine($"{decisions.Count} decisions are in the log; the data set is now {made.Reference}: {made.Images} pictures in use, {made.Excluded} left out.");
        invocation.Terminal.Out.WriteLine($"Undo with: sightline data fix {version.Name} --undo");
    }
}
