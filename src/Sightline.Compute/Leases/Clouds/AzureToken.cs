using Sightline.Compute.Providers;

namespace Sightline.Compute.Leases.Clouds;

/// <summary>Access tokens of an Azure service principal: its secret is exchanged for a token of about one hour.</summary>
/// <remarks>Microsoft identity platform, OAuth 2.0 client credentials flow.</remarks>
internal sealed class AzureToken(CloudAccess access) : IDisposable
{
    private const string Name = "Azure";
    private const string Secret = "AZURE_CLIENT_SECRET";
    private static readonly TimeSpan _early = TimeSpan.FromMinutes(2);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private string _token = "";
    private DateTimeOffset _expires;

    /// <summary>The subscription that is billed.</summary>
    /// <exception cref="LeaseException">It is not set.</exception>
    public string Subscription => access.Need(Name, "AZURE_SUBSCRIPTION_ID");

    /// <summary>A token that is good for some minutes at least.</summary>
    /// <exception cref="LeaseException">What it needs is not set, or Azure refuses it.</exception>
    public async ValueTask<string> GetAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var now = access.Time.GetUtcNow();
            if (_token.Length == 0 || now > _expires - _early)
            {
                (_token, _expires) = await ExchangeAsync(now, cancellationToken).ConfigureAwait(false);
            }

            return _token;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<(string Token, DateTimeOffset Expires)> ExchangeAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (tenant, client, secret) = (access.Need(Name, "AZURE_TENANT_ID"), access.Need(Name, "AZURE_CLIENT_ID"), access.Need(Name, Secret));
        var address = access.Addresses.GetValueOrDefault("azure_token") ?? new Uri($"https://login.microsoftonline.com/{Uri.EscapeDataString(tenant)}/oauth2/v2.0/token");
        var call = new ProviderCall(HttpMethod.Post, address)
        {
            Body = $"grant_type=client_credentials&client_id={Uri.EscapeDataString(client)}&client_secret={Uri.EscapeDataString(secret)}&scope={Uri.EscapeDataString("https://management.azure.com/.default")}",
            MediaType = "application/x-www-form-urlencoded",
        };
        var reply = await access.Client.AskAsync(call, (trouble, _) => new LeaseException(LeaseTrouble.Refused, $"{Name} {trouble} when asked for a token. Nothing was done. Try again later."), cancellationToken).ConfigureAwait(false);
        // Only the error's code is shown: its description is long, and quotes what was sent.
        return reply.IsSuccess && reply.Json?.Text("access_token") is { Length: > 0 } token
            ? (token, now + TimeSpan.FromSeconds((double)(reply.Json?.Number("expires_in") ?? 3600)))
            : throw new LeaseException(LeaseTrouble.Credentials, $"{Name} gave no token for the client {client}: {reply.Status} {reply.Json?.Text("error")}. Check AZURE_TENANT_ID, AZURE_CLIENT_ID and {Secret}.");
    }
}
