using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Datasets;
using Sightline.Cli.Output;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline data list</c>.</summary>
internal static class DataListCommand
{
    public static Command Create()
    {
        var store = StoreOption.Create();
        return new Command("list", "All stored data sets with their newest versions.") { store }.Does(invocation =>
        {
            var from = invocation.Store(store);
            var all = from.Names().Select(name => from.Find(name)).Select(version => new
            {
                name = version.Name,
                version = version.Number,
                images = version.Images,
                excluded = version.Excluded,
                classes = version.Classes.Count,
                createdAt = version.CreatedAt,
                madeBy = version.MadeBy,
                source = version.Source,
                hash = version.Hash,
            }).ToList();
            invocation.Result(all, text =>
            {
                if (all.Count == 0)
                {
                    text.WriteLine($"No data sets in '{from.Folder}'. 'sightline data import SOURCE --name NAME' makes one.");
                    return;
                }

                var table = new TextTable("NAME", "VERSION", "PICTURES", "CLASSES", "CHANGED (UTC)", "BY", "SOURCE") { RightAligned = [1, 2, 3] };
                foreach (var line in all)
                {
                    table.Add(line.name, $"{line.version}", $"{line.images}", $"{line.classes}", $"{line.createdAt.UtcDateTime:yyyy-MM-dd HH:mm}", line.madeBy, line.source);
                }

                table.Write(text);
            });
        });
    }
}
