using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sightline.Compute.Providers;

namespace Sightline.Compute.Leases.Clouds;

/// <summary>Google Cloud, Compute Engine: rents virtual machines, spot too, and lets the provider itself delete them at the end of the lease.</summary>
/// <remarks>API: cloud.google.com/compute/docs/reference/rest/v1. A machine's id here is <c>zone/name</c>, as it is addressed by both.</remarks>
internal sealed class GoogleCloudLeases : ILeaseProvider, IDisposable
{
    private const string Name = "Google Cloud";
    private const string Label = "sightline-lease";
    private const string User = "sightline";
    private const string DefaultImage = "projects/deeplearning-platform-release/global/images/family/common-cu129-ubuntu-2204-nvidia-580";
    private const int MostPolls = 20;
    private static readonly TimeSpan _poll = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _shortestRun = TimeSpan.FromSeconds(30); // The least that maxRunDuration takes.

    // The accelerator of a GPU. Types other than n1 hold theirs already; for them the name only finds the zones that have it.
    private static readonly Dictionary<string, string> _accelerators = new()
    {
        ["a100-40"] = "nvidia-tesla-a100",
        ["a100-80-sxm"] = "nvidia-a100-80gb",
        ["h100-sxm"] = "nvidia-h100-80gb",
        ["l4"] = "nvidia-l4",
        ["t4"] = "nvidia-tesla-t4",
        ["v100-16"] = "nvidia-tesla-v100",
    };

    private readonly CloudAccess _access;
    private readonly GoogleToken _token;
    private readonly LeaseHttp _http;

    public GoogleCloudLeases(CloudAccess access)
    {
        _access = access;
        _token = new GoogleToken(access);
        _http = new LeaseHttp(access, Name, access.Address("gcp", "https://compute.googleapis.com"), "the service account", _token.GetAsync);
    }

    public string Id => "gcp";

    public LeaseAbilities Abilities { get; } = new() { EndsByItself = true, RentsSpot = true, CreatesOnce = true };

    public void Dispose() => _token.Dispose();

    public async Task<Machine> CreateAsync(MachineRequest request, CancellationToken cancellationToken)
    {
        LeaseException? full = null;
        // Capacity may be in one zone only, so all are tried.
        foreach (var zone in await FindZonesAsync(request, cancellationToken).ConfigureAwait(false))
        {
            try
            {
                return await CreateAsync(request, zone, cancellationToken).ConfigureAwait(false);
            }
            catch (LeaseException error) when (error.Trouble == LeaseTrouble.Capacity)
            {
                full = error;
            }
        }

        throw full ?? new LeaseException(LeaseTrouble.Capacity, $"{Name} sells no {request.Offer.Gpu.Name} in {request.Offer.Region}.");
    }

    public async Task<IReadOnlyList<Machine>> ListAsync(CancellationToken cancellationToken)
    {
        const string asked = "for its machines";
        var machines = new List<Machine>();
        var token = "";
        do
        {
            var page = _http.Json(await _http.SafeAsync(HttpMethod.Get, $"/compute/v1/projects/{_token.Project}/aggregated/instances?filter={Uri.EscapeDataString($"labels.{Label}:*")}&maxResults=500{token}", null, cancellationToken).ConfigureAwait(false), asked);
            foreach (var scope in page.Get("items")?.EnumerateObject() ?? default)
            {
                // A zone that cannot be reached is a warning in the answer: the list would be a part.
                if (scope.Value.Get("warning")?.Text("code") is { Length: > 0 } warning and not "NO_RESULTS_ON_PAGE")
                {
                    throw new LeaseException(LeaseTrouble.Unanswered, $"{Name} could not list the machines of {scope.Name} ({warning}). Try again later.");
                }

                machines.AddRange(scope.Value.Items("instances").Select(Read).Where(machine => machine.Name.StartsWith(MachineRequest.NamePrefix, StringComparison.Ordinal)));
            }

            token = page.Text("nextPageToken") is { Length: > 0 } next ? $"&pageToken={Uri.EscapeDataString(next)}" : "";
        }
        while (token.Length > 0);

        return machines;
    }

    public async Task<Machine?> FindAsync(string machineId, CancellationToken cancellationToken)
    {
        var reply = await _http.SafeAsync(HttpMethod.Get, Path(machineId), null, cancellationToken).ConfigureAwait(false);
        return reply.Status == 404 ? null : Read(_http.Json(reply, $"for machine {machineId}"));
    }

