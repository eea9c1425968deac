using System.Text.Json;

namespace Sightline.Compute.Providers;

/// <summary>One request to a provider.</summary>
/// <param name="Method">GET, POST, PUT, DELETE.</param>
/// <param name="Address">Where. It holds no secret.</param>
internal sealed record ProviderCall(HttpMethod Method, Uri Address)
{
    /// <summary>The body; null sends none.</summary>
    public string? Body { get; init; }

    /// <summary>The body's type. Default JSON.</summary>
    public string MediaType { get; init; } = "application/json";

    /// <summary>The bearer token; null sends none.</summary>
    public string? Bearer { get; init; }

    /// <summary>Whether the same request may reach the provider twice. Default true.</summary>
    public bool IsSafe { get; init; } = true;

    /// <summary>The wait after the first failure; null takes the client's.</summary>
    public TimeSpan? FirstWait { get; init; }
}

/// <summary>A provider's final answer, good or not.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Reason">Its words.</param>
/// <param name="Text">The body.</param>
internal sealed record ProviderReply(int Status, string Reason, string Text)
{
    /// <summary>Whether the status is one of success.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The body as JSON; null when it is none.</summary>
    public JsonElement? Json { get; } = Parse(Text);

    private static JsonElement? Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>What one try gave.</summary>
/// <param name="Value">The value; unset when there was a trouble.</param>
/// <param name="Trouble">A trouble that may pass, in words; null when there is a value.</param>
/// <param name="Wait">How long the provider asks to wait; null when it does not say.</param>
/// <param name="IsRateLimit">Whether the provider refused only because of too many requests, so that nothing was done.</param>
internal sealed record Outcome<T>(T? Value, string? Trouble = null, TimeSpan? Wait = null, bool IsRateLimit = false);
