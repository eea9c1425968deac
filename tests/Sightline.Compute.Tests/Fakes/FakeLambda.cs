using System.Text.Json;
using Sightline.Compute.Leases;
using Sightline.Compute.Leases.Clouds;

namespace Sightline.Compute.Tests.Fakes;

/// <summary>Lambda, after skypilot-org/skypilot, lambda_utils.py: one launch per ten seconds, error codes in <c>error.code</c>.</summary>
internal sealed class FakeLambda(TimeProvider time, FaultPlan faults) : FakeCloud(time, faults)
{
    private static readonly TimeSpan _launches = TimeSpan.FromSeconds(10);
    private readonly Dictionary<string, string> _keys = [];
    private DateTimeOffset _lastLaunch = DateTimeOffset.MinValue;
    private int _next;

    protected override string Id => "lambda";

    public override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string> { ["LAMBDA_API_KEY"] = Key };

    public override IReadOnlyDictionary<string, string> WrongSettings { get; } = new Dictionary<string, string> { ["LAMBDA_API_KEY"] = "wrong-" + Key };

    public override ILeaseProvider Provider(CloudAccess access) => new LambdaLeases(access);

    protected override bool IsCreate(CloudRequest asked) => asked.Path == "/api/v1/instance-operations/launch";

    protected override HttpResponseMessage RefuseKey(CloudRequest asked) => Error(401, "global/invalid-api-key", $"API key {asked.Authorization} is invalid.");

    protected override HttpResponseMessage Error(int status, string code, string message) => Reply(status, new { error = new { code, message } });

    protected override HttpResponseMessage Answer(CloudRequest asked) => (asked.Method, asked.Path) switch
    {
        ("GET", "/api/v1/instance-types") => Types(),
        ("POST", "/api/v1/instance-operations/launch") => Create(asked),
        ("GET", "/api/v1/instances") => Reply(200, new { data = Alive.Select(Show) }),
        ("POST", "/api/v1/instance-operations/terminate") => End(asked),
        ("GET", "/api/v1/ssh-keys") => Reply(200, new { data = _keys.Select(key => new { id = key.Key, name = key.Key, public_key = key.Value }) }),
        ("POST", "/api/v1/ssh-keys") => AddKey(asked),
        _ => Error(404, "global/not-found", asked.Path),
    };

    private HttpResponseMessage Types() => Reply(200, new
    {
        data = new Dictionary<string, object>
        {
            ["gpu_1x_a100"] = new
            {
                instance_type = new { name = "gpu_1x_a100", description = "1x A100 (40 GB PCIe)", price_cents_per_hour = (int)Priced(199), specs = new { vcpus = 30, memory_gib = 200, storage_gib = 512 } },
                regions_with_capacity_available = new[] { new { name = "us-west-1", description = "California" }, new { name = "us-east-1", description = "Virginia" } },
            },
        },
    });

    private HttpResponseMessage AddKey(CloudRequest asked)
    {
        var name = asked.Json.GetProperty("name").GetString()!;
        return !_keys.TryAdd(name, asked.Json.GetProperty("public_key").GetString()!) ? Error(400, "ssh-keys/duplicate", "a key of that name exists") : Reply(200, new { data = new { id = name, name } });
    }

    private HttpResponseMessage Create(CloudRequest asked)
    {
        if (Now < _lastLaunch + _launches)
        {
            return Error(429, "global/rate-limited", "one launch per 10 seconds");
        }

        _lastLaunch = Now;
        var body = asked.Json;
        if (Unknown(body, "region_name", "instance_type_name", "ssh_key_names", "file_system_names", "quantity", "name", "user_data", "image", "tags", "hostname") is [var unknown, ..])
        {
            return Error(400, "global/invalid-parameters", unknown);
        }

        if (body.GetProperty("ssh_key_names").EnumerateArray().Any(key => !_keys.ContainsKey(key.GetString()!)))
        {
            return Error(400, "global/object-does-not-exist", "ssh key");
        }

        if (asked.Fault is Fault.Capacity or Fault.FailedAfterCreate)
        {
            return Error(400, "instance-operations/launch/insufficient-capacity", "Not enough capacity to fulfill launch request.");
        }

        if (asked.Fault == Fault.Quota)
        {
            return Error(400, "global/quota-exceeded", "Quota exceeded.");
        }

        PriceRises = asked.Fault == Fault.PriceRise ? 1 : PriceRises;
        var machine = Add($"{++_next:x8}", body.GetProperty("name").GetString()!, (int)Priced(199) / 100m, false, body.GetProperty("region_name").GetString()!, asked.Body);
        return Reply(200, new { data = new { instance_ids = new[] { machine.Id } } });
    }

    private HttpResponseMessage End(CloudRequest asked)
    {
        var ended = new List<object>();
        foreach (var id in asked.Json.GetProperty("instance_ids").EnumerateArray().Select(id => id.GetString()))
        {
            if (Alive.FirstOrDefault(machine => machine.Id == id) is not { } machine)
            {
                return Error(404, "global/object-does-not-exist", "Specified instance does not exist.");
            }

            machine.EndAskedAt ??= Now;
            ended.Add(Show(machine));
        }

        return Reply(200, new { data = new { terminated_instances = ended } });
    }

    private object Show(FakeMachine machine) => new
    {
        id = machine.Id,
        name = machine.Name,
        ip = machine.IsRunning(Now) ? "198.51.100.9" : null,
        status = machine.EndAskedAt is not null ? "terminating" : machine.IsFailed ? "unhealthy" : machine.IsRunning(Now) ? "active" : "booting",
        ssh_key_names = _keys.Keys,
        file_system_names = Array.Empty<string>(),
        region = new { name = machine.Place },
        instance_type = new { name = "gpu_1x_a100", price_cents_per_hour = (int)(machine.PricePerHourUsd * 100) },
    };
}
