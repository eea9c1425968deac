using Microsoft.AspNetCore.Http;
using Sightline.Curation;
using Sightline.Data.Store;
using Sightline.Runs.Report;
using Sightline.Studio.Access;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Data;

/// <summary><c>/data/SET/review</c>: one finding at a time, one key or button each. Decisions are gathered and saved together as one new version.</summary>
internal sealed class ReviewPage(StudioOptions options, DataShelf shelf)
{
    private const int OthersShown = 5;
    private const int ClassKeys = 9;

    public void Map(Endpoints pages)
    {
        pages.Get("/data/{set}/review", Show);
        pages.Post("/data/{set}/review", Role.Editor, Decide);
        pages.Post("/data/{set}/review/back", Role.Editor, TakeBack);
        pages.Post("/data/{set}/review/save", Role.Editor, Save);
    }

    private Task Show(HttpContext context)
    {
        var name = shelf.Find(context.Part("set")).Name;
        var kind = context.Query("kind");
        var (version, all) = Queue(name, null);
        var draft = ReviewDraft.Of(shelf.Store, name);
        var open = all.Where(Undecided(draft)).ToList();
        var items = open.Where(item => kind is null || item.Finding.Kind == kind).ToList();
        var at = items.Count == 0 ? 0 : context.Query("at", 1, 1, items.Count);
        var kinds = all.GroupBy(item => item.Finding.Kind).Select(group => (Kind: (string?)group.Key, Count: open.Count(item => item.Finding.Kind == group.Key))).ToList();
        var facts = new { dataset = version.Reference, kind, at, waiting = items.Count, undecided = kinds.Select(entry => new { kind = entry.Kind, count = entry.Count }), drafted = draft.Entries.Count, item = items.Count == 0 ? null : items[at - 1] };
        var command = $"sightline data review {name}{(kind is null ? "" : $" --kind {kind}")} --store {Figures.Argument(options.Store)}";
        return context.Page(new Page($"Review of {name}", "/data", command), facts, html =>
        {
            Layout.Heading(html, "Review", null, ("Data", "/data"), (name, $"/data/{Figures.Url(name)}"));
            Kinds(html, name, kind, kinds);
            SaveBar(html, context, name, draft.Entries.Count);
            if (items.Count == 0)
            {
                html.Markup("<div class=\"card nothing\"><h2>Nothing left to decide here</h2><p>Every finding of this kind is settled.</p></div>");
                return;
            }

            Item(html, context, shelf.Of(version), items[at - 1], at, items.Count, kind);
        });
    }

    private static void Kinds(Html html, string name, string? chosen, List<(string? Kind, int Count)> kinds)
    {
        html.Markup("<nav class=\"tabs\" aria-label=\"Kinds of findings\"><ul>");
        foreach (var (kind, count) in kinds.Prepend((Kind: null, Count: kinds.Sum(entry => entry.Count))))
        {
            html.Add($"<li><a href=\"/data/{Figures.Url(name)}/review{(kind is null ? "" : $"?kind={Figures.Url(kind)}")}\"");
            html.Markup(kind == chosen ? " aria-current=\"page\">" : ">");
            html.Add($"{kind ?? "All"} <span class=\"count\">{count}</span></a></li>");
        }

        html.Markup("</ul></nav>");
    }

    private static void SaveBar(Html html, HttpContext context, string name, int drafted)
    {
        if (drafted == 0 || context.Session().Role < Role.Editor)
        {
            return;
        }

        html.Add($"<form method=\"post\" action=\"/data/{Figures.Url(name)}/review/save\" class=\"save-bar verdict info\"><span class=\"word\">{Words.Plural(drafted, "decision is", "decisions are")} not saved yet.</span>");
        Layout.Token(html, context);
        html.Markup("<button class=\"primary\" id=\"save\">Save as a new version</button></form>");
    }

    private static void Item(Html html, HttpContext context, DataShelf.Contents contents, ReviewItem item, int at, int waiting, string? kind)
    {
        var name = contents.Version.Name;
        var finding = item.Finding;
        html.Add($"<article class=\"card review\" id=\"review\"><header><h2>{finding.Kind} <span class=\"tag\">{finding.Severity.ToString().ToLowerInvariant()}</span></h2><p class=\"note\">{at} of {waiting}</p></header><p>{finding.Reason}</p><div class=\"pair\">");
        foreach (var (picture, label) in item.Images.Zip(item.Labels).Take(1 + OthersShown))
        {
            if (contents.Places.TryGetValue(picture, out var place))
            {
                html.Add($"<figure><img src=\"{PicturesPage.Address(contents.Version, place, isLarge: true)}\" alt=\"{label}, {contents.Images[place].Split ?? "no split"}, {picture}\"><figcaption><b>{label}</b> {contents.Images[place].Split ?? "no split"}<br><span class=\"file\">{picture}</span></figcaption></figure>");
            }
        }

        html.Markup("</div>");
        if (item.Images.Count > 1 + OthersShown)
        {
            html.Add($"<p class=\"note\">and {item.Images.Count - 1 - OthersShown} more</p>");
        }

        if (context.Session().Role >= Role.Editor)
        {
            Acts(html, context, contents.Version, item, kind);
        }

        html.Add($"<div class=\"row\"><a class=\"button\" data-key=\"s\" href=\"/data/{Figures.Url(name)}/review?kind={Figures.Url(kind ?? "")}&at={(at < waiting ? at + 1 : 1)}\">Skip <kbd>s</kbd></a></div></article>");
    }

