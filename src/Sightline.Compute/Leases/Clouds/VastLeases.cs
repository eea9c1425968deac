using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sightline.Compute.Providers;

namespace Sightline.Compute.Leases.Clouds;

/// <summary>Vast: rents a part of a single host as a container; on demand, or by a bid that others can outbid.</summary>
/// <remarks>API: vast-ai/vast-cli and docs.vast.ai. Its disk is billed from the creation, its GPU from the state "running".</remarks>
internal sealed partial class VastLeases(CloudAccess access) : ILeaseProvider
{
    private const string Name = "Vast";
    private const string Key = "VAST_API_KEY";
    private const string DefaultImage = "vastai/base-image:@vastai-automatic-tag";

    // Vast gives each container its number and a key for itself alone (docs.vast.ai, "Instances: environment variables").
    private const string EndFromWithin = """curl -fsS -X DELETE -H "Authorization: Bearer $CONTAINER_API_KEY" "https://console.vast.ai/api/v0/instances/$CONTAINER_ID/" """;
    private const decimal HoursPerMonth = 24 * 30;
    private const int PageSize = 100;

    private readonly LeaseHttp _http = new(access, Name, access.Address("vast", "https://console.vast.ai"), Key, _ => ValueTask.FromResult(access.Need(Name, Key)));

    public string Id => "vast";

    public LeaseAbilities Abilities { get; } = new() { RentsSpot = true };

    public async Task<Machine> CreateAsync(MachineRequest request, CancellationToken cancellationToken)
    {
        var ask = await FindAskAsync(request, cancellationToken).ConfigureAwait(false);
        var body = new Dictionary<string, object?>
        {
            ["client_id"] = "me",
            ["image"] = request.Image.Length > 0 ? request.Image : DefaultImage,
            ["disk"] = Math.Ceiling(request.DiskGib),
            ["label"] = request.Name,
            ["env"] = new Dictionary<string, string> { ["-p 22:22"] = "1" },
            ["price"] = request.Offer.IsSpot ? ask.Bid : null,
            ["onstart"] = $"mkdir -p ~/.ssh && echo '{request.SshPublicKey}' >> ~/.ssh/authorized_keys\n{EndScript.Write(EndFromWithin)}{request.StartScript}",
            ["runtype"] = "ssh",
            ["force"] = false,
            ["cancel_unavail"] = true, // Else a machine that cannot start stays, stopped and with a billed disk.
        };
        var asked = string.Create(CultureInfo.InvariantCulture, $"to rent offer {ask.Id}");
        var reply = await _http.OnceAsync(HttpMethod.Put, string.Create(CultureInfo.InvariantCulture, $"/api/v0/asks/{ask.Id}/"), body, cancellationToken).ConfigureAwait(false);
        var contract = reply.Json?.Number("new_contract") is { } number ? number.ToString("0", CultureInfo.InvariantCulture) : null;
        if (reply.IsSuccess && reply.Json?.Get("success") is { ValueKind: JsonValueKind.True } && contract is not null)
        {
            return new Machine { Id = contract, Name = request.Name, Provider = Id, State = MachineState.Creating, PricePerHourUsd = ask.Price };
        }

        if (contract is not null)
        {
            // A bid that is too low leaves a stopped machine with a billed disk (vast-cli, create instance).
            throw new LeaseException(LeaseTrouble.FailedAfterCreate, $"{_http.Refusal(LeaseTrouble.Refused, reply, asked).Message} Machine {contract} exists all the same and is to be ended.", contract);
        }

        if (reply.IsSuccess && reply.Json is null)
        {
            throw _http.Unreadable(reply, asked);
        }

        var error = reply.Json?.Text("error") ?? "";
        throw _http.Refusal(error switch
        {
            "no_such_ask" or "ask_unavailable" => LeaseTrouble.Capacity,
            "insufficient_credit" => LeaseTrouble.Quota,
            _ when reply.Status is 404 or 409 or 410 => LeaseTrouble.Capacity,
            _ => LeaseTrouble.Refused,
        }, reply, asked);
    }

    public async Task<IReadOnlyList<Machine>> ListAsync(CancellationToken cancellationToken)
    {
        var machines = new List<Machine>();
        var after = "";
        do
        {
            const string asked = "for its machines";
            var page = _http.Json(await _http.SafeAsync(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"/api/v1/instances/?limit={PageSize}{after}"), null, cancellationToken).ConfigureAwait(false), asked);
            machines.AddRange(_http.Need(page, "instances", JsonValueKind.Array, asked).EnumerateArray().Select(Read).Where(machine => machine.Name.StartsWith(MachineRequest.NamePrefix, StringComparison.Ordinal)));
            after = page.Get("next_token") is { } next && next.ToString() is { Length: > 0 } token ? $"&after_token={Uri.EscapeDataString(token)}" : "";
        }
        while (after.Length > 0);

