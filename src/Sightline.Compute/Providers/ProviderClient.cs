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

    /// <summary>Sends a request and gives back whatever final answer comes, a refusal too.</summary>
    /// <param name="call">The request. One that is not safe to send twice is sent again only after 429, which says that nothing was done.</param>
    /// <param name="failed">Makes the exception of a call that got no final answer, from its words and whether the provider limited the rate.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal Task<ProviderReply> AskAsync(ProviderCall call, Func<string, bool, Exception> failed, CancellationToken cancellationToken) => RetryAsync(async token =>
    {
        using var response = await SendAsync(call, token).ConfigureAwait(false);
        return IsPassing(response.StatusCode)
            ? PassingTrouble<ProviderReply>(response)
            : new Outcome<ProviderReply>(new ProviderReply((int)response.StatusCode, response.ReasonPhrase ?? "", await response.Content.ReadAsStringAsync(token).ConfigureAwait(false)));
    }, call.IsSafe, call.FirstWait ?? FirstWait, failed, cancellationToken);

    /// <summary>Tries something, again after a passing trouble.</summary>
    /// <param name="attempt">One try. A broken connection and no answer within <see cref="Timeout"/> count as passing troubles.</param>
    /// <param name="isSafe">Whether it may be done twice. If not, only a limited rate is tried again.</param>
    /// <param name="firstWait">The wait after the first failure.</param>
    /// <param name="failed">Makes the exception after the last try, from the trouble in words and whether the rate was limited.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal async Task<T> RetryAsync<T>(Func<CancellationToken, Task<Outcome<T>>> attempt, bool isSafe, TimeSpan firstWait, Func<string, bool, Exception> failed, CancellationToken cancellationToken)
    {
        for (var count = 1; ; count++)
        {
            Outcome<T> outcome;
            using var limit = new CancellationTokenSource(Timeout, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                outcome = await attempt(both.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                outcome = new Outcome<T>(default, string.Create(CultureInfo.InvariantCulture, $"gave no answer within {Timeout.TotalSeconds:0.#} s"));
            }
            catch (Exception error) when (error is HttpRequestException or IOException)
            {
                outcome = new Outcome<T>(default, $"could not be reached: {error.Message}");
            }

            if (outcome.Trouble is null)
            {
                return outcome.Value!; // Without a trouble there is a value.
            }

            var wait = outcome.Wait ?? firstWait * Math.Pow(2, count - 1);
            var goesOn = isSafe || outcome.IsRateLimit;
            if (!goesOn || count == Tries || wait > _longestWait)
            {
                var patience = !goesOn ? "" : wait > _longestWait ? string.Create(CultureInfo.InvariantCulture, $" and asks to wait {wait.TotalSeconds:0} s") : $" ({count} tries)";
                throw failed(outcome.Trouble + patience, outcome.IsRateLimit);
            }

            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task<T> TryAsync<T>(string provider, HttpMethod method, Uri address, string? body, string? bearer, Func<HttpContent, CancellationToken, Task<T>> read, CancellationToken cancellationToken) => RetryAsync(async token =>
    {
        using var response = await SendAsync(new ProviderCall(method, address) { Body = body, Bearer = bearer }, token).ConfigureAwait(false);
        return response.IsSuccessStatusCode ? new Outcome<T>(await read(response.Content, token).ConfigureAwait(false))
            : IsPassing(response.StatusCode) ? PassingTrouble<T>(response)
            : throw await RefusalAsync(provider, address, response, token).ConfigureAwait(false);
    }, isSafe: true, FirstWait, (trouble, _) => new ComputeException(ComputeTrouble.Provider, $"{provider} {trouble}: {Shown(address)}. Try again later; the prices known so far stay in use."), cancellationToken);

    private async Task<HttpResponseMessage> SendAsync(ProviderCall call, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(call.Method, call.Address) { Content = call.Body is null ? null : new StringContent(call.Body, Encoding.UTF8, call.MediaType) };
        message.Headers.Authorization = call.Bearer is null ? null : new AuthenticationHeaderValue("Bearer", call.Bearer);
        message.Headers.UserAgent.ParseAdd("sightline");
        return await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
    }

    private Outcome<T> PassingTrouble<T>(HttpResponseMessage response) =>
        new(default, $"answered {(int)response.StatusCode} {response.ReasonPhrase}", RetryAfter(response), response.StatusCode == HttpStatusCode.TooManyRequests);

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
