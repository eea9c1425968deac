using Microsoft.AspNetCore.Http;
using Sightline.Curation;
using Sightline.Data.Store;
using Sightline.Runs.Report;
using Sightline.Studio.Jobs;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Data;

/// <summary><c>/data</c>: the data sets; <c>/data/NAME</c>: one of them, its versions, classes and health.</summary>
internal sealed class DataPage(StudioOptions options, DataShelf shelf, ToolJobs jobs)
{
    private const int ClassesShown = 200;

    public void Map(Endpoints pages)
    {
        pages.Get("/data", List);
        pages.Get("/data/{set}", Show);
    }

    private Task List(HttpContext context)
    {
        var all = shelf.Store.Names().Select(name => shelf.Find(name)).ToList();
        var facts = all.Select(version => new { version.Name, version = version.Number, version.Images, version.Excluded, classes = version.Classes.Count, version.CreatedAt, version.MadeBy, version.Source });
        return context.Page(new Page("Data", "/data", $"sightline data list --store {Figures.Argument(options.Store)}"), facts, html =>
        {
            Layout.Heading(html, "Data", all.Count == 0 ? null : "Data sets that were imported. Pictures are never changed or deleted; every decision makes a new version.");
            html.Markup("<p><a class=\"button\" href=\"/import\">Import pictures</a></p>");
            if (all.Count == 0)
            {
                Layout.Nothing(html, "No data sets yet", "Import a folder with one folder of pictures per class, a list, a zip, Parquet and more. Every picture is decoded and checked once.", "sightline data import FOLDER --name NAME");
                return;
            }

            html.Markup("<ul class=\"cards\">");
            foreach (var version in all)
            {
                html.Add($"<li class=\"card\"><h2><a href=\"/data/{Figures.Url(version.Name)}\">{version.Name}</a></h2><p class=\"strong\">{Words.Plural(version.Images, "picture", "pictures")} · {Words.Plural(version.Classes.Count, "class", "classes")}</p>");
                html.Add($"<p class=\"note\">Version {version.Number} by {version.MadeBy}, ");
                Figures.Ago(html, version.CreatedAt);
                html.Markup("</p>");
                Samples(html, version);
                html.Markup("</li>");
            }

            html.Markup("</ul>");
        });
    }

    // One picture of each of the first classes.
    private void Samples(Html html, DatasetVersion version)
    {
        const int Most = 6;
        var contents = shelf.Of(version);
        html.Markup("<p class=\"samples\">");
        foreach (var place in contents.Images.Index().Where(pair => pair.Item.Excluded is null).DistinctBy(pair => pair.Item.Label).Take(Most).Select(pair => pair.Index))
        {
            html.Add($"<img src=\"{PicturesPage.Address(version, place)}\" alt=\"{contents.Images[place].Label}\" width=\"56\" height=\"56\" loading=\"lazy\">");
        }

        html.Markup("</p>");
    }

    private Task Show(HttpContext context)
    {
        var version = shelf.Find(context.Part("set"));
        var versions = shelf.Store.Versions(version.Name);
        var contents = shelf.Of(version);
        var check = shelf.Check(version);
        var counts = version.Classes.Select(name => (Name: name, Images: contents.Images.Where(image => image.Label == name && image.Excluded is null).ToList())).ToList();
        var facts = new
        {
            version.Name,
            version = version.Number,
            version.Images,
            version.Excluded,
            version.Source,
            version.Hash,
            classes = counts.Select(line => new { name = line.Name, train = Count(line.Images, "train"), validation = Count(line.Images, "validation"), test = Count(line.Images, "test"), unassigned = Count(line.Images, null) }),
            versions = versions.Select(seen => new { version = seen.Number, seen.Parent, seen.CreatedAt, seen.MadeBy, seen.Detail, seen.Images, seen.Excluded }),
            checkedVersion = check?.Version.Number,
            health = check?.Kinds,
        };
        string[] commands = [$"sightline data show {version.Reference}", $"sightline data check {version.Reference}", $"sightline train {version.Reference}"];
        return context.Page(new Page(version.Name, "/data", commands), facts, html =>
        {
            Layout.Heading(html, version.Name, $"Version {version.Number}: {version.Detail}. From {version.Source}.", ("Data", "/data"));
            html.Add($"<nav class=\"tabs\" aria-label=\"Of this data set\"><ul><li><a href=\"/data/{Figures.Url(version.Reference)}/pictures\">All pictures</a></li><li><a href=\"/data/{Figures.Url(version.Reference)}/map\">Embedding map</a></li><li><a href=\"/data/{Figures.Url(version.Reference)}/augment\">Augmentation</a></li>");
            if (check is not null)
            {
                html.Add($"<li><a href=\"/data/{Figures.Url(version.Name)}/review\">Review findings</a></li>");
            }

            html.Add($"<li><a href=\"/train?data={Figures.Url(version.Reference)}\">Train on it</a></li></ul></nav>");
            Figures.Facts(html, ("Pictures in use", Words.Count(version.Images)), ("Left out", Words.Count(version.Excluded)), ("Classes", Words.Count(version.Classes.Count)), ("Hash", version.Hash[..12]));
            Health(html, context, version, check);
            Classes(html, version, counts);
            Versions(html, versions);
        });
    }

