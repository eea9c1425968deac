using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sightline.Compute.Providers;

namespace Sightline.Compute.Leases.Clouds;

/// <summary>RunPod, REST version 2: rents a container ("pod") in the secure or the community cloud, on demand.</summary>
/// <remarks>API: runpod/docs, api-reference-v2/openapi.json. Unknown members of a body are refused with 422; capacity has no code of its own (400).</remarks>
internal sealed partial class RunPodLeases(CloudAccess access) : ILeaseProvider
{
    private const string Name = "RunPod";
    private const string Key = "RUNPOD_API_KEY";
    private const string DefaultImage = "runpod/pytorch:1.0.2-cu1281-torch280-ubuntu2404";

    // RunPod gives each pod its id and a key for itself (docs.runpod.io, "Stop a pod from within").
    private const string EndFromWithin = "runpodctl remove pod \"$RUNPOD_POD_ID\"";

    // 403 to a create: the account may not use this pool; the documentation says to go on with the next candidate.
    private readonly LeaseHttp _http = new(access, Name, access.Address("runpod", "https://api.runpod.io"), Key, _ => ValueTask.FromResult(access.Need(Name, Key))) { IsForbiddenPerOffer = true };

    public string Id => "runpod";

    public LeaseAbilities Abilities { get; } = new();

    public async Task<Machine> CreateAsync(MachineRequest request, CancellationToken cancellationToken)
    {
        if (request.Offer.IsSpot)
        {
            throw new LeaseException(LeaseTrouble.Refused, "RunPod's interface of version 2 rents no spot machines. Take an offer on demand.");
        }

        var cloud = request.Offer.Instance.EndsWith("community", StringComparison.OrdinalIgnoreCase) ? "community" : "secure";
        var gpu = await FindGpuAsync(request, cloud, cancellationToken).ConfigureAwait(false);
        var body = new Dictionary<string, object>
        {
            ["name"] = request.Name,
            ["image"] = request.Image.Length > 0 ? request.Image : DefaultImage,
            ["gpu"] = new { id = gpu, count = request.Offer.GpuCount },
            ["cloud"] = cloud.ToUpperInvariant(),
            ["disk"] = (int)Math.Ceiling(request.DiskGib),
            ["ports"] = new[] { "22/tcp" },
            // The request's own PUBLIC_KEY is used in place of the account's keys, which stay as they are.
            ["env"] = new Dictionary<string, string>
            {
                ["PUBLIC_KEY"] = request.SshPublicKey,
                ["SIGHTLINE_START"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(EndScript.Write(EndFromWithin) + request.StartScript)),
            },
            ["args"] = """bash -c "echo $SIGHTLINE_START | base64 -d | sh; exec /start.sh" """.TrimEnd(),
            ["startSsh"] = true,
        };
        if (DataCenter().IsMatch(request.Offer.Region))
        {
            body["dataCenterIds"] = new[] { request.Offer.Region };
        }

        var asked = $"to rent {request.Offer.Instance}";
        var reply = await _http.OnceAsync(HttpMethod.Post, "/v2/pods", body, cancellationToken).ConfigureAwait(false);
        if (!reply.IsSuccess)
        {
            throw _http.Refusal(reply.Status switch
            {
                400 => LeaseTrouble.Capacity, // "This GPU and data center could not be placed", without a code.
                402 => LeaseTrouble.Quota, // Insufficient balance.
                _ => LeaseTrouble.Refused,
            }, reply, asked);
        }

        var machine = Read(reply.Json is { ValueKind: JsonValueKind.Object } pod && pod.Text("id").Length > 0 ? pod : throw _http.Unreadable(reply, asked));
        // Version 2 has no highest price in the request, so the pod's own price is checked as well.
        return machine.PricePerHourUsd > request.MaxPricePerHourUsd
            ? throw new LeaseException(LeaseTrouble.FailedAfterCreate, $"{RisenPrice.Trouble(Name, request.Offer.Instance, machine.PricePerHourUsd.Value, request.MaxPricePerHourUsd).Message.Replace("Nothing was rented.", $"Machine {machine.Id} was made and is to be ended.", StringComparison.Ordinal)}", machine.Id)
            : machine;
    }

    public async Task<IReadOnlyList<Machine>> ListAsync(CancellationToken cancellationToken)
    {
        const string asked = "for its machines";
        var answer = _http.Json(await _http.SafeAsync(HttpMethod.Get, "/v2/pods", null, cancellationToken).ConfigureAwait(false), asked);
        return [.. _http.Need(answer, "pods", JsonValueKind.Array, asked).EnumerateArray()
            .Where(pod => pod.Text("status") != "TERMINATED" && pod.Text("name").StartsWith(MachineRequest.NamePrefix, StringComparison.Ordinal)).Select(Read)];
    }

