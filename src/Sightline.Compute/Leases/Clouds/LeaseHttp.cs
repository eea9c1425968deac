using System.Text.Json;
using Sightline.Compute.Providers;

namespace Sightline.Compute.Leases.Clouds;

/// <summary>Talks to one provider for leases. Turns what went wrong into the kinds of <see cref="LeaseTrouble"/>, and keeps secrets out of messages.</summary>
/// <param name="access">Client and addresses.</param>
/// <param name="name">The provider's name for people.</param>
/// <param name="address">Its address.</param>
/// <param name="credential">What the bearer token comes from, for messages.</param>
/// <param name="token">The bearer token.</param>
internal sealed class LeaseHttp(CloudAccess access, string name, Uri address, string credential, Func<CancellationToken, ValueTask<string>> token)
{
    private const int LongestText = 300;

    /// <summary>Whether 403 to a create speaks of the offer, not of the key. Default false.</summary>
    public bool IsForbiddenPerOffer { get; init; }

    /// <summary>Sends a request that may be sent twice.</summary>
    /// <returns>The final answer, also a refusal, but for a refused key.</returns>
    /// <exception cref="LeaseException">No final answer, or the key was refused.</exception>
    public Task<ProviderReply> SafeAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken) => SendAsync(method, path, body, isSafe: true, null, cancellationToken);

    /// <summary>Sends a request that may make a machine: once, and again only after 429.</summary>
    /// <exception cref="LeaseException"><see cref="LeaseTrouble.Unanswered"/> when the machine may exist.</exception>
    public Task<ProviderReply> OnceAsync(HttpMethod method, string path, object? body, CancellationToken cancellationToken, TimeSpan? firstWait = null) =>
        SendAsync(method, path, body, isSafe: false, firstWait, cancellationToken);

    /// <summary>The answer's JSON.</summary>
    /// <exception cref="LeaseException">A refusal, or no JSON: then nothing is known.</exception>
    public JsonElement Json(ProviderReply reply, string asked) => !reply.IsSuccess ? throw Refusal(LeaseTrouble.Refused, reply, asked)
        : reply.Json ?? throw Unreadable(reply, asked);

    /// <summary>The member that an answer must have.</summary>
    /// <exception cref="LeaseException">It has none of this kind: then nothing is known.</exception>
    public JsonElement Need(JsonElement value, string member, JsonValueKind kind, string asked) => value.Get(member) is { } found && found.ValueKind == kind
        ? found
        : throw new LeaseException(LeaseTrouble.Unanswered, $"{name} answered without '{member}' when asked {asked}: its interface may have changed. Look at the machines on {name}'s own page.");

    /// <summary>The exception of a refusal, with the provider's words.</summary>
    public LeaseException Refusal(LeaseTrouble trouble, ProviderReply reply, string asked, string remedy = "") =>
        new(trouble, $"{name} refused {asked}: {reply.Status} {reply.Reason}{Words(reply.Text)}.{(remedy.Length > 0 ? " " + remedy : "")}");

    /// <summary>The exception of an answer that cannot be read: the request may have been done.</summary>
    public LeaseException Unreadable(ProviderReply reply, string asked) =>
        new(LeaseTrouble.Unanswered, $"{name} answered {asked} with {reply.Status} and something that cannot be read{Words(reply.Text)}. Its list of machines tells what was done.");

    private async Task<ProviderReply> SendAsync(HttpMethod method, string path, object? body, bool isSafe, TimeSpan? firstWait, CancellationToken cancellationToken)
    {
        var secret = await token(cancellationToken).ConfigureAwait(false);
        var call = new ProviderCall(method, new Uri(address, path))
        {
            Body = body is null ? null : JsonSerializer.Serialize(body),
            Bearer = secret,
            IsSafe = isSafe,
            FirstWait = firstWait,
        };
        var reply = await access.Client.AskAsync(call, (trouble, isRateLimit) => new LeaseException(
            isRateLimit ? LeaseTrouble.Quota : LeaseTrouble.Unanswered,
            $"{name} {trouble}: {method} {call.Address.AbsolutePath}. {(isRateLimit ? "Too many requests; nothing was done. Try again in a minute." : isSafe ? "Try again later." : "The machine may exist; the list of machines tells.")}"), cancellationToken).ConfigureAwait(false);
        reply = reply.Text.Contains(secret, StringComparison.Ordinal) ? reply with { Text = reply.Text.Replace(secret, "***", StringComparison.Ordinal) } : reply;
        return reply.Status == 401 || (reply.Status == 403 && !IsAboutQuota(reply) && (isSafe || !IsForbiddenPerOffer))
            ? throw Refusal(LeaseTrouble.Credentials, reply, $"{method} {call.Address.AbsolutePath}", $"Check {credential} and its rights.")
            : reply;
    }

    // Google Cloud answers 403 to an exhausted quota too.
    private static bool IsAboutQuota(ProviderReply reply) => reply.Status == 403 && reply.Text.Contains("quota", StringComparison.OrdinalIgnoreCase);

    private static string Words(string text)
    {
        var line = text.ReplaceLineEndings(" ").Trim();
        return line.Length == 0 ? "" : line.Length > LongestText ? $": '{line.AsSpan(0, LongestText).Trim()} ...'" : $": '{line}'";
    }
}