    public async Task EndAsync(string machineId, CancellationToken cancellationToken)
    {
        var reply = await _http.SafeAsync(HttpMethod.Delete, $"{Path(machineId)}?requestId={RequestId("end", machineId)}", null, cancellationToken).ConfigureAwait(false);
        if (!reply.IsSuccess && reply.Status != 404)
        {
            throw _http.Refusal(LeaseTrouble.Refused, reply, $"to end machine {machineId}", "End it in Google Cloud's console.");
        }
    }

    private async Task<Machine> CreateAsync(MachineRequest request, string zone, CancellationToken cancellationToken)
    {
        var id = $"{zone}/{request.Name}";
        var asked = $"to rent {request.Offer.Instance} in {zone}";
        var path = $"/compute/v1/projects/{_token.Project}/zones/{zone}/instances?requestId={RequestId(request.LeaseId, $"{zone}/{request.Offer.Instance}/{request.Offer.IsSpot}")}";
        var reply = await _http.OnceAsync(HttpMethod.Post, path, Body(request, zone), cancellationToken).ConfigureAwait(false);
        if (reply.Status == 409)
        {
            // The name is the lease's, so this machine is the lease's, unless it is an earlier one that is still being ended.
            return await FindAsync(id, cancellationToken).ConfigureAwait(false) is { State: MachineState.Creating or MachineState.Running } own ? own
                : throw _http.Refusal(LeaseTrouble.Refused, reply, asked, "An earlier machine of this lease is still being ended there.");
        }

        if (!reply.IsSuccess)
        {
            throw _http.Refusal(Kind(reply.Json?.Get("error")?.Items("errors").Select(error => error.Text("reason")) ?? []), reply, asked);
        }

        var operation = reply.Json is { ValueKind: JsonValueKind.Object } started && started.Text("name").Length > 0 ? started : throw _http.Unreadable(reply, asked);
        for (var poll = 0; poll < MostPolls && operation.Text("status") != "DONE"; poll++)
        {
            await Task.Delay(_poll, _access.Time, cancellationToken).ConfigureAwait(false);
            operation = _http.Json(await _http.SafeAsync(HttpMethod.Get, $"/compute/v1/projects/{_token.Project}/zones/{zone}/operations/{operation.Text("name")}", null, cancellationToken).ConfigureAwait(false), asked);
        }

        var errors = operation.Get("error")?.Items("errors").ToList() ?? [];
        if (errors.Count == 0)
        {
            return new Machine { Id = id, Name = request.Name, Provider = Id, State = MachineState.Creating, SshUser = User };
        }

        var words = $"{Name} could not make {request.Offer.Instance} in {zone}: {string.Join("; ", errors.Select(error => $"{error.Text("code")} {error.Text("message")}".Trim()))}.";
        return await FindAsync(id, cancellationToken).ConfigureAwait(false) is null
            ? throw new LeaseException(Kind(errors.Select(error => error.Text("code"))), words)
            : throw new LeaseException(LeaseTrouble.FailedAfterCreate, $"{words} Machine {id} exists all the same and is to be ended.", id);
    }

    private static LeaseTrouble Kind(IEnumerable<string> codes)
    {
        foreach (var code in codes)
        {
            // Both forms count: a tool that knew only the first one stopped looking (skypilot #831).
            if (code is "ZONE_RESOURCE_POOL_EXHAUSTED" or "ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS" or "UNSUPPORTED_OPERATION" or "RESOURCE_POOL_EXHAUSTED")
            {
                return LeaseTrouble.Capacity;
            }

            if (code.Contains("quota", StringComparison.OrdinalIgnoreCase))
            {
                return LeaseTrouble.Quota;
            }
        }

        return LeaseTrouble.Refused;
    }

