using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sightline.Compute.Leases;
using Sightline.Compute.Leases.Clouds;

namespace Sightline.Compute.Tests.Fakes;

/// <summary>Google Cloud: Compute Engine's REST version 1, with operations and request ids, and the token service, which checks the signature.</summary>
internal sealed class FakeGoogleCloud(TimeProvider time, FaultPlan faults) : FakeCloud(time, faults)
{
    private const string Token = "ya29.access-token-0123456789";
    private static readonly RSA _rsa = RSA.Create(2048); // Making a key takes long; each is made once.
    private static readonly Dictionary<string, string> _settings = Account(_rsa);
    private static readonly Lazy<Dictionary<string, string>> _wrong = new(() => Account(RSA.Create(2048)));
    private static readonly string[] _zones = ["us-central1-a", "us-central1-b"];
    private readonly Dictionary<string, (DateTimeOffset DoneAt, string[] Errors)> _operations = [];
    private readonly Dictionary<string, string> _requests = [];

    protected override string Id => "gcp";

    /// <summary>Zones with nothing free, whatever the plan says.</summary>
    public HashSet<string> FullZones { get; } = [];

    public override IReadOnlyDictionary<string, string> Settings => _settings;

    public override IReadOnlyDictionary<string, string> WrongSettings => _wrong.Value;

    public override ILeaseProvider Provider(CloudAccess access) => new GoogleCloudLeases(access);

    protected override bool InterruptionDeletes => true;

    protected override bool IsCreate(CloudRequest asked) => asked.Method == "POST" && asked.Path.EndsWith("/instances", StringComparison.Ordinal);

    protected override bool IsKeyGood(CloudRequest asked) => asked.Path == "/token" || asked.Authorization == $"Bearer {Token}";

    protected override HttpResponseMessage RefuseKey(CloudRequest asked) => Error(401, "authError", "Invalid Credentials");

    protected override HttpResponseMessage Error(int status, string code, string message) => Reply(status, new { error = new { code = status, message, errors = new[] { new { domain = "global", reason = code, message } } } });

    protected override HttpResponseMessage Answer(CloudRequest asked) => (asked.Method, asked.Path.Trim('/').Split('/')) switch
    {
        ("POST", ["token"]) => Exchange(asked),
        ("GET", ["compute", "v1", "projects", "project-1", "aggregated", "acceleratorTypes"]) => Reply(200, new
        {
            items = _zones.ToDictionary(zone => $"zones/{zone}", zone => (object)new { acceleratorTypes = new[] { new { name = asked.Query["filter"]["name=".Length..], zone } } })
                .Append(new("zones/europe-west4-a", new { warning = new { code = "NO_RESULTS_ON_PAGE" } })).ToDictionary(),
        }),
        ("GET", ["compute", "v1", "projects", "project-1", "aggregated", "instances"]) => List(asked),
        ("POST", ["compute", "v1", "projects", "project-1", "zones", var zone, "instances"]) => Create(asked, zone),
        ("GET", ["compute", "v1", "projects", "project-1", "zones", var zone, "instances", var name]) => Find(zone, name) is { } machine ? Reply(200, Show(machine)) : NotFound(name),
        ("DELETE", ["compute", "v1", "projects", "project-1", "zones", var zone, "instances", var name]) => End(zone, name),
        ("GET", ["compute", "v1", "projects", "project-1", "zones", _, "operations", var operation]) => Show(operation),
        _ => NotFound(asked.Path),
    };

    private FakeMachine? Find(string zone, string name) => Alive.FirstOrDefault(machine => machine.Place == zone && machine.Name == name);

    private HttpResponseMessage NotFound(string what) => Error(404, "notFound", $"The resource '{what}' was not found");

    private HttpResponseMessage List(CloudRequest asked)
    {
        if (asked.Query["filter"] != "labels.sightline-lease:*")
        {
            return Error(400, "invalid", "filter");
        }

        var all = Alive.ToList();
        var from = asked.Query.TryGetValue("pageToken", out var token) ? int.Parse(token, CultureInfo.InvariantCulture) : 0;
        var page = all.Skip(from).Take(2).ToList();
        var items = _zones.ToDictionary(zone => $"zones/{zone}", zone => page.Any(machine => machine.Place == zone)
            ? (object)new { instances = page.Where(machine => machine.Place == zone).Select(Show) } : new { warning = new { code = "NO_RESULTS_ON_PAGE", message = "none" } });
        return from + 2 < all.Count ? Reply(200, new { items, nextPageToken = (from + 2).ToString(CultureInfo.InvariantCulture) }) : Reply(200, new { items });
    }

