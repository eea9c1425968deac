using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Sightline.Compute.Providers;

namespace Sightline.Compute.Leases.Clouds;

/// <summary>Lambda: rents whole machines on demand. It has no spot and no tags, so the lease's id stands in the machine's name.</summary>
/// <remarks>API: skypilot-org/skypilot, sky/provision/lambda_cloud/lambda_utils.py, and docs.lambda.ai. About one request per second, one launch per ten.</remarks>
internal sealed class LambdaLeases(CloudAccess access) : ILeaseProvider
{
    private const string Name = "Lambda";
    private const string Key = "LAMBDA_API_KEY";
    private const string KeysPath = "/api/v1/ssh-keys";
    private static readonly TimeSpan _launchWait = TimeSpan.FromSeconds(10);

    private readonly LeaseHttp _http = new(access, Name, access.Address("lambda", "https://cloud.lambda.ai"), Key, _ => ValueTask.FromResult(access.Need(Name, Key)));

    public string Id => "lambda";

    public LeaseAbilities Abilities { get; } = new();

    public async Task<Machine> CreateAsync(MachineRequest request, CancellationToken cancellationToken)
    {
        if (request.Offer.IsSpot || request.Image.Length > 0)
        {
            throw new LeaseException(LeaseTrouble.Refused, request.Offer.IsSpot ? "Lambda rents no spot machines. Take an offer on demand." : $"Lambda starts its own image; '{request.Image}' cannot be started there. Leave the image empty, or take another provider.");
        }

        var (region, price) = await FindRegionAsync(request, cancellationToken).ConfigureAwait(false);
        var key = await FindKeyAsync(request.SshPublicKey, cancellationToken).ConfigureAwait(false);
        var body = new Dictionary<string, object>
        {
            ["region_name"] = region,
            ["instance_type_name"] = request.Offer.Instance,
            ["ssh_key_names"] = new[] { key },
            ["file_system_names"] = Array.Empty<string>(),
            ["quantity"] = 1,
            ["name"] = request.Name,
            ["user_data"] = request.StartScript.StartsWith("#!", StringComparison.Ordinal) ? request.StartScript : "#!/bin/sh\n" + request.StartScript,
        };
        var asked = $"to rent {request.Offer.Instance} in {region}";
        var reply = await _http.OnceAsync(HttpMethod.Post, "/api/v1/instance-operations/launch", body, cancellationToken, _launchWait).ConfigureAwait(false);
        if (!reply.IsSuccess)
        {
            throw _http.Refusal(Code(reply) switch
            {
                "instance-operations/launch/insufficient-capacity" => LeaseTrouble.Capacity,
                "global/quota-exceeded" => LeaseTrouble.Quota,
                "global/invalid-api-key" or "global/account-inactive" => LeaseTrouble.Credentials,
                _ => LeaseTrouble.Refused,
            }, reply, asked);
        }

        return (reply.Json?.Get("data")?.Items("instance_ids").Select(id => id.ToString()).ToList() ?? []) is [{ Length: > 0 } id]
            ? new Machine { Id = id, Name = request.Name, Provider = Id, State = MachineState.Creating, SshUser = "ubuntu", PricePerHourUsd = price }
            : throw _http.Unreadable(reply, asked);
    }

    public async Task<IReadOnlyList<Machine>> ListAsync(CancellationToken cancellationToken)
    {
        const string asked = "for its machines";
        var answer = _http.Json(await _http.SafeAsync(HttpMethod.Get, "/api/v1/instances", null, cancellationToken).ConfigureAwait(false), asked);
        return [.. _http.Need(answer, "data", JsonValueKind.Array, asked).EnumerateArray()
            .Where(instance => instance.Text("status") is not ("terminated" or "preempted") && instance.Text("name").StartsWith(MachineRequest.NamePrefix, StringComparison.Ordinal)).Select(Read)];
    }

