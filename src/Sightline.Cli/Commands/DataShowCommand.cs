using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Datasets;
using Sightline.Cli.Output;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline data show NAME[@VERSION]</c>.</summary>
internal static class DataShowCommand
{
    public static Command Create()
    {
        var name = StoreOption.Name();
        var store = StoreOption.Create();
        return new Command("show", "A data set: classes and splits of a version, and how its versions came about.") { name, store }.Does(invocation =>
        {
            var from = invocation.Store(store);
            var version = from.Version(invocation.Arguments.GetRequiredValue(name));
            var summary = DatasetSummary.Of(from, version);
            var versions = from.Versions(version.Name);
            invocation.Result(
                new
                {
                    summary,
                    versions = versions.Select(seen => new
                    {
                        version = seen.Number,
                        parent = seen.Parent,
                        createdAt = seen.CreatedAt,
                        madeBy = seen.MadeBy,
                        detail = seen.Detail,
                        images = seen.Images,
                        excluded = seen.Excluded,
                        hash = seen.Hash,
                    }),
                },
                text =>
                {
                    summary.Write(text);
                    text.WriteLine();
                    var table = new TextTable("VERSION", "FROM", "MADE (UTC)", "BY", "PICTURES", "HASH", "HOW") { RightAligned = [0, 1, 4] };
                    foreach (var seen in versions)
                    {
                        table.Add(
                            $"{seen.Number}", seen.Parent is { } parent ? $"{parent}" : "-",
                            $"{seen.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm}", seen.MadeBy, $"{seen.Images}", seen.Hash[..12], seen.Detail);
                    }

                    table.Write(text);
                });
        });
    }
}
