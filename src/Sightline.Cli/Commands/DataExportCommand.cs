using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Datasets;
using Sightline.Data.Import;
using Sightline.Data.Store;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline data export NAME</c>.</summary>
internal static class DataExportCommand
{
    public static Command Create()
    {
        var name = StoreOption.Name();
        var to = new Option<string?>("--to") { Description = "New folder for split/class/picture, or class/picture where there are no splits.", HelpName = "FOLDER" };
        var list = new Option<string?>("--list") { Description = "CSV file of path, label, split, group and time.", HelpName = "FILE" };
        var store = StoreOption.Create();
        return new Command("export", "Write a version for other tools: class folders, or a list.") { name, to, list, store }.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var (folder, file) = (arguments.GetValue(to), arguments.GetValue(list));
            if (folder is null && file is null)
            {
                throw new SettingsException("Where to export is missing. Pass --to FOLDER for class folders, --list FILE for a CSV file, or both.");
            }

            var from = invocation.Store(store);
            var version = from.Version(arguments.GetRequiredValue(name));
            var images = file is null ? 0 : DatasetExport.WriteList(from, version, file);
            if (folder is not null)
            {
                var lines = new ImportLines(invocation, TimeProvider.System);
                images = DatasetExport.WriteFolders(
                    from, version, folder, done => lines.Report(new ImportProgress("export", done, version.Images, "pictures")),
                    invocation.Interrupts.StopSaying("Stopping the export; nothing of it is kept."));
            }

            invocation.Result(new { dataset = version.Reference, images, folder, list = file }, text => text.WriteLine(
                $"{images} pictures of {version.Reference} are in {string.Join(" and ", new[] { folder, file }.Where(place => place is not null).Select(place => $"'{place}'"))}."));
        });
    }
}
