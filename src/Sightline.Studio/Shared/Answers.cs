using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Sightline.Runs.Report;
using Sightline.Studio.Access;

namespace Sightline.Studio.Shared;

/// <summary>How endpoints read the request and write the answer.</summary>
internal static class Answers
{
    // As the command line's documents: camelCase, enums by name, NaN as a word.
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Who asks; the gatekeeper saw to it that there is one.</summary>
    public static Session Session(this HttpContext context) => (Session)context.Items[typeof(Session)]!; // As above.

    /// <summary>A part of the path.</summary>
    public static string Part(this HttpContext context, string name) => $"{context.Request.RouteValues[name]}";

    /// <summary>A value of the query, null where it is absent or empty.</summary>
    public static string? Query(this HttpContext context, string name) => context.Request.Query[name] is { Count: > 0 } value && value[0] is { Length: > 0 } text ? text : null;

    /// <summary>A whole number of the query.</summary>
    public static int Query(this HttpContext context, string name, int fallback, int least, int most) =>
        int.TryParse(context.Query(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? Math.Clamp(value, least, most) : fallback;

    /// <summary>A page, or its facts as JSON where <c>?format=json</c> asks for them.</summary>
    /// <param name="context">The request.</param>
    /// <param name="page">Title, place and command.</param>
    /// <param name="facts">All that the page shows.</param>
    /// <param name="body">Writes the page's content.</param>
    public static Task Page(this HttpContext context, Page page, object facts, Action<Html> body)
    {
        if (context.Query("format") == "json")
        {
            return context.Json(facts);
        }

        var html = new Html();
        Layout.Begin(html, page, context);
        body(html);
        Layout.End(html, page, context);
        return context.Html(html);
    }

    public static Task Html(this HttpContext context, Html html)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(html.ToString(), context.RequestAborted);
    }

    public static Task Json(this HttpContext context, object facts)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        return JsonSerializer.SerializeAsync(context.Response.Body, facts, facts.GetType(), _json, context.RequestAborted);
    }

    /// <summary>Bytes that never change under their address.</summary>
    public static async Task Immutable(this HttpContext context, string type, ReadOnlyMemory<byte> content)
    {
        context.Response.ContentType = type;
        context.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        context.Response.ContentLength = content.Length;
        await context.Response.Body.WriteAsync(content, context.RequestAborted);
    }

    /// <summary>After a change: back to a page of the studio.</summary>
    public static Task Back(this HttpContext context, string address)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = address;
        return Task.CompletedTask;
    }
}