    private static void Acts(Html html, HttpContext context, DatasetVersion version, ReviewItem item, string? kind)
    {
        html.Add($"<form method=\"post\" action=\"/data/{Figures.Url(version.Name)}/review\" class=\"acts\">");
        Layout.Token(html, context);
        html.Add($"<input type=\"hidden\" name=\"finding\" value=\"{Key(item)}\"><input type=\"hidden\" name=\"kind\" value=\"{kind}\"><div class=\"row\">");
        if (item.Finding.SuggestedClass is { } suggested)
        {
            html.Add($"<button name=\"act\" value=\"suggested\" class=\"primary\" data-key=\"r\">Relabel as {suggested} <kbd>r</kbd></button>");
        }

        html.Markup("<button name=\"act\" value=\"keep\" data-key=\"k\">Keep as it is <kbd>k</kbd></button><button name=\"act\" value=\"exclude\" data-key=\"x\">Leave out <kbd>x</kbd></button>");
        if (item.Images.Count > 1)
        {
            html.Markup("<button name=\"act\" value=\"notADuplicate\" data-key=\"n\">Not a duplicate <kbd>n</kbd></button>");
        }

        html.Markup("</div><fieldset><legend>Other class</legend><div class=\"row\">");
        foreach (var (number, label) in version.Classes.Index().Take(ClassKeys))
        {
            html.Add($"<button name=\"act\" value=\"class:{label}\" data-key=\"{number + 1}\">{label} <kbd>{number + 1}</kbd></button>");
        }

        if (version.Classes.Count > ClassKeys)
        {
            html.Markup("<label for=\"other\" class=\"hidden\">Class</label><select id=\"other\" name=\"other\"><option value=\"\">More …</option>");
            foreach (var label in version.Classes.Skip(ClassKeys))
            {
                html.Add($"<option>{label}</option>");
            }

            html.Markup("</select><button name=\"act\" value=\"other\">Relabel</button>");
        }

        html.Add($"</div></fieldset></form><form method=\"post\" action=\"/data/{Figures.Url(version.Name)}/review/back\" class=\"row\">");
        Layout.Token(html, context);
        html.Add($"<input type=\"hidden\" name=\"kind\" value=\"{kind}\"><button data-key=\"b\">Take the last one back <kbd>b</kbd></button><label class=\"tick\"><input type=\"checkbox\" id=\"keys-on\" checked> Single keys</label></form>");
    }

    private async Task Decide(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var name = shelf.Find(context.Part("set")).Name;
        var (version, all) = Queue(name, null);
        var item = all.FirstOrDefault(item => Key(item) == form["finding"]) ?? throw new NotFoundException("This finding is settled already; someone else decided, or the data set changed. Load the page again.");
        var act = $"{form["act"]}";
        var label = act == "suggested" ? item.Finding.SuggestedClass : act == "other" ? $"{form["other"]}" : act.StartsWith("class:", StringComparison.Ordinal) ? act["class:".Length..] : null;
        if (label is not null && !version.Classes.Contains(label))
        {
            throw new SettingsException($"'{label}' is no class of {version.Reference}.");
        }

        var kind = act switch
        {
            "keep" => DecisionKind.Keep,
            "exclude" => DecisionKind.Exclude,
            "notADuplicate" when item.Images.Count > 1 => DecisionKind.NotADuplicate,
            _ when label is not null => DecisionKind.Relabel,
            _ => throw new SettingsException($"'{act}' is no decision; keep, exclude, notADuplicate, suggested and class:NAME are."),
        };
        ReviewDraft.Of(shelf.Store, name).Add(Key(item), [.. ReviewQueue.Decide(kind, item.Images[0], [.. item.Images.Skip(1)], item.Finding.Kind, label)]);
        await context.Back(Address(name, form["kind"]));
    }

    private async Task TakeBack(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var name = shelf.Find(context.Part("set")).Name;
        ReviewDraft.Of(shelf.Store, name).TakeBack();
        await context.Back(Address(name, form["kind"]));
    }

    private Task Save(HttpContext context)
    {
        var name = shelf.Find(context.Part("set")).Name;
        lock (shelf.Deciding)
        {
            var draft = ReviewDraft.Of(shelf.Store, name);
            var decisions = draft.Entries.SelectMany(entry => entry.Decisions).ToList();
            if (decisions.Count > 0)
            {
                DatasetFixes.Apply(shelf.Store, name, decisions);
                draft.Clear();
            }
        }

        return context.Back($"/data/{Figures.Url(name)}");
    }

    private (DatasetVersion Version, IReadOnlyList<ReviewItem> Items) Queue(string name, string? kind)
    {
        var (version, _) = shelf.Check(shelf.Find(name)) ?? throw new NotFoundException($"There is no check of '{name}' to review. Make one with 'sightline data check {name}'.");
        return (version, ReviewQueue.Open(shelf.Store, version, DatasetStore.CheckReport(version), kind is null ? [] : [kind]));
    }

    // Of a picture that is to be left out or relabelled nothing more is asked: two decisions about it could disagree.
    private static Func<ReviewItem, bool> Undecided(ReviewDraft draft)
    {
        var decided = draft.Entries.Select(entry => entry.Finding).ToHashSet(StringComparer.Ordinal);
        var changed = draft.Entries.SelectMany(entry => entry.Decisions).Where(decision => decision.Kind is DecisionKind.Exclude or DecisionKind.Relabel)
            .Select(decision => decision.Image).ToHashSet(StringComparer.Ordinal);
        return item => !decided.Contains(Key(item)) && !changed.Contains(item.Images[0]);
    }

    private static string Key(ReviewItem item) => $"{item.Finding.Kind} | {string.Join(" | ", item.Images.Take(2))}";

    private static string Address(string name, string? kind) => $"/data/{Figures.Url(name)}/review{(string.IsNullOrEmpty(kind) ? "" : $"?kind={Figures.Url(kind)}")}";
}
