namespace Sightline.Runs.Report;

/// <summary>How the run was made, where, and what to do next.</summary>
internal static class SettingsSection
{
    public static void WriteNext(Html html, IReadOnlyList<RunReportCommand> commands)
    {
        if (commands.Count == 0)
        {
            return;
        }

        html.Markup("<section id=\"next\" aria-labelledby=\"h-next\"><h2 id=\"h-next\">Next</h2><div class=\"panel\">");
        html.Markup("<ul class=\"commands\">");
        foreach (var entry in commands)
        {
            html.Add($"<li><p>{entry.Purpose}</p><pre><code>{entry.Command}</code></pre></li>");
        }

        html.Markup("</ul></div></section>");
    }

    public static void WriteSettings(Html html, IReadOnlyList<RunReportGroup> groups)
    {
        if (groups.Count == 0)
        {
            return;
        }

        html.Markup("<section id=\"settings\" aria-labelledby=\"h-settings\"><h2 id=\"h-settings\">Settings</h2><div class=\"groups\">");
        foreach (var group in groups)
        {
            html.Add($"<div class=\"panel\"><h3>{group.Title}</h3>");
            WriteList(html, group.Entries, code: true);
            html.Markup("</div>");
        }

        html.Markup("</div></section>");
    }

    public static void WriteEnvironment(Html html, IReadOnlyList<KeyValuePair<string, string>> environment)
    {
        if (environment.Count == 0)
        {
            return;
        }

        html.Markup("<section id=\"environment\" aria-labelledby=\"h-environment\"><h2 id=\"h-environment\">Environment</h2>");
        html.Markup("<div class=\"panel\">");
        WriteList(html, environment, code: false);
        html.Markup("</div></section>");
    }

    private static void WriteList(Html html, IReadOnlyList<KeyValuePair<string, string>> entries, bool code)
    {
        html.Markup("<dl class=\"pairs-list\">");
        foreach (var (name, value) in entries)
        {
            if (code)
            {
                html.Add($"<div><dt><code>{name}</code></dt><dd>{value}</dd></div>");
            }
            else
            {
                html.Add($"<div><dt>{name}</dt><dd>{value}</dd></div>");
            }
        }

        html.Markup("</dl>");
    }
}