    private static int Count(List<StoredImage> images, string? split) => images.Count(image => image.Split == split);

    private void Health(Html html, HttpContext context, DatasetVersion version, (DatasetVersion Version, IReadOnlyList<KindOutcome> Kinds)? check)
    {
        html.Markup("<section aria-labelledby=\"h-health\"><h2 id=\"h-health\">Health</h2>");
        if (check is not { } found)
        {
            html.Markup("<p>Not checked yet. The check looks for damaged files, duplicates, test pictures that were trained on, dark and blurry pictures, imbalance.</p>");
            ImportPage.CheckButton(html, context, version, jobs, "Check it");
            Layout.Command(html, $"sightline data check {version.Name}");
            html.Markup("</section>");
            return;
        }

        var troubles = found.Kinds.Where(kind => kind.Count > 0).OrderByDescending(kind => kind.Severity).ThenByDescending(kind => kind.Count).ToList();
        html.Add($"<p class=\"note\">Looked for {found.Kinds.Count} kinds of trouble in version {found.Version.Number}{(found.Version.Number < version.Number ? "; the data set has changed since" : "")}. {(troubles.Count == 0 ? "None was found." : $"{troubles.Count} were found.")}</p>");
        ImportPage.CheckButton(html, context, version, jobs, "Check again");
        if (troubles.Count > 0)
        {
            html.Markup("<ul class=\"health\">");
            foreach (var kind in troubles)
            {
                var style = kind.Severity switch { Severity.Error => "bad", Severity.Warning => "warn", _ => "info" };
                html.Add($"<li class=\"verdict {style}\"><div><p class=\"word\"><a href=\"/data/{Figures.Url(version.Name)}/review?kind={Figures.Url(kind.Kind)}\">{Words.Plural(kind.Count, kind.Kind, kind.Kind)}</a> <span class=\"tag\">{kind.Severity?.ToString().ToLowerInvariant() ?? "note"}</span></p><p>{kind.Meaning}</p><p>{kind.Advice}</p></div></li>");
            }

            html.Markup("</ul>");
        }

        html.Add($"<details><summary>Looked for and not found</summary><p>{string.Join(", ", found.Kinds.Where(kind => kind.Count == 0).Select(kind => kind.Kind))}</p></details></section>");
    }

    private static void Classes(Html html, DatasetVersion version, List<(string Name, List<StoredImage> Images)> counts)
    {
        var most = Math.Max(1, counts.Max(line => line.Images.Count));
        html.Markup("<section aria-labelledby=\"h-classes\"><h2 id=\"h-classes\">Classes</h2><div class=\"scroll card flush\" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-classes\"><table class=\"list\"><thead><tr><th scope=\"col\">Class</th><th scope=\"col\" class=\"n\">Pictures</th><th scope=\"col\"><span class=\"hidden\">As a bar</span></th>");
        html.Markup("<th scope=\"col\" class=\"n\">Training</th><th scope=\"col\" class=\"n\">Validation</th><th scope=\"col\" class=\"n\">Test</th><th scope=\"col\" class=\"n\">No split</th></tr></thead><tbody>");
        foreach (var (name, images) in counts.Take(ClassesShown))
        {
            html.Add($"<tr><th scope=\"row\"><a href=\"/data/{Figures.Url(version.Reference)}/pictures?class={Figures.Url(name)}\">{name}</a></th><td class=\"n strong\">{Words.Count(images.Count)}</td><td class=\"wide-bar\">");
            Figures.Bar(html, (double)images.Count / most);
            html.Add($"</td><td class=\"n\">{Words.Count(Count(images, "train"))}</td><td class=\"n\">{Words.Count(Count(images, "validation"))}</td><td class=\"n\">{Words.Count(Count(images, "test"))}</td><td class=\"n\">{Words.Count(Count(images, null))}</td></tr>");
        }

        html.Markup("</tbody></table></div>");
        if (counts.Count > ClassesShown)
        {
            html.Add($"<p class=\"note\">{ClassesShown} of {counts.Count} classes; the JSON has all.</p>");
        }

        html.Markup("</section>");
    }

    private static void Versions(Html html, IReadOnlyList<DatasetVersion> versions)
    {
        html.Markup("<section aria-labelledby=\"h-versions\"><h2 id=\"h-versions\">Versions</h2><ol class=\"timeline\">");
        foreach (var seen in versions.Reverse())
        {
            html.Add($"<li><p><a href=\"/data/{Figures.Url(seen.Reference)}\" class=\"strong\">Version {seen.Number}</a> by {seen.MadeBy}, ");
            Figures.Ago(html, seen.CreatedAt);
            html.Add($"</p><p>{seen.Detail}</p><p class=\"note\">{Words.Plural(seen.Images, "picture", "pictures")} in use, {Words.Count(seen.Excluded)} left out</p></li>");
        }

        html.Markup("</ol></section>");
    }
}
