using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sightline.Compute.Providers;

namespace Sightline.Compute.Leases.Clouds;

/// <summary>Access tokens of a Google service account: a JWT signed with its key (RS256) is exchanged for a token of one hour.</summary>
/// <remarks>Google, "Using OAuth 2.0 for server to server applications": the HTTP/REST steps. RFC 7523.</remarks>
internal sealed class GoogleToken(CloudAccess access) : IDisposable
{
    /// <summary>The key file's text in the environment, or a file of this name in the folder of credentials.</summary>
    public const string AccountName = "GOOGLE_SERVICE_ACCOUNT";

    /// <summary>Path of the key file, as Google's own tools take it.</summary>
    public const string FileName = "GOOGLE_APPLICATION_CREDENTIALS";

    private const string Name = "Google Cloud";
    private const string Scope = "https://www.googleapis.com/auth/compute";
    private static readonly TimeSpan _lifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan _early = TimeSpan.FromMinutes(2);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private JsonElement? _account;
    private string _token = "";
    private DateTimeOffset _expires;

    /// <summary>The project of the account.</summary>
    /// <exception cref="LeaseException">There is no account, or it cannot be used.</exception>
    public string Project => access.Find("GOOGLE_CLOUD_PROJECT") ?? (Account.Text("project_id") is { Length: > 0 } id ? id : throw Unusable("has no project_id"));

    private JsonElement Account => _account ??= Read();

    /// <summary>A token that is good for some minutes at least.</summary>
    /// <exception cref="LeaseException">There is no account, it cannot be used, or Google refuses it.</exception>
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
        var address = access.Addresses.GetValueOrDefault("gcp_token") ?? new Uri(Account.Text("token_uri") is { Length: > 0 } uri ? uri : "https://oauth2.googleapis.com/token");
        var call = new ProviderCall(HttpMethod.Post, address)
        {
            Body = $"grant_type={Uri.EscapeDataString("urn:ietf:params:oauth:grant-type:jwt-bearer")}&assertion={Sign(now)}",
            MediaType = "application/x-www-form-urlencoded",
        };
        var reply = await access.Client.AskAsync(call, (trouble, _) => new LeaseException(LeaseTrouble.Refused, $"{Name} {trouble} when asked for a token. Nothing was done. Try again later."), cancellationToken).ConfigureAwait(false);
        // The answer of a refusal is {error, error_description}; a good one is never shown.
        return reply.IsSuccess && reply.Json?.Text("access_token") is { Length: > 0 } token
            ? (token, now + TimeSpan.FromSeconds((double)(reply.Json?.Number("expires_in") ?? 3600)))
            : throw new LeaseException(LeaseTrouble.Credentials, $"{Name} gave no token for the service account {Account.Text("client_email")}: {reply.Status} {reply.Json?.Text("error")} {reply.Json?.Text("error_description")}. Check the key file and this machine's clock.");
    }

    private string Sign(DateTimeOffset now)
    {
        var claims = JsonSerializer.SerializeToUtf8Bytes(new
        {
            iss = Account.Text("client_email"),
            scope = Scope,
            aud = Account.Text("token_uri") is { Length: > 0 } uri ? uri : "https://oauth2.googleapis.com/token",
            iat = now.ToUnixTimeSeconds(),
            exp = (now + _lifetime).ToUnixTimeSeconds(),
        });
        var header = JsonSerializer.SerializeToUtf8Bytes(new { alg = "RS256", typ = "JWT", kid = Account.Text("private_key_id") });
        var text = $"{Encode(header)}.{Encode(claims)}";
        using var key = RSA.Create();
        try
        {
            key.ImportFromPem(Account.Text("private_key"));
        }
        catch (Exception error) when (error is ArgumentException or CryptographicException)
        {
            throw Unusable("has no private key in PEM form"); // Without the inner error: it can quote the key.
        }

        return $"{text}.{Encode(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static string Encode(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private JsonElement Read()
    {
        string? text;
        try
        {
            text = access.Find(AccountName) ?? access.Credentials.FindFile(FileName);
        }
        catch (ComputeException error) when (error is not LeaseException)
        {
            throw new LeaseException(LeaseTrouble.Credentials, error.Message, inner: error);
        }

        if (text is null)
        {
            throw new LeaseException(LeaseTrouble.Credentials, $"{Name} needs the key file of a service account. Set {FileName} to its path, or put it as {AccountName} into the folder of credentials, readable by you alone.");
        }

        return new ProviderReply(0, "", text).Json is { ValueKind: JsonValueKind.Object } account && account.Text("client_email").Length > 0 ? account : throw Unusable("is no JSON with a client_email");
    }

    private static LeaseException Unusable(string why) => new(LeaseTrouble.Credentials, $"{Name}'s service account {why}. Download its key file again, as JSON.");
}
