using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sightline.Data.Store;
using Sightline.Runs.Report;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Data;

/// <summary><c>/data/SET/pictures</c>: all pictures; the browser holds only those in sight, whatever their number.</summary>
internal sealed class PicturesPage(StudioOptions options, DataShelf shelf)
{
    private const int MostPerRequest = 500;

    public void Map(Endpoints pages)
    {
        pages.Get("/data/{set}/pictures", Show);
        pages.Get("/data/{set}/pictures/list", List);
        pages.Get("/data/{set}/pictures/{place:int}", Picture);
    }

    /// <summary>Where a picture's thumbnail is. The hash makes the address good for ever.</summary>
    public static string Address(DatasetVersion version, int place, bool isLarge = false) =>
        string.Create(CultureInfo.InvariantCulture, $"/data/{Figures.Url(version.Reference)}/pictures/{place}?v={version.Hash[..12]}{(isLarge ? "&large=1" : "")}");

    private Task Show(HttpContext context)
    {
        var version = shelf.Find(context.Part("set"));
        var (label, split, excluded) = Filter(context);
        var total = shelf.Of(version).Choose(label, split, excluded).Count;
        string[] commands = [$"sightline data show {version.Reference} --store {Figures.Argument(options.Store)}"];
        return context.Page(new Page($"Pictures of {version.Name}", "/data", commands), new { dataset = version.Reference, label, split, total }, html =>
        {
            Layout.Heading(html, "Pictures", $"{Words.Plural(total, "picture", "pictures")} of {version.Reference}", ("Data", "/data"), (version.Name, $"/data/{Figures.Url(version.Name)}"));
            html.Add($"<form class=\"filters\" method=\"get\" action=\"/data/{Figures.Url(version.Reference)}/pictures\">");
            Choice(html, "class", "Class", label, version.Classes);
            Choice(html, "split", "Split", split, ["train", "validation", "test", "unassigned"]);
            html.Markup("<div><label for=\"left-out\">Which</label><select id=\"left-out\" name=\"excluded\"><option value=\"\">In use</option>");
            html.Markup(excluded ? "<option value=\"1\" selected>Left out</option>" : "<option value=\"1\">Left out</option>");
            html.Markup("</select></div><button>Show</button></form>");
            var query = $"class={Figures.Url(label ?? "")}&split={Figures.Url(split ?? "")}&excluded={(excluded ? "1" : "")}";
            html.Add($"<div class=\"grid\" id=\"pictures\" tabindex=\"0\" role=\"region\" aria-label=\"Pictures; scroll or use the arrow keys\" data-pictures=\"/data/{Figures.Url(version.Reference)}/pictures/list?{query}\" data-total=\"{total}\"></div>");
            html.Markup("<noscript><p>This page needs its script to show pictures.</p></noscript>");
        });
    }

    private Task List(HttpContext context)
    {
        var version = shelf.Find(context.Part("set"));
        var (label, split, excluded) = Filter(context);
        var contents = shelf.Of(version);
        var chosen = contents.Choose(label, split, excluded);
        var from = context.Query("from", 0, 0, int.MaxValue);
        return context.Json(new
        {
            total = chosen.Count,
            from,
            pictures = chosen.Skip(from).Take(context.Query("count", 100, 1, MostPerRequest)).Select(place => new
            {
                place,
                name = contents.Images[place].Name,
                label = contents.Images[place].Label,
                split = contents.Images[place].Split ?? "no split",
                address = Address(version, place),
            }),
        });
    }

    private Task Picture(HttpContext context)
    {
        var contents = shelf.Of(shelf.Find(context.Part("set")));
        var place = int.Parse(context.Part("place"), CultureInfo.InvariantCulture);
        if (place < 0 || place >= contents.Images.Count)
        {
            throw new NotFoundException($"{contents.Version.Reference} has no picture {place}; it has 0 to {contents.Images.Count - 1}.");
        }

        var side = context.Query("large") is null ? Thumbnails.Small : Thumbnails.Large;
        var (type, content) = Thumbnails.Encode(contents.Decode(place, side), side);
        return context.Immutable(type, content);
    }

    private static (string? Label, string? Split, bool Excluded) Filter(HttpContext context) => (context.Query("class"), context.Query("split"), context.Query("excluded") is not null);

    private static void Choice(Html html, string id, string name, string? chosen, IReadOnlyList<string> values)
    {
        html.Add($"<div><label for=\"{id}\">{name}</label><select id=\"{id}\" name=\"{id}\"><option value=\"\">All</option>");
        foreach (var value in values)
        {
            Layout.Choice(html, value, value, value == chosen);
        }

        html.Markup("</select></div>");
    }
}
