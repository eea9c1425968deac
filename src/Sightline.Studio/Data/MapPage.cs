using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sightline.Data.Store;
using Sightline.Runs.Report;
using Sightline.Studio.Access;
using Sightline.Studio.Runs;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Data;

/// <summary><c>/data/SET/map</c>: the pictures as a trained model sees them, in two dimensions; <c>/data/SET/near</c>: one picture and the nearest ones.</summary>
internal sealed class MapPage(DataShelf shelf, RunIndex runs, EmbeddingMaps maps)
{
    private const int RowsShown = 200;
    private const int NearestShown = 24;

    public void Map(Endpoints pages)
    {
        pages.Get("/data/{set}/map", Show);
        pages.Get("/data/{set}/map/points", Points);
        pages.Get("/data/{set}/near", Near);
        pages.Post("/data/{set}/map", Role.Editor, Start);
    }

    private Task Show(HttpContext context)
    {
        var version = shelf.Find(context.Part("set"));
        var usable = runs.All().Where(row => row.HasWeights).ToList();
        var run = context.Query("run") is { } name ? runs.Find(name) : usable.FirstOrDefault();
        var entry = run is null ? null : maps.Find(version, run);
        if (context.Query("part") is not null)
        {
            var part = new Html();
            Progress(part, entry);
            return context.Html(part);
        }

        var map = entry?.Map;
        string[] commands = run is null ? [] : [$"sightline data check {version.Reference} --model {Figures.Argument(run.Folder.Path)}"];
        var facts = new { dataset = version.Reference, run = run?.Name, done = entry?.Done, pictures = map?.Places.Length, shares = map?.Axes.Shares };
        return context.Page(new Page($"Map of {version.Name}", "/data", commands), facts, html =>
        {
            Layout.Heading(html, "Embedding map", "Pictures that the model finds alike lie near each other.", ("Data", "/data"), (version.Name, $"/data/{Figures.Url(version.Name)}"));
            if (run is null)
            {
                Layout.Nothing(html, "No trained run yet", "The map shows what a trained model makes of the pictures.", $"sightline train {version.Reference}");
                return;
            }

            Form(html, version, usable, run);
            if (map is null)
            {
                Waiting(html, context, version, run, entry);
                return;
            }

            Picture(html, version, run, map);
            Table(html, context, version, run, map);
        });
    }

    private Task Start(HttpContext context)
    {
        var version = shelf.Find(context.Part("set"));
        maps.Start(shelf.Of(version), runs.Find(context.Query("run") ?? ""));
        return context.Back($"{context.Request.Path}{context.Request.QueryString}");
    }

    private Task Points(HttpContext context)
    {
        var (version, _, map) = Finished(context);
        var images = shelf.Of(version).Images;
        return context.Json(new
        {
            classes = version.Classes,
            x = map.Places.Select((_, row) => (float)map.Axes.Coordinates[2 * row]),
            y = map.Places.Select((_, row) => (float)map.Axes.Coordinates[(2 * row) + 1]),
            label = map.Places.Select(place => version.Classes.ToList().IndexOf(images[place].Label)),
            right = map.Places.Select((place, row) => map.Predicted[row] == images[place].Label ? 1 : 0),
            place = map.Places,
            name = map.Places.Select(place => images[place].Name),
        });
    }