    private Dictionary<string, object> Body(MachineRequest request, string zone)
    {
        var parts = request.Offer.Instance.Split('+'); // n1-standard-8+t4: a machine type and a GPU that is put in.
        var scheduling = new Dictionary<string, object>
        {
            ["onHostMaintenance"] = "TERMINATE",
            ["automaticRestart"] = false,
            ["provisioningModel"] = request.Offer.IsSpot ? "SPOT" : "STANDARD",
            ["instanceTerminationAction"] = "DELETE",
            // The provider ends the lease even when everything of ours is dead.
            ["maxRunDuration"] = new { seconds = ((long)Math.Max(_shortestRun.TotalSeconds, (request.EndBy - _access.Time.GetUtcNow()).TotalSeconds)).ToString(CultureInfo.InvariantCulture) },
        };
        var body = new Dictionary<string, object>
        {
            ["name"] = request.Name,
            ["machineType"] = $"zones/{zone}/machineTypes/{parts[0]}",
            ["scheduling"] = scheduling,
            ["disks"] = new[]
            {
                new
                {
                    boot = true,
                    autoDelete = true,
                    initializeParams = new
                    {
                        sourceImage = request.Image.Length > 0 ? request.Image : _access.Find("GOOGLE_CLOUD_IMAGE") ?? DefaultImage,
                        diskSizeGb = ((long)Math.Ceiling(request.DiskGib)).ToString(CultureInfo.InvariantCulture),
                    },
                },
            },
            ["networkInterfaces"] = new[] { new { network = _access.Find("GOOGLE_CLOUD_NETWORK") ?? "global/networks/default", accessConfigs = new[] { new { type = "ONE_TO_ONE_NAT", name = "External NAT" } } } },
            ["metadata"] = new { items = new[] { new { key = "ssh-keys", value = $"{User}:{request.SshPublicKey}" }, new { key = "startup-script", value = request.StartScript } } },
            ["labels"] = new Dictionary<string, string> { [Label] = request.LeaseId },
        };
        if (parts.Length > 1 && _accelerators.GetValueOrDefault(request.Offer.Gpu.Id) is { } accelerator)
        {
            body["guestAccelerators"] = new[] { new { acceleratorType = $"zones/{zone}/acceleratorTypes/{accelerator}", acceleratorCount = request.Offer.GpuCount } };
        }

        return body;
    }

    private async Task<IReadOnlyList<string>> FindZonesAsync(MachineRequest request, CancellationToken cancellationToken)
    {
        var region = request.Offer.Region;
        if (region.Length > 2 && region[^2] == '-')
        {
            return [region]; // A zone, such as us-central1-a.
        }

        if (_accelerators.GetValueOrDefault(request.Offer.Gpu.Id) is not { } accelerator)
        {
            throw new LeaseException(LeaseTrouble.Refused, $"{Name} rents no {request.Offer.Gpu.Name} by this program; it knows {string.Join(", ", _accelerators.Keys)}.");
        }

        const string asked = "for its zones";
        var answer = _http.Json(await _http.SafeAsync(HttpMethod.Get, $"/compute/v1/projects/{_token.Project}/aggregated/acceleratorTypes?filter={Uri.EscapeDataString($"name={accelerator}")}", null, cancellationToken).ConfigureAwait(false), asked);
        return [.. _http.Need(answer, "items", JsonValueKind.Object, asked).EnumerateObject()
            .Where(scope => scope.Value.Items("acceleratorTypes").Any(type => type.Text("name") == accelerator))
            .Select(scope => scope.Name.Split('/')[^1]).Where(zone => zone.StartsWith(region + "-", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    private Machine Read(JsonElement instance)
    {
        var status = instance.Text("status");
        var isSpot = instance.Get("scheduling")?.Text("provisioningModel") == "SPOT";
        return new Machine
        {
            Id = $"{instance.Text("zone").Split('/')[^1]}/{instance.Text("name")}",
            Name = instance.Text("name"),
            Provider = Id,
            State = status switch
            {
                "RUNNING" => MachineState.Running,
                "STOPPING" or "PENDING_STOP" => MachineState.Ending,
                "SUSPENDING" or "SUSPENDED" or "STOPPED" or "TERMINATED" => MachineState.Stopped, // Its disk is still billed.
                _ => MachineState.Creating, // PROVISIONING, STAGING, REPAIRING
            },
            SshHost = instance.Items("networkInterfaces").SelectMany(network => network.Items("accessConfigs")).Select(config => config.Text("natIP")).FirstOrDefault(ip => ip.Length > 0) ?? "",
            SshUser = User,
            CreatedAt = DateTimeOffset.TryParse(instance.Text("creationTimestamp"), CultureInfo.InvariantCulture, out var created) ? created : null,
            IsInterrupted = isSpot && status is ("STOPPING" or "STOPPED" or "TERMINATED"),
            Message = instance.Text("statusMessage") is { Length: > 0 } message ? $"{status}: {message}" : status,
        };
    }

    private string Path(string machineId) => machineId.Split('/') is [var zone, var name]
        ? $"/compute/v1/projects/{_token.Project}/zones/{Uri.EscapeDataString(zone)}/instances/{Uri.EscapeDataString(name)}"
        : throw new LeaseException(LeaseTrouble.Refused, $"{Name}'s machine ids are zone/name, such as us-central1-a/sightline-7; got '{machineId}'.");

    // The same lease and offer in the same zone give the same id, so a request that is sent twice makes one machine. With another offer it is another
    // request: Google Cloud answers a known id with the first one's operation.
    private static string RequestId(string first, string second) => new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{first}/{second}")).AsSpan(0, 16)).ToString();
}