    private HttpResponseMessage Exchange(CloudRequest asked)
    {
        var form = asked.Body.Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]));
        var parts = form["assertion"].Split('.');
        var claims = JsonDocument.Parse(Decode(parts[1])).RootElement;
        var isGood = form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer" && claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64() <= 3600
            && _rsa.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Decode(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return isGood ? Reply(200, new { access_token = Token, expires_in = 3599, token_type = "Bearer" }) : Reply(400, new { error = "invalid_grant", error_description = "Invalid JWT Signature." });
    }

    private HttpResponseMessage Create(CloudRequest asked, string zone)
    {
        var body = asked.Json;
        IReadOnlyList<string> unknown = [.. Unknown(body, "name", "machineType", "guestAccelerators", "scheduling", "disks", "networkInterfaces", "metadata", "labels", "tags", "serviceAccounts"),
            .. Unknown(body.GetProperty("scheduling"), "onHostMaintenance", "provisioningModel", "instanceTerminationAction", "automaticRestart", "maxRunDuration", "terminationTime")];
        if (unknown.Count > 0)
        {
            return Error(400, "badRequest", $"Invalid JSON payload received. Unknown name \"{unknown[0]}\"");
        }

        if (asked.Query.TryGetValue("requestId", out var request) && _requests.TryGetValue(request, out var known))
        {
            return Show(known); // The same request again: its operation.
        }

        if (asked.Fault == Fault.Quota)
        {
            return Error(403, "quotaExceeded", "Quota 'GPUS_ALL_REGIONS' exceeded. Limit: 0.0 globally.");
        }

        var name = body.GetProperty("name").GetString()!;
        if (Alive.Any(machine => machine.Place == zone && machine.Name == name))
        {
            return Error(409, "alreadyExists", $"The resource '{name}' already exists");
        }

        var scheduling = body.GetProperty("scheduling");
        var isFull = asked.Fault == Fault.Capacity || FullZones.Contains(zone);
        var operation = $"operation-{_operations.Count}";
        string[] errors = isFull ? [_operations.Count % 2 == 0 ? "ZONE_RESOURCE_POOL_EXHAUSTED" : "ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS"] : asked.Fault == Fault.FailedAfterCreate ? ["INTERNAL_ERROR"] : [];
        if (!isFull)
        {
            var endsBy = Now + TimeSpan.FromSeconds(long.Parse(scheduling.GetProperty("maxRunDuration").GetProperty("seconds").GetString()!, CultureInfo.InvariantCulture));
            Add($"{zone}/{name}", name, body.TryGetProperty("guestAccelerators", out _) ? 0.73m : 3.67m, scheduling.GetProperty("provisioningModel").GetString() == "SPOT", zone, asked.Body, endsBy, asked.Fault == Fault.FailedAfterCreate ? new Fate { Fails = true } : null);
        }

        _operations[operation] = (Now + TimeSpan.FromSeconds(6), errors);
        _requests[request ?? operation] = operation;
        return Show(operation);
    }

    private HttpResponseMessage End(string zone, string name)
    {
        if (Find(zone, name) is not { } machine)
        {
            return NotFound(name);
        }

        machine.EndAskedAt ??= Now;
        var operation = $"operation-{_operations.Count}";
        _operations[operation] = (Now + machine.Fate.Delete, []);
        return Show(operation);
    }

    private HttpResponseMessage Show(string operation)
    {
        if (!_operations.TryGetValue(operation, out var known))
        {
            return NotFound(operation);
        }

        var isDone = Now >= known.DoneAt;
        return isDone && known.Errors.Length > 0
            ? Reply(200, new { kind = "compute#operation", name = operation, status = "DONE", error = new { errors = known.Errors.Select(code => new { code, message = "does not have enough resources available" }) } })
            : Reply(200, new { kind = "compute#operation", name = operation, status = isDone ? "DONE" : "RUNNING" });
    }

    private object Show(FakeMachine machine) => new
    {
        name = machine.Name,
        zone = $"https://www.googleapis.com/compute/v1/projects/project-1/zones/{machine.Place}",
        status = machine.EndAskedAt is not null ? "STOPPING" : machine.IsFailed ? "TERMINATED" : machine.IsRunning(Now) ? "RUNNING" : "STAGING",
        creationTimestamp = Text(machine.CreatedAt),
        scheduling = new { provisioningModel = machine.IsSpot ? "SPOT" : "STANDARD" },
        networkInterfaces = new[] { new { accessConfigs = new[] { new { natIP = machine.IsRunning(Now) ? "203.0.113.44" : null } } } },
    };

    private static byte[] Decode(string text) => System.Buffers.Text.Base64Url.DecodeFromChars(text);

    private static Dictionary<string, string> Account(RSA rsa) => new()
    {
        ["GOOGLE_SERVICE_ACCOUNT"] = JsonSerializer.Serialize(new { type = "service_account", project_id = "project-1", private_key_id = "1", private_key = rsa.ExportPkcs8PrivateKeyPem(), client_email = "sightline@project-1.iam.gserviceaccount.com", token_uri = "https://oauth2.googleapis.com/token" }),
    };
}
