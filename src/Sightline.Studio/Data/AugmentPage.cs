using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sightline.Augment;
using Sightline.Data;
using Sightline.Data.Store;
using Sightline.Runs;
using Sightline.Runs.Report;
using Sightline.Studio.Shared;
using Sightline.Training;

namespace Sightline.Studio.Data;

/// <summary><c>/data/SET/augment</c>: training pictures as they are and as an augmentation shows them to the model; the sheet of <c>data preview</c>.</summary>
internal sealed class AugmentPage(DataShelf shelf) : IDisposable
{
    private const int Kept = 8;
    private const int MostRows = 20;
    private const int MostColumns = 12;

    private readonly Recent<Asked, ContactSheet> _kept = new(Kept);

    /// <summary>Names of the policies, as the command takes them.</summary>
    public static IReadOnlyList<(string Name, string About)> Policies { get; } =
    [
        ("basic", "flip and crop, by size"), ("none", "no change"), ("trivial", "TrivialAugmentWide"), ("rand", "RandAugment"), ("auto", "AutoAugment of ImageNet"), ("autoCifar10", "AutoAugment of CIFAR-10"), ("augmix", "AugMix"),
    ];

    public void Map(Endpoints pages)
    {
        pages.Get("/data/{set}/augment", Show);
        pages.Get("/data/{set}/augment/sheet", Sheet);
    }

    public void Dispose() => _kept.Dispose();

    private sealed record Asked(string Hash, string Policy, int Seed, int Rows, int Columns)
    {
        public string Query => string.Create(CultureInfo.InvariantCulture, $"augment={Policy}&seed={Seed}&rows={Rows}&columns={Columns}");
    }

    private async Task Show(HttpContext context)
    {
        var version = shelf.Find(context.Part("set"));
        var asked = Read(context, version);
        var sheet = await Make(version, asked, context.RequestAborted);
        var command = string.Create(CultureInfo.InvariantCulture, $"sightline data preview {version.Reference} --augment {asked.Policy} --set seed={asked.Seed} --rows {asked.Rows} --columns {asked.Columns}");
        var facts = new { dataset = version.Reference, augment = sheet.Augment, asked.Seed, sheet.Width, sheet.Height, sheet.Size, rows = sheet.Rows };
        await context.Page(new Page($"Augmentation of {version.Name}", "/data", command), facts, html =>
        {
            Layout.Heading(html, "Augmentation", "What the model gets to see of a picture, epoch by epoch.", ("Data", "/data"), (version.Name, $"/data/{Figures.Url(version.Name)}"));
            Form(html, version, asked);
            html.Add($"<figure class=\"scroll card\" tabindex=\"0\" role=\"region\" aria-label=\"Contact sheet\"><img class=\"sheet\" src=\"/data/{Figures.Url(version.Reference)}/augment/sheet?{asked.Query}&v={version.Hash[..12]}\" width=\"{sheet.Width}\" height=\"{sheet.Height}\" alt=\"{asked.Rows} training pictures and what {asked.Policy} makes of them in {asked.Columns} epochs; the table below says what was done\">");
            html.Add($"<figcaption class=\"note\">A row for each picture. First as evaluation sees it, then as training's epochs 1, 2, … see it, at {sheet.Size} pixels. The same seed gives the same sheet, and a run with it these very pictures.</figcaption></figure>");
            Table(html, sheet);
        });
    }

    private async Task Sheet(HttpContext context)
    {
        var version = shelf.Find(context.Part("set"));
        var sheet = await Make(version, Read(context, version), context.RequestAborted);
        await context.Immutable("image/png", sheet.Png);
    }

    private static Asked Read(HttpContext context, DatasetVersion version)
    {
        var policy = context.Query("augment") ?? "basic";
        return Policies.Any(known => known.Name == policy)
            ? new Asked(version.Hash, policy, context.Query("seed", 1, 0, int.MaxValue), context.Query("rows", 8, 1, MostRows), context.Query("columns", 6, 1, MostColumns))
            : throw new SettingsException($"'{policy}' is no augmentation; {string.Join(", ", Policies.Select(known => known.Name))} are.");
    }

    private Task<ContactSheet> Make(DatasetVersion version, Asked asked, CancellationToken cancel) =>
        _kept.Of(() => asked, _ => Task.Run(() => Make(version, asked), CancellationToken.None), cancel);

    private static ContactSheet Make(DatasetVersion version, Asked asked)
    {
        var policy = JsonSerializer.Deserialize<AugmentPolicy>($"\"{asked.Policy}\"", SightlineJson.Line);
        var options = new TrainOptions { Seed = asked.Seed, Augment = new AugmentOptions { Policy = policy } };
        return ContactSheet.Make(options, ImageDatasets.Open(version.Folder, Trainer.Split(options)), asked.Rows, asked.Columns);
    }

    private static void Form(Html html, DatasetVersion version, Asked asked)
    {
        html.Add($"<form class=\"filters\" method=\"get\" action=\"/data/{Figures.Url(version.Reference)}/augment\"><div><label for=\"augment\">Augmentation</label><select id=\"augment\" name=\"augment\">");
        foreach (var (name, about) in Policies)
        {
            Layout.Choice(html, name, $"{name}: {about}", name == asked.Policy);
        }

        html.Add($"</select></div><div><label for=\"seed\">Seed</label><input id=\"seed\" name=\"seed\" type=\"number\" min=\"0\" value=\"{asked.Seed}\"></div>");
        html.Add($"<div><label for=\"rows\">Pictures</label><input id=\"rows\" name=\"rows\" type=\"number\" min=\"1\" max=\"{MostRows}\" value=\"{asked.Rows}\"></div>");
        html.Add($"<div><label for=\"columns\">Epochs</label><input id=\"columns\" name=\"columns\" type=\"number\" min=\"1\" max=\"{MostColumns}\" value=\"{asked.Columns}\"></div><button class=\"primary\">Show</button></form>");
    }

    private static void Table(Html html, ContactSheet sheet)
    {
        html.Markup("<section aria-labelledby=\"h-done\"><h2 id=\"h-done\">What was done after crop and flip</h2><div class=\"scroll card flush\" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-done\"><table class=\"list\"><thead><tr><th scope=\"col\">Picture</th><th scope=\"col\">Class</th>");
        for (var epoch = 1; epoch <= sheet.Rows[0].Changes.Count; epoch++)
        {
            html.Add($"<th scope=\"col\">Epoch {epoch}</th>");
        }

        html.Markup("</tr></thead><tbody>");
        foreach (var row in sheet.Rows)
        {
            html.Add($"<tr><th scope=\"row\">{row.Picture}</th><td>{row.Class}</td>");
            foreach (var change in row.Changes)
            {
                html.Add($"<td>{change}</td>");
            }

            html.Markup("</tr>");
        }

        html.Markup("</tbody></table></div></section>");
    }
}