        return machines;
    }

    public async Task<Machine?> FindAsync(string machineId, CancellationToken cancellationToken)
    {
        var reply = await _http.SafeAsync(HttpMethod.Get, $"/api/v0/instances/{Uri.EscapeDataString(machineId)}/", null, cancellationToken).ConfigureAwait(false);
        if (IsGone(reply))
        {
            return null;
        }

        var answer = _http.Json(reply, $"for machine {machineId}");
        // The member is there and null when the machine is gone; an answer without it says nothing.
        return answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("instances", out var instance)
            ? instance.ValueKind == JsonValueKind.Null ? null : Read(instance)
            : throw _http.Unreadable(reply, $"for machine {machineId}");
    }

    public async Task EndAsync(string machineId, CancellationToken cancellationToken)
    {
        var reply = await _http.SafeAsync(HttpMethod.Delete, $"/api/v0/instances/{Uri.EscapeDataString(machineId)}/", null, cancellationToken).ConfigureAwait(false);
        if (!IsGone(reply) && !(reply.IsSuccess && reply.Json?.Get("success") is { ValueKind: JsonValueKind.True }))
        {
            throw _http.Refusal(LeaseTrouble.Refused, reply, $"to end machine {machineId}", "End it on Vast's own page.");
        }
    }

    private static bool IsGone(ProviderReply reply) => reply.Json?.Text("error") == "no_such_instance";

    /// <summary>The offer as it is now: it may be taken, or dearer than when it was listed.</summary>
    private async Task<Ask> FindAskAsync(MachineRequest request, CancellationToken cancellationToken)
    {
        var instance = request.Offer.Instance;
        var body = new Dictionary<string, object>
        {
            ["verified"] = new { eq = true },
            ["external"] = new { eq = false },
            ["rentable"] = new { eq = true },
            ["rented"] = new { eq = false },
            ["disk_space"] = new { gte = request.DiskGib },
            ["order"] = new[] { new[] { "dph_total", "asc" } },
            ["type"] = request.Offer.IsSpot ? "bid" : "on-demand",
            ["limit"] = 1,
            ["allocated_storage"] = request.DiskGib,
        };
        if (long.TryParse(instance, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            body["id"] = new { eq = id };
        }
        else if (Bucket().Match(instance) is { Success: true } bucket)
        {
            // A row of a price list names a kind of machine, such as 1x-RTX_4090-32-65536.
            body["gpu_name"] = new { eq = bucket.Groups["gpu"].Value.Replace('_', ' ') };
            body["num_gpus"] = new { eq = request.Offer.GpuCount };
        }
        else
        {
            throw new LeaseException(LeaseTrouble.Refused, $"Vast's offer '{instance}' is neither a number nor a kind such as 1x-RTX_4090. Refresh the prices: sightline gpu offers --refresh.");
        }

        var asked = $"for offer {instance}";
        var answer = _http.Json(await _http.SafeAsync(HttpMethod.Post, "/api/v0/bundles/", body, cancellationToken).ConfigureAwait(false), asked);
        if (_http.Need(answer, "offers", JsonValueKind.Array, asked).EnumerateArray().FirstOrDefault() is not { ValueKind: JsonValueKind.Object } offer)
        {
            throw new LeaseException(LeaseTrouble.Capacity, $"Vast's offer {instance} is taken or gone.");
        }

        var perHour = request.Offer.IsSpot ? offer.Number("min_bid") : offer.Number("dph_base");
        var price = perHour + ((decimal)request.DiskGib * (offer.Number("storage_cost") ?? 0) / HoursPerMonth);
        return offer.Number("id") is not { } number || price is not { } now ? throw new LeaseException(LeaseTrouble.Refused, $"Vast's offer {instance} comes without an id or a price, so it is not rented.")
            : now > request.MaxPricePerHourUsd ? throw RisenPrice.Trouble(Name, instance, now, request.MaxPricePerHourUsd)
            : new Ask((long)number, now, perHour);
    }

    private Machine Read(JsonElement instance)
    {
        var actual = instance.Text("actual_status");
        var isStopped = instance.Text("cur_state") == "stopped" && instance.Text("intended_status") == "stopped";
        var direct = instance.Get("ports") is { } ports ? ports.Items("22/tcp").FirstOrDefault() : default;
        var hasDirect = direct.Number("HostPort") is not null && instance.Text("public_ipaddr").Length > 0;
        return new Machine
        {
            Id = instance.Number("id")?.ToString("0", CultureInfo.InvariantCulture) ?? throw new LeaseException(LeaseTrouble.Unanswered, "Vast listed a machine without an id: its interface may have changed. Look at the machines on Vast's own page."),
            Name = instance.Text("label"),
            Provider = Id,
            State = actual switch
            {
                // These never become running again; their disk is billed (vast-cli).
                "exited" or "unknown" or "offline" => MachineState.Failed,
                _ when isStopped => MachineState.Stopped,
                "running" => MachineState.Running,
                "stopped" or "frozen" => MachineState.Stopped,
                _ => MachineState.Creating, // null, created, loading, rebooting
            },
            SshHost = hasDirect ? instance.Text("public_ipaddr").Trim() : instance.Text("ssh_host"),
            SshPort = (int)((hasDirect ? direct.Number("HostPort") : instance.Number("ssh_port")) ?? 22),
            PricePerHourUsd = instance.Number("dph_total"),
            CreatedAt = instance.Number("start_date") is { } start ? DateTimeOffset.FromUnixTimeMilliseconds((long)(start * 1000)) : null,
            // Nobody of ours stops machines: one that is stopped was outbid.
            IsInterrupted = isStopped && instance.Text("next_state") == "stopped",
            Message = instance.Text("status_msg"),
        };
    }

    private sealed record Ask(long Id, decimal Price, decimal? Bid);

    [GeneratedRegex(@"^\d{1,2}x-(?<gpu>[A-Za-z0-9_]+)")]
    private static partial Regex Bucket();
}