    public async Task<Machine?> FindAsync(string machineId, CancellationToken cancellationToken)
    {
        var reply = await _http.SafeAsync(HttpMethod.Get, $"/v2/pods/{Uri.EscapeDataString(machineId)}", null, cancellationToken).ConfigureAwait(false);
        if (reply.Status == 404)
        {
            return null;
        }

        var pod = _http.Json(reply, $"for machine {machineId}");
        return _http.Need(pod, "status", JsonValueKind.String, $"for machine {machineId}").GetString() == "TERMINATED" ? null : Read(pod);
    }

    public async Task EndAsync(string machineId, CancellationToken cancellationToken)
    {
        var reply = await _http.SafeAsync(HttpMethod.Delete, $"/v2/pods/{Uri.EscapeDataString(machineId)}", null, cancellationToken).ConfigureAwait(false);
        if (!reply.IsSuccess && reply.Status != 404)
        {
            throw _http.Refusal(LeaseTrouble.Refused, reply, $"to end machine {machineId}", "End it on RunPod's own page.");
        }
    }

    /// <summary>The catalogue's id of the GPU, after a look at its price and stock now.</summary>
    private async Task<string> FindGpuAsync(MachineRequest request, string cloud, CancellationToken cancellationToken)
    {
        const string asked = "for its GPUs";
        var count = request.Offer.GpuCount;
        var path = string.Create(CultureInfo.InvariantCulture, $"/v2/catalog/gpus?include=AVAILABILITY&product=POD&count={count}&cloud={cloud.ToUpperInvariant()}");
        var answer = _http.Json(await _http.SafeAsync(HttpMethod.Get, path, null, cancellationToken).ConfigureAwait(false), asked);
        var wanted = Plain(request.Offer.Instance[..^(request.Offer.Instance.EndsWith(cloud, StringComparison.OrdinalIgnoreCase) ? cloud.Length : 0)]);
        var gpus = _http.Need(answer, "gpus", JsonValueKind.Array, asked).EnumerateArray().Where(gpu => Plain(gpu.Text("id")) == wanted || Plain(gpu.Text("name")) == wanted).ToList();
        if (gpus is not [var gpu])
        {
            throw new LeaseException(LeaseTrouble.Refused, $"RunPod's catalogue has {gpus.Count} GPUs named as '{request.Offer.Instance}'. Refresh the prices: sightline gpu offers --refresh.");
        }

        var price = gpu.Get("price")?.Number(cloud) * count; // The catalogue's price is that of one GPU.
        return gpu.Text("availability") == "NONE" ? throw new LeaseException(LeaseTrouble.Capacity, $"RunPod has no {gpu.Text("id")} free in its {cloud} cloud.")
            : price > request.MaxPricePerHourUsd ? throw RisenPrice.Trouble(Name, request.Offer.Instance, price.Value, request.MaxPricePerHourUsd)
            : gpu.Text("id");
    }

    private Machine Read(JsonElement pod)
    {
        var direct = pod.Get("ssh")?.Get("direct") ?? default;
        return new Machine
        {
            Id = pod.Text("id"),
            Name = pod.Text("name"),
            Provider = Id,
            State = pod.Text("status") switch
            {
                "RUNNING" => MachineState.Running,
                "EXITED" => MachineState.Stopped,
                "ERROR" => MachineState.Failed,
                "TERMINATED" => MachineState.Ending,
                _ => MachineState.Creating, // PROVISIONING, STARTING
            },
            // Only the direct way carries files; the proxy has a shell alone.
            SshHost = direct.Text("host"),
            SshPort = (int?)direct.Number("port") ?? 22,
            SshUser = direct.Text("username") is { Length: > 0 } user ? user : "root",
            PricePerHourUsd = pod.Number("cost") is > 0 and var cost ? cost : null,
            CreatedAt = DateTimeOffset.TryParse(pod.Text("createdAt"), CultureInfo.InvariantCulture, out var created) ? created : null,
            Message = pod.Text("status"),
        };
    }

    // "NVIDIA A100 80GB PCIe" and "A100 80GB PCIe" are one.
    private static string Plain(string name) => name.Replace("NVIDIA", "", StringComparison.OrdinalIgnoreCase).Replace("GeForce", "", StringComparison.OrdinalIgnoreCase).Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();

    [GeneratedRegex(@"^[A-Z]{2,3}-[A-Z]{2,3}-\d+$")]
    private static partial Regex DataCenter();
}
