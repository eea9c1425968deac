using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Datasets;
using Sightline.Data.Store;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline data diff FROM [TO]</c>.</summary>
internal static class DataDiffCommand
{
    private const int LinesShown = 20;

    public static Command Create()
    {
        var from = new Argument<string>("FROM") { Description = "The older version: NAME@NUMBER. NAME alone compares its newest version with the one before." };
        var to = new Argument<string?>("TO") { Description = "The newer version. Default: the newest of the same data set.", Arity = ArgumentArity.ZeroOrOne };
        var store = StoreOption.Create();
        return new Command("diff", "What differs between two versions, picture by picture.") { from, to, store }.Does(invocation =>
        {
            var all = invocation.Store(store);
            var (older, newer) = Pair(all, invocation.Arguments.GetRequiredValue(from), invocation.Arguments.GetValue(to));
            var diff = DatasetDiff.Between(all, older, newer);
            invocation.Result(diff, text => Write(diff, text));
        });
    }

    private static (DatasetVersion Older, DatasetVersion Newer) Pair(DatasetStore store, string from, string? to)
    {
        var first = store.Version(from);
        if (to is not null || from.Contains('@'))
        {
            return (first, store.Version(to ?? first.Name));
        }

        var versions = store.Versions(first.Name);
        return versions.Count > 1
            ? (versions[^2], versions[^1])
            : throw new NotFoundException($"'{first.Name}' has one version only, so there is nothing to compare it with. Name two: 'sightline data diff A@1 B@1'.");
    }

    private static void Write(DatasetDiff diff, TextWriter text)
    {
        text.WriteLine($"{diff.From} -> {diff.To}");
        var parts = new (string Title, IReadOnlyList<ImageChange> Changes, Func<ImageChange, string> Line)[]
        {
            ("added", diff.Added, change => $"{change.Name} ({change.To})"),
            ("removed", diff.Removed, change => $"{change.Name} ({change.From})"),
            ("changed content", diff.Changed, change => $"{change.Name} ({change.From[..12]} -> {change.To[..12]})"),
            ("relabelled", diff.Relabelled, change => $"{change.Name} ({change.From} -> {change.To})"),
            ("excluded", diff.Excluded, change => $"{change.Name} ({change.To})"),
            ("restored", diff.Restored, change => $"{change.Name} (was {change.From})"),
            ("other split", diff.Moved, change => $"{change.Name} ({change.From} -> {change.To})"),
            ("classes added", [.. diff.ClassesAdded.Select(name => new ImageChange(name, "", ""))], change => change.Name),
            ("classes removed", [.. diff.ClassesRemoved.Select(name => new ImageChange(name, "", ""))], change => change.Name),
        };
        foreach (var (title, changes, line) in parts.Where(part => part.Changes.Count > 0))
        {
            text.WriteLine();
            text.WriteLine($"{title}: {changes.Count}");
            foreach (var change in changes.Take(LinesShown))
            {
                text.WriteLine($"  {line(change)}");
            }

            if (changes.Count > LinesShown)
            {
                text.WriteLine($"  ... and {changes.Count - LinesShown} more; --json shows all.");
            }
        }

        if (parts.All(part => part.Changes.Count == 0))
        {
            text.WriteLine("No difference.");
        }
    }
}