    private Task Near(HttpContext context)
    {
        var (version, run, map) = Finished(context);
        var images = shelf.Of(version).Images;
        var place = context.Query("place", 0, 0, int.MaxValue);
        var row = Array.IndexOf(map.Places, place);
        if (row < 0)
        {
            throw new NotFoundException($"The map of {version.Reference} has no picture {place}.");
        }

        var nearest = map.Nearest(row, NearestShown);
        var facts = new
        {
            dataset = version.Reference,
            run = run.Name,
            place,
            images[place].Name,
            images[place].Label,
            predicted = map.Predicted[row],
            nearest = nearest.Select(other => new { place = map.Places[other.Row], images[map.Places[other.Row]].Name, images[map.Places[other.Row]].Label, other.Distance }),
        };
        return context.Page(new Page(images[place].Name, "/data", $"sightline data check {version.Reference} --model {Figures.Argument(run.Folder.Path)}"), facts, html =>
        {
            Layout.Heading(html, images[place].Name, $"{images[place].Label}, {images[place].Split ?? "no split"}; {run.Name} sees {map.Predicted[row]} in it.", ("Data", "/data"), (version.Name, $"/data/{Figures.Url(version.Name)}"), ("Embedding map", $"/data/{Figures.Url(version.Reference)}/map?run={Figures.Url(run.Name)}"));
            html.Add($"<div class=\"pair\"><img src=\"{PicturesPage.Address(version, place, isLarge: true)}\" alt=\"{images[place].Label}, {images[place].Name}\"></div>");
            html.Markup("<section aria-labelledby=\"h-near\"><h2 id=\"h-near\">Nearest pictures</h2><p class=\"note\">By cosine distance of the vectors: 0 is the same direction. Pictures of another class are marked.</p><ul class=\"gallery small\">");
            foreach (var (other, distance) in nearest)
            {
                var image = images[map.Places[other]];
                html.Add($"<li><figure><a class=\"shot\" href=\"{Address(version, run, map.Places[other])}\"><img src=\"{PicturesPage.Address(version, map.Places[other])}\" loading=\"lazy\" alt=\"{image.Label}, {image.Name}\"></a><figcaption>");
                html.Add($"<span class=\"{(image.Label == images[place].Label ? "" : "tag wrong")}\">{(image.Label == images[place].Label ? "" : "≠ ")}{image.Label}</span><br><span class=\"tabular\">{Words.Short(distance)}</span></figcaption></figure></li>");
            }

            html.Markup("</ul></section>");
        });
    }

    private (DatasetVersion Version, RunRow Run, EmbeddingMaps.Map Map) Finished(HttpContext context)
    {
        var (version, run) = (shelf.Find(context.Part("set")), runs.Find(context.Query("run") ?? ""));
        return maps.Find(version, run)?.Map is { } map
            ? (version, run, map)
            : throw new NotFoundException($"There is no map of {version.Reference} by '{run.Name}' yet. Its page makes one.");
    }

    private static string Address(DatasetVersion version, RunRow run, int place) =>
        string.Create(CultureInfo.InvariantCulture, $"/data/{Figures.Url(version.Reference)}/near?run={Figures.Url(run.Name)}&place={place}");

    private static void Form(Html html, DatasetVersion version, List<RunRow> usable, RunRow chosen)
    {
        html.Add($"<form class=\"filters\" method=\"get\" action=\"/data/{Figures.Url(version.Reference)}/map\"><div><label for=\"run\">As seen by</label><select id=\"run\" name=\"run\">");
        foreach (var run in usable)
        {
            Layout.Choice(html, run.Name, $"{run.Name} ({run.Model})", run == chosen);
        }

        html.Markup("</select></div><button>Show</button></form>");
    }

    private static void Waiting(Html html, HttpContext context, DatasetVersion version, RunRow run, EmbeddingMaps.Entry? entry)
    {
        var address = $"/data/{Figures.Url(version.Reference)}/map?run={Figures.Url(run.Name)}";
        html.Markup("<div class=\"card\">");
        if (entry is { Work.IsCompleted: false })
        {
            html.Add($"<div data-filled data-fragment=\"{address}&part=1\" data-every=\"1\">");
            Progress(html, entry);
            html.Markup("</div></div>");
            return;
        }

        if (entry?.Work.Exception?.InnerException is { } error)
        {
            html.Add($"<p class=\"verdict bad\" role=\"alert\">{(error is SightlineException ? error.Message : "The map could not be made.")}</p>");
        }

        html.Add($"<p>The model has to look at every picture once ({Words.Plural(Math.Min(version.Images, EmbeddingMaps.MostPictures), "picture", "pictures")}), which takes seconds to minutes.</p>");
        if (context.Session().Role >= Role.Editor)
        {
            html.Add($"<form method=\"post\" action=\"{address}\">");
            Layout.Token(html, context);
            html.Markup("<button class=\"primary\">Make the map</button></form></div>");
        }
        else
        {
            html.Markup("<p class=\"note\">This needs the role of an editor.</p></div>");
        }
    }

