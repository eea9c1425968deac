using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Output;
using Sightline.Data;
using Sightline.Runs;
using Sightline.Training;

namespace Sightline.Cli.Preview;

/// <summary>The options of <c>data preview</c> for a contact sheet, and what they do.</summary>
internal sealed class SheetArguments
{
    private readonly Option<int> _rows = new("--rows") { Description = "Pictures on the sheet, one of each class in turn.", HelpName = "N", DefaultValueFactory = _ => 8 };

    private readonly Option<int> _columns = new("--columns") { Description = "Epochs on the sheet.", HelpName = "N", DefaultValueFactory = _ => 8 };

    private readonly Option<string?> _out = new("--out") { Description = "File to write: the sheet, by default preview.png; with --audit the proposed policy.", HelpName = "FILE" };

    public void AddTo(Command command)
    {
        command.Add(_rows);
        command.Add(_columns);
        command.Add(_out);
    }

    public void Execute(Invocation invocation, TrainOptions options, string location)
    {
        var arguments = invocation.Arguments;
        var data = ImageDatasets.Open(location, Trainer.Split(options));
        var sheet = ContactSheet.Make(options, data, arguments.GetValue(_rows), arguments.GetValue(_columns));
        var file = arguments.GetValue(_out) ?? "preview.png";
        OutputFile.Write(file, sheet.Png);
        invocation.Result(new { file, sheet.Width, sheet.Height, sheet.Size, seed = options.Seed, augment = sheet.Augment, rows = sheet.Rows }, text => Write(file, sheet, options.Seed, text));
    }

    private static void Write(string file, ContactSheet sheet, long seed, TextWriter text)
    {
        text.WriteLine($"Sheet     {file}, {sheet.Width} x {sheet.Height} pixels; pictures of {sheet.Size} pixels");
        text.WriteLine($"Policy    {sheet.Augment.Policy}, seed {seed}");
        text.WriteLine("Column 1  the picture as evaluation sees it; column 2 is training's epoch 1, and so on.");
        text.WriteLine("What was done after crop and flip:");
        text.WriteLine();
        var columns = sheet.Rows[0].Changes.Count;
        var table = new TextTable(["ROW", "PICTURE", "CLASS", .. Enumerable.Range(2, columns).Select(column => $"COLUMN {column}")]);
        for (var row = 0; row < sheet.Rows.Count; row++)
        {
            table.Add([$"{row + 1}", sheet.Rows[row].Picture, sheet.Rows[row].Class, .. sheet.Rows[row].Changes]);
        }

        table.Write(text);
    }
}
