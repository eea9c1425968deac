using Microsoft.AspNetCore.Http;
using Sightline.Runs.Report;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Access;

/// <summary><c>/login</c>: exchanges the printed token, or the configured secret, for a cookie.</summary>
internal sealed class LoginPage(StudioOptions options, Sessions sessions, LoginLimiter limiter, Gatekeeper gatekeeper)
{
    public void Map(Endpoints pages)
    {
        pages.Public("GET", "/login", Show);
        pages.Public("POST", "/login", Enter);
        pages.Post("/logout", Role.Viewer, Leave);
    }

    private async Task Show(HttpContext context)
    {
        if (context.Request.Query["token"] is not { Count: > 0 } token)
        {
            await Page(context, null);
            return;
        }

        if (!limiter.Admits($"{context.Connection.RemoteIpAddress}"))
        {
            await TooMany(context);
            return;
        }

        if (sessions.Exchange($"{token}") is { } opened)
        {
            LetIn(context, opened.Cookie);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        await Page(context, "This address was used already or is too old. Each address works once: start 'sightline studio' anew, or ask an owner to invite you in Settings.");
    }

    private async Task Enter(HttpContext context)
    {
        if (!limiter.Admits($"{context.Connection.RemoteIpAddress}"))
        {
            await TooMany(context);
            return;
        }

        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
        if (options.Secret is { } secret && Sessions.AreEqual(form["secret"], secret))
        {
            LetIn(context, sessions.Open(Role.Owner).Cookie);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        await Page(context, options.Secret is null ? "This studio has no secret; open the address that 'sightline studio' printed." : "That is not the secret.");
    }

    private Task Leave(HttpContext context)
    {
        sessions.End(context.Session().Number);
        context.Response.Cookies.Delete(gatekeeper.CookieName(context));
        context.Response.Redirect("/login");
        return Task.CompletedTask;
    }

    private void LetIn(HttpContext context, string cookie)
    {
        limiter.Succeeded($"{context.Connection.RemoteIpAddress}");
        context.Response.Cookies.Append(gatekeeper.CookieName(context), cookie, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = context.Request.IsHttps,
            Path = "/",
            MaxAge = Sessions.Lifetime,
        });
        context.Response.Redirect("/");
    }

    private Task TooMany(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers.RetryAfter = $"{(int)LoginLimiter.Window.TotalSeconds}";
        return Page(context, $"More than {LoginLimiter.Tries} tries in a minute. Wait a minute and try again.");
    }

    private Task Page(HttpContext context, string? trouble)
    {
        var html = new Html();
        Layout.Head(html, "Log in", null);
        html.Markup("<body class=\"login\"><main id=\"main\"><div class=\"card narrow\">");
        Layout.Brand(html);
        html.Markup("<h1>Log in</h1>");
        if (trouble is not null)
        {
            html.Add($"<p class=\"verdict bad\" role=\"alert\"><span>{trouble}</span></p>");
        }

        if (options.Secret is not null)
        {
            html.Markup("<form method=\"post\" action=\"/login\" class=\"stack\"><label for=\"secret\">Secret</label>");
            html.Markup("<input id=\"secret\" name=\"secret\" type=\"password\" autocomplete=\"current-password\" required>");
            html.Markup("<button class=\"primary\">Log in</button></form>");
        }
        else
        {
            html.Markup("<p>Open the address that <code>sightline studio</code> printed in its terminal. It works once; after that this browser stays logged in.</p>");
        }

        html.Markup("</div></main></body></html>");
        return context.Html(html);
    }
}
