using Microsoft.AspNetCore.Http;
using Sightline.Compute;

namespace Sightline.Studio.Shared;

/// <summary>Turns exceptions into a page with what was wrong and what to do.</summary>
internal sealed class Troubles(Action<string> tell)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The browser went away.
        }
        catch (Exception error) when (!context.Response.HasStarted && Status(error) is { } status)
        {
            await Answer(context, status, error.Message);
        }
#pragma warning disable CA1031 // The one place where every exception becomes an answer.
        catch (Exception error) when (!context.Response.HasStarted)
#pragma warning restore CA1031
        {
            tell($"{context.Request.Method} {context.Request.Path}: {error}");
            await Answer(context, StatusCodes.Status500InternalServerError, "Something unexpected happened; the terminal of the studio says what.");
        }
    }

    private static int? Status(Exception error) => error switch
    {
        NotFoundException => StatusCodes.Status404NotFound,
        SettingsException => StatusCodes.Status400BadRequest,
        SightlineException => StatusCodes.Status422UnprocessableEntity,
        ComputeException => StatusCodes.Status422UnprocessableEntity,
        BadHttpRequestException refused => refused.StatusCode,
        _ => null,
    };

    private static Task Answer(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        if (context.Items.ContainsKey(typeof(Access.Session)) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal))
        {
            return context.Page(new Page(status == 404 ? "Not found" : "Trouble", ""), new { error = message }, html =>
            {
                Layout.Heading(html, status == 404 ? "Not found" : "That did not work");
                html.Add($"<p class=\"verdict bad\" role=\"alert\"><span>{message}</span></p><p><a href=\"/\">Home</a></p>");
            });
        }

        return context.Json(new { error = message });
    }
}
