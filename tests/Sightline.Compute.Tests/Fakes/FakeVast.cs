using System.Globalization;
using System.Text.Json;
using Sightline.Compute.Leases;
using Sightline.Compute.Leases.Clouds;

namespace Sightline.Compute.Tests.Fakes;

/// <summary>Vast, after vast-ai/vast-cli and docs.vast.ai.</summary>
internal sealed class FakeVast(TimeProvider time, FaultPlan faults) : FakeCloud(time, faults)
{
    private const int PageSize = 2; // Smaller than what is asked for, so that pages are walked.
    private int _next = 700;

    protected override string Id => "vast";

    public override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string> { ["VAST_API_KEY"] = Key };

    public override IReadOnlyDictionary<string, string> WrongSettings { get; } = new Dictionary<string, string> { ["VAST_API_KEY"] = "wrong-" + Key };

    public override ILeaseProvider Provider(CloudAccess access) => new VastLeases(access);

    protected override bool IsCreate(CloudRequest asked) => asked.Method == "PUT" && asked.Path.StartsWith("/api/v0/asks/", StringComparison.Ordinal);

    protected override HttpResponseMessage RefuseKey(CloudRequest asked) => Error(401, "auth_error", $"Invalid user key {asked.Authorization}");

    protected override HttpResponseMessage Error(int status, string code, string message) => Reply(status, new { success = false, error = code, msg = message });

    protected override HttpResponseMessage Answer(CloudRequest asked) => (asked.Method, asked.Path.Trim('/').Split('/')) switch
    {
        ("POST", ["api", "v0", "bundles"]) => Search(asked),
        ("PUT", ["api", "v0", "asks", var ask]) => Create(asked, ask),
        ("GET", ["api", "v1", "instances"]) => List(asked),
        ("GET", ["api", "v0", "instances", var id]) => Reply(200, new { instances = Alive.FirstOrDefault(machine => machine.Id == id) is { } machine ? Show(machine) : null }),
        ("DELETE", ["api", "v0", "instances", var id]) => End(id),
        _ => Error(404, "not_found", asked.Path),
    };

    private HttpResponseMessage Search(CloudRequest asked)
    {
        if (!asked.Json.TryGetProperty("type", out var type) || type.GetString() is not ("on-demand" or "bid" or "reserved"))
        {
            return Error(400, "invalid_args", "type");
        }

        var wanted = asked.Json.TryGetProperty("id", out var id) ? id.GetProperty("eq").GetInt64() : 41;
        return Reply(200, new
        {
            offers = wanted is 41 or 42 ? new[]
            {
                new { id = wanted, ask_contract_id = wanted, num_gpus = 1, gpu_name = "RTX 4090", gpu_ram = 24564, dph_base = Priced(0.40m), min_bid = Priced(0.20m), storage_cost = 0.10m, disk_space = 500, rentable = true, cpu_cores = (int?)null },
            } : [],
        });
    }

    private HttpResponseMessage Create(CloudRequest asked, string ask)
    {
        var body = asked.Json;
        if (Unknown(body, "client_id", "image", "disk", "label", "env", "price", "onstart", "args", "runtype", "image_login", "force", "cancel_unavail", "user", "template_hash_id", "volume_info") is [var unknown, ..])
        {
            return Error(400, "invalid_args", unknown);
        }

        if (ask is not ("41" or "42") || asked.Fault == Fault.Capacity)
        {
            return Error(404, "no_such_ask", "ask is no longer available");
        }

        if (asked.Fault is Fault.Quota)
        {
            return Error(400, "insufficient_credit", "your account lacks credit");
        }

        PriceRises = asked.Fault == Fault.PriceRise ? 1 : PriceRises;
        var bid = body.GetProperty("price") is { ValueKind: JsonValueKind.Number } price ? price.GetDecimal() : (decimal?)null;
        var isLow = asked.Fault == Fault.FailedAfterCreate || bid < Priced(0.20m);
        var machine = Add((++_next).ToString(CultureInfo.InvariantCulture), body.GetProperty("label").GetString()!, bid ?? Priced(0.40m), bid is not null, "", asked.Body,
            fate: isLow ? new Fate { Fails = true } : null);
        // A bid that is too low: the reply failed, and a stopped machine with a billed disk exists.
        return isLow ? Reply(400, new { success = false, error = "bid_too_low", msg = "bid is below the minimum", new_contract = long.Parse(machine.Id, CultureInfo.InvariantCulture) })
            : Reply(200, new { success = true, new_contract = long.Parse(machine.Id, CultureInfo.InvariantCulture), instance_api_key = "instance-key" });
    }

    private HttpResponseMessage List(CloudRequest asked)
    {
        var from = asked.Query.TryGetValue("after_token", out var token) ? int.Parse(token, CultureInfo.InvariantCulture) : 0;
        var all = Alive.ToList();
        return Reply(200, new { instances = all.Skip(from).Take(PageSize).Select(Show), next_token = from + PageSize < all.Count ? (from + PageSize).ToString(CultureInfo.InvariantCulture) : null, total_instances = all.Count });
    }

    private HttpResponseMessage End(string id)
    {
        if (Alive.FirstOrDefault(machine => machine.Id == id) is not { } machine)
        {
            return Error(404, "no_such_instance", $"Instance {id} not found");
        }

        machine.EndAskedAt ??= Now;
        return Reply(200, new { success = true });
    }

    private object Show(FakeMachine machine)
    {
        var isRunning = machine.IsRunning(Now);
        var isOut = machine.IsInterrupted(Now);
        var want = isOut ? "stopped" : "running";
        return new
        {
            id = long.Parse(machine.Id, CultureInfo.InvariantCulture),
            label = machine.Name,
            actual_status = machine.IsFailed ? "exited" : isRunning ? "running" : isOut ? "exited" : "loading",
            cur_state = want,
            next_state = want,
            intended_status = want,
            status_msg = machine.IsFailed ? "container could not start" : null,
            ssh_host = "ssh4.vast.ai",
            ssh_port = 30123,
            public_ipaddr = isRunning ? "203.0.113.7" : null,
            ports = isRunning ? new Dictionary<string, object> { ["22/tcp"] = new[] { new { HostIp = "0.0.0.0", HostPort = "40022" } } } : null,
            dph_total = machine.PricePerHourUsd,
            start_date = machine.CreatedAt.ToUnixTimeMilliseconds() / 1000.0,
        };
    }
}
