using Microsoft.AspNetCore.Http;
using Sightline.Runs.Report;
using Sightline.Studio.Access;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Settings;

/// <summary><c>/settings</c>: folders, who is let in, and letting others in.</summary>
internal sealed class SettingsPage(StudioOptions options, Sessions sessions)
{
    private static readonly TimeSpan InvitationLifetime = TimeSpan.FromHours(1);

    public void Map(Endpoints pages)
    {
        pages.Get("/settings", context => Show(context, null));
        pages.Post("/settings/invite", Role.Owner, Invite);
        pages.Post("/settings/end", Role.Owner, End);
    }

    private Task Show(HttpContext context, string? invitation)
    {
        var isOwner = context.Session().Role == Role.Owner;
        var all = isOwner ? sessions.All : [];
        var facts = new { runs = Path.GetFullPath(options.Runs), store = Path.GetFullPath(options.Store), role = context.Session().Role, sessions = all.Select(session => new { session.Number, session.Role, session.Since }) };
        return context.Page(new Page("Settings", "/settings"), facts, html =>
        {
            Layout.Heading(html, "Settings");
            html.Markup("<section aria-labelledby=\"h-folders\"><h2 id=\"h-folders\">Folders</h2><dl class=\"pairs card\">");
            foreach (var (name, value) in new[] { ("Runs", Path.GetFullPath(options.Runs)), ("Data sets", Path.GetFullPath(options.Store)), ("Price sheets", options.Prices.Sheets) })
            {
                html.Add($"<div><dt>{name}</dt><dd><code>{value}</code></dd></div>");
            }

            html.Markup("</dl><p class=\"note\">Options of <code>sightline studio</code> choose others.</p></section>");
            if (isOwner)
            {
                Invitations(html, context, invitation);
                Who(html, context, all);
            }

            html.Markup("<form method=\"post\" action=\"/logout\">");
            Layout.Token(html, context);
            html.Markup("<button>Log out</button></form>");
        });
    }

    private static void Invitations(Html html, HttpContext context, string? invitation)
    {
        html.Markup("<section aria-labelledby=\"h-invite\"><h2 id=\"h-invite\">Let someone in</h2>");
        if (invitation is not null)
        {
            html.Add($"<div class=\"verdict good\" role=\"status\"><div><p class=\"word\">This address lets one person in, once, within {(int)InvitationLifetime.TotalMinutes} minutes:</p>");
            Layout.Command(html, invitation);
            html.Markup("</div></div>");
        }

        html.Markup("<form method=\"post\" action=\"/settings/invite\" class=\"filters\">");
        Layout.Token(html, context);
        html.Markup("<div><label for=\"role\">As</label><select id=\"role\" name=\"role\"><option value=\"Viewer\">Viewer: look</option><option value=\"Editor\">Editor: decide, import, train, change runs, try pictures</option><option value=\"Owner\">Owner: spend money, let others in</option></select></div><button class=\"primary\">Make an address</button></form></section>");
    }

    private static void Who(Html html, HttpContext context, IReadOnlyList<Session> all)
    {
        html.Markup("<section aria-labelledby=\"h-who\"><h2 id=\"h-who\">Who is in</h2><div class=\"scroll card flush\" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-who\"><table class=\"list\"><thead><tr><th scope=\"col\">Session</th><th scope=\"col\">Role</th><th scope=\"col\">Since</th><th scope=\"col\"><span class=\"hidden\">End it</span></th></tr></thead><tbody>");
        foreach (var session in all)
        {
            html.Add($"<tr><th scope=\"row\">{session.Number}{(session == context.Session() ? " (you)" : "")}</th><td>{session.Role.ToString().ToLowerInvariant()}</td><td>");
            Figures.Ago(html, session.Since);
            html.Markup("</td><td><form method=\"post\" action=\"/settings/end\">");
            Layout.Token(html, context);
            html.Add($"<input type=\"hidden\" name=\"session\" value=\"{session.Number}\"><button class=\"quiet\" aria-label=\"End session {session.Number}\">End</button></form></td></tr>");
        }

        html.Markup("</tbody></table></div></section>");
    }

    private async Task Invite(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var role = Enum.TryParse<Role>(form["role"], out var asked) && Enum.IsDefined(asked) ? asked : throw new SettingsException($"'{form["role"]}' is no role; Viewer, Editor and Owner are.");
        await Show(context, $"{context.Request.Scheme}://{context.Request.Host}/login?token={sessions.Invite(role, InvitationLifetime)}");
    }

    private async Task End(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (int.TryParse(form["session"], out var number))
        {
            sessions.End(number);
        }

        await context.Back("/settings");
    }
}
