using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Sightline.Compute.Leases;
using Sightline.Compute.Leases.Clouds;
using Sightline.Compute.Providers;

namespace Sightline.Compute.Tests.Fakes;

/// <summary>What a provider was asked, and what goes wrong with it.</summary>
internal sealed record CloudRequest(string Method, string Path, Dictionary<string, string> Query, string? Authorization, string Body, Fault Fault)
{
    public JsonElement Json { get; } = Body.StartsWith('{') ? JsonDocument.Parse(Body).RootElement.Clone() : default;
}

/// <summary>A provider without a network: answers as its documentation says, counts what it bills, and fails by plan.</summary>
internal abstract class FakeCloud(TimeProvider time, FaultPlan faults) : HttpMessageHandler
{
    /// <summary>The good key.</summary>
    public const string Key = "very-secret-key-0123456789";

    public FaultPlan Faults { get; } = faults;

    /// <summary>Every machine ever made.</summary>
    public List<FakeMachine> Machines { get; } = [];

    /// <summary>Every request, with its address.</summary>
    public List<(CloudRequest Asked, Uri Address)> Requests { get; } = [];

    /// <summary>Requests that failed or lied, and machines that fail, vanish or are taken back.</summary>
    public int FaultCount => Requests.Count(request => request.Asked.Fault != Fault.None) + Machines.Count(machine => machine.Fate is { Fails: true } or { Vanishes: not null } or { Interrupted: not null });

    /// <summary>How often a price has risen, in steps of 30 %.</summary>
    public int PriceRises { get; set; }

    public DateTimeOffset Now => time.GetUtcNow();

    public IEnumerable<FakeMachine> Alive => Machines.Where(machine => !machine.IsGone(Now));

    protected abstract string Id { get; }

    /// <summary>Whether an interrupted spot machine is deleted; else it stays, stopped.</summary>
    protected virtual bool InterruptionDeletes => false;

    /// <summary>The settings with which the backend finds the good key.</summary>
    public virtual IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>();

    /// <summary>The settings with a wrong key in place of the good one.</summary>
    public abstract IReadOnlyDictionary<string, string> WrongSettings { get; }

    public CloudAccess Access(IReadOnlyDictionary<string, string>? settings = null)
    {
        var values = settings ?? Settings;
        var http = new HttpClient(this, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        return new CloudAccess
        {
            Client = new ProviderClient(http, time) { Timeout = TimeSpan.FromSeconds(30) },
            Credentials = new CredentialStore(name => values.GetValueOrDefault(name), "/nowhere"),
            Time = time,
            Addresses = new Dictionary<string, Uri> { [Id] = new($"https://{Id}.test"), [$"{Id}_token"] = new($"https://{Id}.test/token") },
        };
    }

    public abstract ILeaseProvider Provider(CloudAccess access);

    protected abstract bool IsCreate(CloudRequest asked);

    protected virtual bool IsKeyGood(CloudRequest asked) => asked.Authorization == $"Bearer {Key}";

    /// <summary>The answer to a request without fault, or with a fault of creates.</summary>
    protected abstract HttpResponseMessage Answer(CloudRequest asked);

    /// <summary>The refusal of a key; it shows the key, as careless services do.</summary>
    protected abstract HttpResponseMessage RefuseKey(CloudRequest asked);

    /// <summary>The form of an error.</summary>
    protected abstract HttpResponseMessage Error(int status, string code, string message);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var query = request.RequestUri!.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2))
            .ToDictionary(pair => Uri.UnescapeDataString(pair[0]), pair => Uri.UnescapeDataString(pair[^1]));
        var asked = new CloudRequest(request.Method.Method, request.RequestUri.AbsolutePath, query, Header(request), body, Fault.None);
        asked = asked with { Fault = Faults.Draw(IsCreate(asked)) };
        Requests.Add((asked, request.RequestUri));
        switch (asked.Fault)
        {
            case Fault.TooMany:
                var limited = Error(429, "rate-limit", "too many requests");
                limited.Headers.Add("Retry-After", "2");
                return limited;
            case Fault.ServerError:
                return Error(503, "unavailable", "try later");
            case Fault.LostBefore:
                throw new HttpRequestException("connection refused");
            default:
                break;
        }

        if (!IsKeyGood(asked))
        {
            return RefuseKey(asked);
        }

        var answer = Answer(asked);
        switch (asked.Fault)
        {
            case Fault.ServerErrorAfter:
                return Error(502, "bad-gateway", "");
            case Fault.LostAfter:
                throw new HttpRequestException("connection reset");
            case Fault.HangAfter:
                await Task.Delay(Timeout.Infinite, cancellationToken);
                break;
            default:
                break;
        }

        return answer;
    }

    protected FakeMachine Add(string id, string name, decimal price, bool isSpot, string place, string request, DateTimeOffset? endsBy = null, Fate? fate = null)
    {
        var machine = new FakeMachine { Id = id, Name = name, CreatedAt = Now, PricePerHourUsd = price, IsSpot = isSpot, Fate = fate ?? Faults.DrawFate(isSpot), Place = place, Request = request, EndsBy = endsBy, GoneWhenInterrupted = InterruptionDeletes };
        Machines.Add(machine);
        return machine;
    }

    protected decimal Priced(decimal price) => price * (decimal)Math.Pow(1.3, PriceRises);

    protected static HttpResponseMessage Reply(int status, object body, string type = "application/json") =>
        new((HttpStatusCode)status) { Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, type) };

    /// <summary>The members of a body that the documentation does not have.</summary>
    protected static IReadOnlyList<string> Unknown(JsonElement body, params string[] known) =>
        body.ValueKind != JsonValueKind.Object ? ["body"] : [.. body.EnumerateObject().Select(member => member.Name).Except(known)];

    protected static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    // The SDK of AWS writes a header that .NET's own type does not read.
    private static string? Header(HttpRequestMessage request) => request.Headers.TryGetValues("Authorization", out var values) ? values.FirstOrDefault() : null;
}
