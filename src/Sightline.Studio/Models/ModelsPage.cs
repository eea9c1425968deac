using Microsoft.AspNetCore.Http;
using Sightline.Inference;
using Sightline.Models;
using Sightline.Runs.Report;
using Sightline.Studio.Access;
using Sightline.Studio.Runs;
using Sightline.Studio.Shared;
using Sightline.Weights;

namespace Sightline.Studio.Models;

/// <summary><c>/models</c>: what can be trained; <c>/models/try</c>: a picture on a trained run.</summary>
internal sealed class ModelsPage(StudioOptions options, RunIndex runs, LoadedModel loaded)
{
    private const int ClassesShown = 5;

    public void Map(Endpoints pages)
    {
        pages.Get("/models", Show);
        pages.Get("/models/try", Try);
        pages.Post("/models/try", Role.Editor, Predict, new TakesPicture());
    }

    private Task Show(HttpContext context)
    {
        var search = context.Query("q");
        var rows = ModelCatalog.All.Where(variant => search is null || variant.Name.Contains(search, StringComparison.OrdinalIgnoreCase) || variant.Family.Contains(search, StringComparison.OrdinalIgnoreCase))
            .Select(variant => new { variant.Name, variant.Family, variant.Parameters, variant.Macs, variant.Top1, Size = variant.Preprocessing.CropSize, Weights = WeightsCatalog.Of(variant.Name).Select(weights => weights.Name).ToList() }).ToList();
        return context.Page(new Page("Models", "/models", "sightline model list", "sightline model recommend --help"), rows, html =>
        {
            Layout.Heading(html, "Models", $"{Words.Plural(ModelCatalog.All.Count, "model", "models")} that can be trained here, from scratch or from published weights.");
            var usable = runs.All().FirstOrDefault(run => run.HasWeights);
            if (usable is not null)
            {
                html.Markup("<nav class=\"tabs\" aria-label=\"Of models\"><ul><li><a href=\"/models/try\">Try a picture on a trained run</a></li></ul></nav>");
            }

            html.Add($"<form class=\"filters\" method=\"get\" action=\"/models\" role=\"search\"><div><label for=\"q\">Name or family</label><input id=\"q\" name=\"q\" type=\"search\" value=\"{search}\"></div><button>Show</button></form>");
            html.Markup("<div class=\"scroll card flush\" tabindex=\"0\" role=\"region\" aria-label=\"Models\"><table class=\"list\"><thead><tr><th scope=\"col\">Model</th><th scope=\"col\">Family</th><th scope=\"col\" class=\"n\">Parameters, M</th><th scope=\"col\" class=\"n\">Multiply-adds, G</th><th scope=\"col\" class=\"n\">Input, pixels</th><th scope=\"col\" class=\"n\">ImageNet top-1</th><th scope=\"col\">Published weights</th></tr></thead><tbody>");
            foreach (var row in rows)
            {
                html.Add($"<tr><th scope=\"row\">{row.Name}</th><td>{row.Family}</td><td class=\"n\">{Words.Number(row.Parameters / 1e6, 1)}</td><td class=\"n\">{Words.Number(row.Macs / 1e9, 2)}</td><td class=\"n\">{row.Size}</td><td class=\"n\">{(row.Top1 is { } top1 ? $"{Words.Number(top1, 2)} %" : "")}</td><td>{string.Join(", ", row.Weights)}</td></tr>");
            }

            html.Markup("</tbody></table></div><p class=\"note\">Parameters and multiply-adds with 1,000 classes; top-1 as torchvision publishes it.</p>");
        });
    }

    private Task Try(HttpContext context)
    {
        var usable = runs.All().Where(run => run.HasWeights).ToList();
        var chosen = context.Query("run") is { } name ? runs.Find(name) : usable.FirstOrDefault();
        string[] commands = chosen is null ? [] : [$"sightline predict {Figures.Argument(Path.Combine(options.Runs, chosen.Name))} PICTURE"];
        return context.Page(new Page("Try a picture", "/models", commands), new { run = chosen?.Name, runs = usable.Select(run => run.Name) }, html =>
        {
            Layout.Heading(html, "Try a picture", null, ("Models", "/models"));
            if (chosen is null)
            {
                Layout.Nothing(html, "No trained run yet", "A picture needs a trained model.", "sightline quickstart");
                return;
            }

            html.Markup("<form class=\"filters\" method=\"get\" action=\"/models/try\"><div><label for=\"run\">Run</label><select id=\"run\" name=\"run\">");
            foreach (var run in usable)
            {
                Layout.Choice(html, run.Name, $"{run.Name} ({Words.Percent(run.ValidationAccuracy)})", run == chosen);
            }

            html.Markup("</select></div><button>Take</button></form>");
            if (context.Session().Role < Role.Editor)
            {
                html.Markup("<p class=\"card\">Trying pictures needs the role of an editor.</p>");
                return;
            }

            html.Add($"<div class=\"drop card\" id=\"drop\" data-drop=\"/models/try?run={Figures.Url(chosen.Name)}\"><p class=\"strong\">Drop a picture here, paste one, or choose a file.</p><p class=\"note\">It is judged by {chosen.Name} on this machine and not kept. JPEG, PNG, WebP, BMP or GIF, up to {Gatekeeper.LargestPicture >> 20} MiB.</p>");
            html.Markup("<label class=\"button primary\" for=\"file\">Choose a file</label><input id=\"file\" type=\"file\" accept=\"image/*\"></div><div id=\"answer\" aria-live=\"polite\"></div>");
            html.Add($"<p class=\"note\">It knows: {string.Join(", ", chosen.Folder.Settings.Classes.Take(50))}{(chosen.Folder.Settings.Classes.Count > 50 ? ", …" : "")}. A picture of anything else gets one of these names too.</p>");
        });
    }

    private async Task Predict(HttpContext context)
    {
        var run = runs.Find(context.Query("run") ?? "");
        var file = Path.Combine(Directory.CreateTempSubdirectory("sightline-").FullName, "picture");
        try
        {
            await using (var target = new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write }))
            {
                await context.Request.Body.CopyToAsync(target, context.RequestAborted);
            }

            var prediction = await Judge(run, file, context.RequestAborted);
            await context.Json(new
            {
                run = run.Name,
                label = prediction.Label,
                probability = prediction.Probability,
                classes = prediction.Probabilities.OrderByDescending(pair => pair.Value).Take(ClassesShown).Select(pair => new { name = pair.Key, probability = pair.Value }),
            });
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true); // Made above.
        }
    }

    private async Task<Prediction> Judge(RunRow run, string file, CancellationToken cancel)
    {
        try
        {
            return await loaded.Predict(run, file, cancel);
        }
        catch (DataException error)
        {
            throw new DataException(error.Message.Replace($"'{file}'", "The picture", StringComparison.Ordinal), error); // The path means nothing to the sender.
        }
    }
}
