using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Sightline.Compute.Providers;

/// <summary>Sends requests to providers. The one place that tries again: after 429, 5xx, a broken connection or no answer in time.</summary>
/// <param name="http">The client; not disposed.</param>
/// <param name="time">Clock of the waits.</param>
public sealed class ProviderClient(HttpClient http, TimeProvider time)
{
    private const int Tries = 4;
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(60);

    /// <summary>How long one try may take. Default 100 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>The wait after the first failure; doubled after each. Default 1 second. A provider's Retry-After wins, up to 60 seconds.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets a JSON document.</summary>
    /// <param name="provider">The provider's name, for messages.</param>
    /// <param name="address">The address. It may hold a key, so messages show it without its query.</param>
    /// <param name="bearer">The bearer token, or null.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ComputeException">All tries failed, or the answer is no JSON.</exception>
    internal Task<JsonElement> GetJsonAsync(string provider, Uri address, string? bearer, CancellationToken cancellationToken) =>
        SendJsonAsync(provider, HttpMethod.Get, address, null, bearer, cancellationToken);

    /// <summary>Posts a JSON document and gets one. Only for searches: it may be sent more than once.</summary>
    internal Task<JsonElement> PostJsonAsync(string provider, Uri address, string body, string? bearer, CancellationToken cancellationToken) =>
        SendJsonAsync(provider, HttpMethod.Post, address, body, bearer, cancellationToken);

    /// <summary>Reads an answer of any length line by line. A connection that breaks half-way is an error, not the end.</summary>
    internal Task<T> ReadAsync<T>(string provider, Uri address, Func<TextReader, CancellationToken, Task<T>> read, CancellationToken cancellationToken) =>
        TryAsync(provider, HttpMethod.Get, address, null, null, async (content, token) =>
        {
            using var reader = new StreamReader(await content.ReadAsStreamAsync(token).ConfigureAwait(false));
            return await read(reader, token).ConfigureAwait(false);
        }, cancellationToken);

    private Task<JsonElement> SendJsonAsync(string provider, HttpMethod method, Uri address, string? body, string? bearer, CancellationToken cancellationToken) =>
        TryAsync(provider, method, address, body, bearer, async (content, token) =>
        {
            var text = await content.ReadAsStringAsync(token).ConfigureAwait(false);
            try
            {
                using var document = JsonDocument.Parse(text);
                return document.RootElement.Clone();
            }
            catch (JsonException error)
            {
                throw new ComputeException(ComputeTrouble.Provider, $"{provider} answered {Shown(address)} with something that is no JSON: '{Start(text)}'. Try again later, or check the address.", error);
            }
        }, cancellationToken);

    private async Task<T> TryAsync<T>(string provider, HttpMethod method, Uri address, string? body, string? bearer, Func<HttpContent, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            string trouble;
            TimeSpan? asked = null;
            using var limit = new CancellationTokenSource(Timeout, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                using var message = new HttpRequestMessage(method, address) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
                message.Headers.Authorization = bearer is null ? null : new AuthenticationHeaderValue("Bearer", bearer);
                message.Headers.UserAgent.ParseAdd("sightline");
                using var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                {
                    return await read(response.Content, both.Token).ConfigureAwait(false);
                }

                trouble = $"answered {(int)response.StatusCode} {response.ReasonPhrase}";
                if (!IsPassing(response.StatusCode))
                {
                    throw await RefusalAsync(provider, address, response, both.Token).ConfigureAwait(false);
                }

                asked = RetryAfter(response);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                trouble = string.Create(CultureInfo.InvariantCulture, $"gave no answer within {Timeout.TotalSeconds:0.#} s");
            }
            catch (Exception error) when (error is HttpRequestException or IOException)
            {
                trouble = $"could not be reached: {error.Message}";
            }

            var wait = asked ?? FirstWait * Math.Pow(2, attempt - 1);
            if (attempt == Tries || wait > _longestWait)
            {
                var patience = wait > _longestWait ? string.Create(CultureInfo.InvariantCulture, $" and asks to wait {wait.TotalSeconds:0} s") : $" ({attempt} tries)";
                throw new ComputeException(ComputeTrouble.Provider, $"{provider} {trouble}{patience}: {Shown(address)}. Try again later; the prices known so far stay in use.");
            }

            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool IsPassing(HttpStatusCode status) => status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or HttpStatusCode.InternalServerError
        or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } wait } => wait,
        { Date: { } until } when until > time.GetUtcNow() => until - time.GetUtcNow(),
        _ => null,
    };

    private static async Task<ComputeException> RefusalAsync(string provider, Uri address, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var text = Start(await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false));
        var remedy = response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? " Check the key and its rights." : "";
        return new ComputeException(ComputeTrouble.Provider, $"{provider} answered {(int)response.StatusCode} {response.ReasonPhrase} to {Shown(address)}{(text.Length > 0 ? $": '{text}'" : "")}.{remedy}");
    }

    private static string Start(string text) => text.Length > 120 ? $"{text.AsSpan(0, 120).Trim()} ..." : text.Trim();

    private static string Shown(Uri address) => address.GetLeftPart(UriPartial.Path);
}