    private static void Progress(Html html, EmbeddingMaps.Entry? entry)
    {
        if (entry is null || entry.Work.IsCompleted)
        {
            html.Markup("<p data-reload>Done.</p>");
            return;
        }

        html.Markup("<p>The model looks at the pictures … ");
        Figures.Progress(html, entry.Done, "Share of the pictures");
        html.Markup("</p>");
    }

    private static void Picture(Html html, DatasetVersion version, RunRow run, EmbeddingMaps.Map map)
    {
        var shares = map.Axes.Shares;
        html.Add($"<p class=\"note\">{Words.Plural(map.Places.Length, "picture", "pictures")}, {map.Unit.Dimensions} numbers each, seen along their two principal axes, which hold {Words.Percent(shares[0])} and {Words.Percent(shares[1])} of the variance: near in the map need not be near in all. Hollow: the model sees another class.</p>");
        html.Markup("<div class=\"tools\" role=\"group\" aria-label=\"Part of the map\">");
        foreach (var (act, sign, words) in new[] { ("in", "+", "Closer"), ("out", "−", "Wider"), ("all", "All", "All of the map") })
        {
            html.Add($"<button type=\"button\" data-zoom=\"{act}\" title=\"{words}\"><span aria-hidden=\"true\">{sign}</span><span class=\"hidden\">{words}</span></button>");
        }

        var address = $"/data/{Figures.Url(version.Reference)}";
        html.Add($"</div><p class=\"note\" id=\"map-help\">Point at a picture, or go from one to the next with the arrow keys; Enter or a click shows it with the nearest ones. Drag moves the map, plus and minus look closer.</p>");
        html.Add($"<div class=\"map-row\"><div class=\"map card flush\" id=\"map\" tabindex=\"0\" role=\"application\" aria-label=\"Map of {version.Reference}\" aria-describedby=\"map-help\" data-points=\"{address}/map/points?run={Figures.Url(run.Name)}\" data-near=\"{address}/near?run={Figures.Url(run.Name)}&place=\" data-pictures=\"{address}/pictures/\" data-hash=\"{version.Hash[..12]}\"></div>");
        html.Markup("<div class=\"stack\"><figure id=\"map-picture\" class=\"card\"><p class=\"note\">No picture chosen.</p></figure><ul class=\"legend column\" id=\"map-legend\"></ul></div></div>");
    }

    private void Table(Html html, HttpContext context, DatasetVersion version, RunRow run, EmbeddingMaps.Map map)
    {
        var images = shelf.Of(version).Images;
        var pagesInAll = Math.Max(1, (map.Places.Length + RowsShown - 1) / RowsShown);
        var at = context.Query("page", 1, 1, pagesInAll);
        html.Add($"<details{(context.Query("page") is null ? "" : " open")}><summary>The map as a table</summary><div class=\"scroll card flush\" tabindex=\"0\" role=\"region\" aria-label=\"The map as a table\"><table class=\"list\"><thead><tr><th scope=\"col\">Picture</th><th scope=\"col\">Class</th><th scope=\"col\">The model sees</th><th scope=\"col\" class=\"n\">First axis</th><th scope=\"col\" class=\"n\">Second axis</th></tr></thead><tbody>");
        for (var row = (at - 1) * RowsShown; row < Math.Min(map.Places.Length, at * RowsShown); row++)
        {
            var image = images[map.Places[row]];
            html.Add($"<tr><th scope=\"row\"><a href=\"{Address(version, run, map.Places[row])}\">{image.Name}</a></th><td>{image.Label}</td><td>{map.Predicted[row]}</td><td class=\"n\">{Words.Number(map.Axes.Coordinates[2 * row], 4)}</td><td class=\"n\">{Words.Number(map.Axes.Coordinates[(2 * row) + 1], 4)}</td></tr>");
        }

        html.Markup("</tbody></table></div>");
        Layout.Pager(html, at, pagesInAll, page => $"/data/{Figures.Url(version.Reference)}/map?run={Figures.Url(run.Name)}&page={page.ToString(CultureInfo.InvariantCulture)}");
        html.Markup("</details>");
    }
}
