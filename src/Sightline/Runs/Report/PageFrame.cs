using System.Globalization;

namespace Sightline.Runs.Report;

/// <summary>What the pages of all reports have in common.</summary>
internal static class PageFrame
{
    /// <summary>Everything up to the body's first element, a link that skips to <c>#main</c>.</summary>
    public static void Begin(Html html, string title, string skip, string moreCss = "")
    {
        html.Markup("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>");
        html.Markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>");
        html.Markup("<meta name=\"generator\" content=\"Sightline\"/><meta name=\"referrer\" content=\"no-referrer\"/>");

        // The page needs nothing from outside and runs nothing; so the browser may hold it to that.
        html.Markup("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src ");
        html.Markup("'unsafe-inline'\"/>");
        html.Add($"<title>{title}</title><style>");
        html.Markup(Palette.Css());
        html.Markup(Style.Css);
        html.Markup(moreCss);
        html.Add($"</style></head><body><a class=\"skip\" href=\"#main\">{skip}</a>");
    }

    /// <summary>The product's sign and what kind of report this is.</summary>
    public static void Brand(Html html, string kind)
    {
        html.Markup("<p class=\"brand\"><svg viewBox=\"0 0 24 24\" width=\"22\" height=\"22\" ");
        html.Markup("aria-hidden=\"true\"><path d=\"M2 12S6 5.5 12 5.5S22 12 22 12S18 18.5 12 18.5S2 12 2 12Z\"/>");
        html.Add($"<circle cx=\"12\" cy=\"12\" r=\"3.4\"/><path d=\"M12 1.5v4M12 18.5v4\"/></svg>Sightline <span>{kind}</span></p>");
    }

    /// <summary>A date as people read it, in UTC.</summary>
    public static string Date(DateTimeOffset time) => time.UtcDateTime.ToString("d MMMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
