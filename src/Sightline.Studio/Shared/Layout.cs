using Microsoft.AspNetCore.Http;
using Sightline.Runs.Report;
using Sightline.Studio.Access;

namespace Sightline.Studio.Shared;

/// <summary>The frame of every page: menu, main part, commands, links to the same as JSON.</summary>
internal static class Layout
{
    // Icons: strokes on a 24 x 24 grid.
    private static readonly (string Address, string Name, string Icon)[] Menu =
    [
        ("/", "Home", "M4 11l8-7 8 7M6 10v9h12v-9"),
        ("/data", "Data", "M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z"),
        ("/train", "Train", "M5 12h9M11 8l4 4-4 4M19 5v14"),
        ("/runs", "Runs", "M3 18l5-7 4 4 4-8 5 6"),
        ("/tune", "Tune", "M4 18h2M9 18h11M4 12h8M15 12h5M4 6h4M11 6h9M7 16v4M13 10v4M9 4v4"),
        ("/models", "Models", "M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9"),
        ("/gpus", "GPUs", "M4 7h16v10H4zM8 17v3M12 17v3M16 17v3M9 10h6v4H9z"),
        ("/tips", "Tips", "M9 18h6M10 21h4M12 3a6 6 0 0 0-3.5 10.9V15h7v-1.1A6 6 0 0 0 12 3z"),
        ("/settings", "Settings", "M4 7h10M18 7h2M4 17h2M10 17h10M14 5v4M8 15v4"),
    ];

    public static void Head(Html html, string title, string? token)
    {
        html.Markup("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
        html.Markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">");
        if (token is not null)
        {
            html.Add($"<meta name=\"token\" content=\"{token}\">");
        }

        html.Add($"<title>{title} · Sightline</title><link rel=\"icon\" href=\"{Assets.Address("icon.svg")}\" type=\"image/svg+xml\">");
        html.Add($"<link rel=\"stylesheet\" href=\"{Assets.Address("studio.css")}\"><script src=\"{Assets.Address("studio.js")}\" defer></script></head>");
    }

    /// <summary>One of the values of a select.</summary>
    public static void Choice(Html html, string value, string words, bool isChosen)
    {
        html.Add($"<option value=\"{value}\"");
        html.Markup(isChosen ? " selected>" : ">");
        html.Add($"{words}</option>");
    }

    public static void Brand(Html html)
    {
        html.Markup("<a class=\"brand\" href=\"/\"><svg viewBox=\"0 0 24 24\" width=\"26\" height=\"26\" aria-hidden=\"true\"><path d=\"M2 12S6 5.5 12 5.5S22 12 22 12S18 18.5 12 18.5S2 12 2 12Z\"/>");
        html.Markup("<circle cx=\"12\" cy=\"12\" r=\"3.4\"/><path d=\"M12 1.5v4M12 18.5v4\"/></svg>Sightline</a>");
    }

    public static void Begin(Html html, Page page, HttpContext context)
    {
        Head(html, page.Title, context.Session().FormToken);
        html.Markup("<body><a class=\"skip\" href=\"#main\">Skip to the content</a><header class=\"side\">");
        Brand(html);
        html.Markup("<nav aria-label=\"Pages\"><ul>");
        foreach (var (address, name, icon) in Menu)
        {
            html.Add($"<li><a href=\"{address}\"");
            html.Markup(page.Place == address ? " aria-current=\"page\">" : ">");
            html.Add($"<svg viewBox=\"0 0 24 24\" width=\"20\" height=\"20\" aria-hidden=\"true\"><path d=\"{icon}\"/></svg>{name}</a></li>");
        }

        html.Markup("</ul></nav></header><main id=\"main\" tabindex=\"-1\">");
    }

    public static void End(Html html, Page page, HttpContext context)
    {
        html.Markup("</main><footer class=\"foot\">");
        if (page.Commands.Count > 0)
        {
            html.Markup("<section class=\"commands\" aria-label=\"As a command\"><h2>As a command</h2><ul>");
            foreach (var command in page.Commands)
            {
                html.Add($"<li><code>{command}</code><button type=\"button\" class=\"quiet\" data-copy=\"{command}\">Copy</button></li>");
            }

            html.Markup("</ul></section>");
        }

        var query = context.Request.QueryString.HasValue ? $"{context.Request.QueryString}&format=json" : "?format=json";
        html.Add($"<p><a href=\"{context.Request.Path}{query}\" type=\"application/json\">This page as JSON</a> · You are {context.Session().Role.ToString().ToLowerInvariant()}</p>");
        html.Markup("</footer><div class=\"hidden\" role=\"status\" aria-live=\"polite\" id=\"said\"></div></body></html>");
    }

    /// <summary>The hidden field that every form with a change carries.</summary>
    public static void Token(Html html, HttpContext context) => html.Add($"<input type=\"hidden\" name=\"{Gatekeeper.TokenField}\" value=\"{context.Session().FormToken}\">");

    /// <summary>Heading of a page, with where it stands.</summary>
    public static void Heading(Html html, string title, string? about = null, params (string Name, string Address)[] above)
    {
        if (above.Length > 0)
        {
            html.Markup("<nav class=\"crumbs\" aria-label=\"Where you are\"><ol>");
            foreach (var (name, address) in above)
            {
                html.Add($"<li><a href=\"{address}\">{name}</a></li>");
            }

            html.Markup("</ol></nav>");
        }

        html.Add($"<h1>{title}</h1>");
        if (about is not null)
        {
            html.Add($"<p class=\"lead\">{about}</p>");
        }
    }

    /// <summary>A box for when there is nothing yet: what it is for and the command that fills it.</summary>
    public static void Nothing(Html html, string title, string why, string command)
    {
        html.Add($"<div class=\"card nothing\"><h2>{title}</h2><p>{why}</p>");
        Command(html, command);
        html.Markup("</div>");
    }

    /// <summary>A command that can be copied.</summary>
    public static void Command(Html html, string command) =>
        html.Add($"<p class=\"command\"><code>{command}</code><button type=\"button\" class=\"quiet\" data-copy=\"{command}\">Copy</button></p>");

    /// <summary>Links to the pages of a long list.</summary>
    public static void Pager(Html html, int at, int pages, Func<int, string> address)
    {
        if (pages <= 1)
        {
            return;
        }

        html.Markup("<nav class=\"pager\" aria-label=\"Pages of the list\">");
        if (at > 1)
        {
            html.Add($"<a rel=\"prev\" href=\"{address(at - 1)}\">Previous</a>");
        }

        html.Add($"<span>Page {at} of {pages}</span>");
        if (at < pages)
        {
            html.Add($"<a rel=\"next\" href=\"{address(at + 1)}\">Next</a>");
        }

        html.Markup("</nav>");
    }
}
