using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sightline.Studio.Access;
using Xunit;

namespace Sightline.App.Tests.Studio;

/// <summary>Someone who is logged in and sends forms as a browser would.</summary>
internal sealed partial class StudioClient(HttpClient http) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private string? _token;

    public HttpClient Http => http;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static StudioClient As(StudioFixture studio, Role role) => new(studio.Client(role));

    /// <summary>A page's twin.</summary>
    public async Task<JsonElement> Twin(string path) =>
        StudioFixture.Json(await http.GetStringAsync(path + (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "format=json", Cancel));

    /// <summary>Sends a form with the session's token.</summary>
    public async Task<HttpResponseMessage> Post(string path, params IEnumerable<(string Name, string Value)> fields)
    {
        _token ??= TokenMeta().Match(await http.GetStringAsync("/settings", Cancel)).Groups[1].Value;
        return await http.PostAsync(path, new FormUrlEncodedContent(fields.Append(("_token", _token)).ToDictionary(field => field.Item1, field => field.Item2)), Cancel);
    }

    /// <summary>Sends a form that starts a command, and waits until the command is over or its page is there.</summary>
    /// <returns>The command's state.</returns>
    public async Task<JsonElement> Start(string path, params IEnumerable<(string Name, string Value)> fields)
    {
        using var answer = await Post(path, fields.Append(("id", Id())));
        Assert.True(answer.StatusCode == HttpStatusCode.SeeOther, $"{path} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(Cancel)}");
        var job = answer.Headers.Location!.OriginalString; // A redirect has one.
        JsonElement state = default;
        await Until(async () => (state = await Twin(job)).GetProperty("state").GetString() != "running" || state.TryGetProperty("next", out _), job);
        return state;
    }

    public static string Id() => Convert.ToHexStringLower(Guid.NewGuid().ToByteArray().AsSpan(0, 8));

    public static async Task Until(Func<Task<bool>> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < Patience, $"{what} did not come within {Patience}.");
            await Task.Delay(100, Cancel);
        }
    }

    public void Dispose() => http.Dispose();

    [GeneratedRegex("""<meta name="token" content="([^"]+)">""")]
    private static partial Regex TokenMeta();
}
