using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Sightline.Studio.Access;

/// <summary>
/// Stands before every page: the Host header must be the studio's own (or another site's name, pointed at this address, would be
/// let in), there must be a session, and a change must come from a page of the studio with the session's token.
/// </summary>
internal sealed class Gatekeeper(StudioOptions options, Sessions sessions)
{
    /// <summary>Largest picture that is taken in, bytes.</summary>
    public const long LargestPicture = 25L << 20;

    /// <summary>Largest form, bytes.</summary>
    public const long LargestForm = 64L << 10;

    /// <summary>Where the session's token comes with a change that is no form.</summary>
    public const string TokenHeader = "X-Sightline-Token";

    /// <summary>The same in a form.</summary>
    public const string TokenField = "_token";

    /// <summary>The page may load from here only, runs no inline script, and is shown in no frame.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>The cookie's name. Browsers share cookies between the ports of a host, so the port is in it.</summary>
    public string CookieName(HttpContext context) => $"sightline_{context.Connection.LocalPort}";

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        SetHeaders(context.Response.Headers);
        if (!IsOwnHost(context))
        {
            await Refuse(context, StatusCodes.Status421MisdirectedRequest, $"The studio does not answer to the name '{context.Request.Host}'. Use the address that 'sightline studio' printed, or name it with --host.");
            return;
        }

        var endpoint = context.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<IsPublic>() is not null)
        {
            await next(context);
            return;
        }

        if (sessions.Find(context.Request.Cookies[CookieName(context)]) is not { } session)
        {
            await AskToLogIn(context);
            return;
        }

        context.Items[typeof(Session)] = session;
        var isChange = !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method);
        var needed = endpoint?.Metadata.GetMetadata<RequiredRole>()?.Role ?? (isChange ? Role.Owner : Role.Viewer);
        if (isChange && !await IsFromOwnPage(context, session))
        {
            await Refuse(context, StatusCodes.Status403Forbidden, "This change did not come from a page of the studio, so nothing was changed. Load the page again and repeat it.");
        }
        else if (session.Role < needed)
        {
            await Refuse(context, StatusCodes.Status403Forbidden, $"You are {session.Role.ToString().ToLowerInvariant()}; this needs {needed.ToString().ToLowerInvariant()}. An owner can invite you as such in Settings.");
        }
        else
        {
            await next(context);
        }
    }

    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin"; // With no-referrer browsers send "Origin: null" with the studio's own forms.
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        headers.CacheControl = "no-store";
    }

    private bool IsOwnHost(HttpContext context)
    {
        var host = context.Request.Host;
        var isOwnName = options.IsLocal
            ? host.Host is "127.0.0.1" or "localhost" or "[::1]"
            : options.Hosts.Contains(host.Host, StringComparer.OrdinalIgnoreCase) || host.Host == $"{options.Address}" || host.Host is "127.0.0.1" or "localhost";
        var port = host.Port ?? (context.Request.IsHttps ? 443 : 80);
        return isOwnName && (port == context.Connection.LocalPort || !options.IsLocal);
    }

    // Browsers send Sec-Fetch-Site and Origin by themselves and no page can forge them; the token covers those that do not.
    private async Task<bool> IsFromOwnPage(HttpContext context, Session session)
    {
        var request = context.Request;
        var own = $"{request.Scheme}://{request.Host}";
        if ((request.Headers.Origin is { Count: > 0 } origin && origin != own)
            || (request.Headers["Sec-Fetch-Site"] is { Count: > 0 } site && site != "same-origin"))
        {
            return false;
        }

        var isUpload = context.GetEndpoint()?.Metadata.GetMetadata<TakesPicture>() is not null;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = isUpload ? LargestPicture : LargestForm;
        }

        StringValues token = request.Headers[TokenHeader];
        if (token.Count == 0 && !isUpload && request.HasFormContentType)
        {
            token = (await request.ReadFormAsync(context.RequestAborted))[TokenField];
        }

        return Sessions.AreEqual(token, session.FormToken);
    }

    private static async Task AskToLogIn(HttpContext context)
    {
        if (HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal))
        {
            context.Response.Redirect("/login");
            return;
        }

        await Refuse(context, StatusCodes.Status401Unauthorized, "There is no session. Open the address that 'sightline studio' printed.");
    }

    private static Task Refuse(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(why + "\n", context.RequestAborted);
    }
}

/// <summary>Marks what needs no session: the login and the style.</summary>
internal sealed record IsPublic;

/// <summary>Marks what takes in a picture as the request's body.</summary>
internal sealed record TakesPicture;