    // Lambda's list holds all machines of the account, so it answers for one as well.
    public async Task<Machine?> FindAsync(string machineId, CancellationToken cancellationToken) =>
        (await ListAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(machine => machine.Id == machineId);

    public async Task EndAsync(string machineId, CancellationToken cancellationToken)
    {
        var reply = await _http.SafeAsync(HttpMethod.Post, "/api/v1/instance-operations/terminate", new { instance_ids = new[] { machineId } }, cancellationToken).ConfigureAwait(false);
        if (!reply.IsSuccess && reply.Status != 404 && Code(reply) != "global/object-does-not-exist")
        {
            throw _http.Refusal(LeaseTrouble.Refused, reply, $"to end machine {machineId}", "End it on Lambda's own page.");
        }
    }

    private static string Code(ProviderReply reply) => reply.Json?.Get("error")?.Text("code") ?? "";

    /// <summary>A region with this type free, and its price now. Looking costs no launch, of which there is one per ten seconds.</summary>
    private async Task<(string Region, decimal? Price)> FindRegionAsync(MachineRequest request, CancellationToken cancellationToken)
    {
        const string asked = "for its instance types";
        var answer = _http.Json(await _http.SafeAsync(HttpMethod.Get, "/api/v1/instance-types", null, cancellationToken).ConfigureAwait(false), asked);
        if (_http.Need(answer, "data", JsonValueKind.Object, asked).Get(request.Offer.Instance) is not { } entry)
        {
            throw new LeaseException(LeaseTrouble.Refused, $"Lambda knows no instance type '{request.Offer.Instance}'. Refresh the prices: sightline gpu offers --refresh.");
        }

        var type = entry.Get("instance_type") ?? default;
        var price = type.Number("price_cents_per_hour") / 100;
        var storage = type.Get("specs")?.Number("storage_gib");
        var regions = entry.Items("regions_with_capacity_available").Select(region => region.Text("name")).ToList();
        var isAny = request.Offer.Region is "" or "any" or "all-listed"; // One price for all regions.
        return price > request.MaxPricePerHourUsd ? throw RisenPrice.Trouble(Name, request.Offer.Instance, price.Value, request.MaxPricePerHourUsd)
            : storage < (decimal)request.DiskGib ? throw new LeaseException(LeaseTrouble.Refused, string.Create(CultureInfo.InvariantCulture, $"Lambda's {request.Offer.Instance} has a disk of {storage} GiB; {request.DiskGib:0} are wanted."))
            : regions.Count == 0 ? throw new LeaseException(LeaseTrouble.Capacity, $"Lambda has no {request.Offer.Instance} free in any region.")
            : isAny ? (regions[0], price)
            : regions.Contains(request.Offer.Region) ? (request.Offer.Region, price)
            : throw new LeaseException(LeaseTrouble.Capacity, $"Lambda has no {request.Offer.Instance} free in {request.Offer.Region}; there are in {string.Join(", ", regions)}.");
    }

    /// <summary>The name of the SSH key in the account; it is put there when it is not.</summary>
    private async Task<string> FindKeyAsync(string publicKey, CancellationToken cancellationToken)
    {
        const string asked = "to store an SSH key";
        if (await FindAsync().ConfigureAwait(false) is { } known)
        {
            return known;
        }

        // The name follows from the key, so that the same key is not stored twice.
        var name = "sightline-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(publicKey.Trim())))[..12];
        var reply = await _http.SafeAsync(HttpMethod.Post, KeysPath, new { name, public_key = publicKey.Trim() }, cancellationToken).ConfigureAwait(false);
        // A second sending of the same key is refused; then it is there.
        return reply.IsSuccess ? name : await FindAsync().ConfigureAwait(false) ?? throw _http.Refusal(LeaseTrouble.Refused, reply, asked);

        async Task<string?> FindAsync()
        {
            var answer = _http.Json(await _http.SafeAsync(HttpMethod.Get, KeysPath, null, cancellationToken).ConfigureAwait(false), "for its SSH keys");
            return _http.Need(answer, "data", JsonValueKind.Array, "for its SSH keys").EnumerateArray().FirstOrDefault(key => key.Text("public_key").Trim() == publicKey.Trim()).Text("name") is { Length: > 0 } found ? found : null;
        }
    }

    private Machine Read(JsonElement instance)
    {
        var status = instance.Text("status");
        return new Machine
        {
            Id = instance.Text("id"),
            Name = instance.Text("name"),
            Provider = Id,
            State = status switch
            {
                "active" => MachineState.Running,
                "unhealthy" => MachineState.Failed,
                "terminating" => MachineState.Ending,
                _ => MachineState.Creating, // booting
            },
            SshHost = instance.Text("ip"),
            SshUser = "ubuntu",
            PricePerHourUsd = instance.Get("instance_type")?.Number("price_cents_per_hour") / 100,
            Message = status,
        };
    }
}
