using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Datasets;
using Sightline.Data.Import;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline data import SOURCE --name NAME</c>.</summary>
internal static class DataImportCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("SOURCE")
        {
            Description = "Folder of class folders (with or without train, val, test), .txt list, .csv or .tsv table, COCO .json, IDX, CIFAR binary, WebDataset, " +
                ".parquet, a .zip, .tar or .tar.gz of these, or the http(s) address of such an archive.",
        };
        var name = new Option<string>("--name") { Description = "Name of the data set; a known one gets another version.", HelpName = "NAME", Required = true };
        var copy = new Option<bool>("--copy") { Description = "Keep the pictures in the store instead of referencing them where they lie." };
        var sha256 = new Option<string?>("--sha256") { Description = "SHA-256 that a downloaded archive must have.", HelpName = "HASH" };
        var classes = new Option<string?>("--classes") { Description = "File of class names, one a line; others are refused, numbers count from 0.", HelpName = "FILE" };
        var images = new Option<string?>("--images") { Description = "Folder that the paths of a list, table or COCO file are relative to. Default: the file's own.", HelpName = "FOLDER" };
        var columns = new[] { "path", "label", "split", "group", "time" }
            .Select(column => new Option<string?>($"--{column}-column") { Description = $"Name of a table's column for the {column}.", HelpName = "NAME" })
            .ToArray();
        var skipMissing = new Option<bool>("--skip-missing") { Description = "Leave out files that a list names but that are not there." };
        var defaults = new ImportLimits();
        var unpacked = new Option<double>("--max-unpacked-gib")
        {
            Description = "Most that an archive may unpack to, in GiB.",
            HelpName = "GIB",
            DefaultValueFactory = _ => defaults.UnpackedBytes >> 30,
        };
        var ratio = new Option<double>("--max-ratio") { Description = "Most bytes that a byte of an archive may unpack to.", HelpName = "RATIO", DefaultValueFactory = _ => defaults.Ratio };
        var store = StoreOption.Create();
        var command = new Command("import", "Read a source once, check every picture, and store it as a version.") { source, name, copy, sha256, classes, images };
        foreach (var column in columns)
        {
            command.Add(column);
        }

        command.Add(skipMissing);
        command.Add(unpacked);
        command.Add(ratio);
        command.Add(store);
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var options = new ImportOptions
            {
                Source = arguments.GetRequiredValue(source),
                Name = arguments.GetRequiredValue(name),
                Copy = arguments.GetValue(copy),
                Sha256 = arguments.GetValue(sha256),
                ClassesFile = arguments.GetValue(classes),
                ImagesFolder = arguments.GetValue(images),
                SkipMissing = arguments.GetValue(skipMissing),
                Columns = new TableColumns
                {
                    Path = arguments.GetValue(columns[0]),
                    Label = arguments.GetValue(columns[1]),
                    Split = arguments.GetValue(columns[2]),
                    Group = arguments.GetValue(columns[3]),
                    Time = arguments.GetValue(columns[4]),
                },
                Limits = defaults with { UnpackedBytes = (long)(arguments.GetValue(unpacked) * (1L << 30)), Ratio = arguments.GetValue(ratio) },
            };
            var target = invocation.Store(store);
            var summary = DatasetSummary.Of(target, Run(options, target, invocation));
            invocation.Result(summary, text =>
            {
                summary.Write(text);
                text.WriteLine();
                text.WriteLine("Next:");
                text.WriteLine($"  sightline data show {summary.Name}     its versions");
                text.WriteLine($"  sightline data split {summary.Name}    training, validation and test, as you want them");
                text.WriteLine($"  sightline train {summary.Name}         train on it");
            });
        });
    }

    // The one network wait of this command; the rest is synchronous, so it is waited for here.
    private static Data.Store.DatasetVersion Run(ImportOptions options, Data.Store.DatasetStore store, Invocation invocation)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromHours(24) };
        var lines = new ImportLines(invocation, TimeProvider.System);
        try
        {
            var stop = invocation.Interrupts.StopSaying("Stopping the import; nothing of it will be visible, and the next one goes on with what was downloaded and checked.");
            return DatasetImport.RunAsync(options, store, http, lines, stop).GetAwaiter().GetResult();
        }
        finally
        {
            lines.End();
        }
    }
}
