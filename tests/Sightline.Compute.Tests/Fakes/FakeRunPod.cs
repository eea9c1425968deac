using System.Text.Json;
using Sightline.Compute.Leases;
using Sightline.Compute.Leases.Clouds;

namespace Sightline.Compute.Tests.Fakes;

/// <summary>RunPod's REST version 2, after runpod/docs, api-reference-v2/openapi.json: unknown members are refused, errors are RFC 9457.</summary>
internal sealed class FakeRunPod(TimeProvider time, FaultPlan faults) : FakeCloud(time, faults)
{
    private const string Gpu = "NVIDIA A100 80GB PCIe";
    private int _next;

    protected override string Id => "runpod";

    public override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string> { ["RUNPOD_API_KEY"] = Key };

    public override IReadOnlyDictionary<string, string> WrongSettings { get; } = new Dictionary<string, string> { ["RUNPOD_API_KEY"] = "wrong-" + Key };

    public override ILeaseProvider Provider(CloudAccess access) => new RunPodLeases(access);

    protected override bool IsCreate(CloudRequest asked) => (asked.Method, asked.Path) == ("POST", "/v2/pods");

    protected override HttpResponseMessage RefuseKey(CloudRequest asked) => Error(401, "Unauthorized", $"invalid {asked.Authorization}");

    protected override HttpResponseMessage Error(int status, string code, string message) => Reply(status, new { title = code, status, detail = message }, "application/problem+json");

    protected override HttpResponseMessage Answer(CloudRequest asked) => (asked.Method, asked.Path.Trim('/').Split('/')) switch
    {
        ("GET", ["v2", "catalog", "gpus"]) => Catalog(asked),
        ("POST", ["v2", "pods"]) => Create(asked),
        ("GET", ["v2", "pods"]) => Reply(200, new { pods = Alive.Select(Show) }),
        ("GET", ["v2", "pods", var id]) => Alive.FirstOrDefault(machine => machine.Id == id) is { } machine ? Reply(200, Show(machine)) : Error(404, "Not Found", "pod not found"),
        ("DELETE", ["v2", "pods", var id]) => End(id),
        _ => Error(404, "Not Found", asked.Path),
    };

    private HttpResponseMessage Catalog(CloudRequest asked) => asked.Query.GetValueOrDefault("include") == "AVAILABILITY" && !asked.Query.ContainsKey("product")
        ? Error(400, "Bad Request", "product is required with include=AVAILABILITY")
        : Reply(200, new
        {
            gpus = new[]
            {
                new
                {
                    id = Gpu, name = "A100 PCIe", pool = "AMPERE_80", manufacturer = "Nvidia", memory = 80, secure = true, community = true, price = new { secure = Priced(1.79m), community = Priced(1.19m) },
                    maxCount = new { secure = 8, community = 8 }, availability = "HIGH", dataCenters = new[] { "US-KS-2" }, cudaVersions = new[] { "12.8" },
                },
            },
        });

    private HttpResponseMessage Create(CloudRequest asked)
    {
        var body = asked.Json;
        IReadOnlyList<string> unknown = [.. Unknown(body, "name", "image", "templateId", "gpu", "cpu", "cloud", "dataCenterIds", "disk", "mounts", "ports", "env", "args", "registry", "startSsh", "startJupyter", "globalNetworking"),
            .. Unknown(body.GetProperty("gpu"), "id", "count", "minCudaVersion", "allowedCudaVersions", "minRamPerGpu", "minVcpuCountPerGpu")];
        if (unknown.Count > 0 || body.GetProperty("disk").ValueKind != JsonValueKind.Number || !body.GetProperty("disk").TryGetInt32(out _))
        {
            return Reply(422, new { title = "Unprocessable Entity", status = 422, detail = "Request validation failed.", errors = unknown.Select(name => $"$: additional properties '{name}' not allowed") }, "application/problem+json");
        }

        if (body.GetProperty("gpu").GetProperty("id").GetString() != Gpu || asked.Fault == Fault.Capacity)
        {
            return Error(400, "Bad Request", "There are no longer any instances available with the requested specifications.");
        }

        if (asked.Fault == Fault.Quota)
        {
            return Error(402, "Payment Required", "insufficient balance");
        }

        PriceRises = asked.Fault == Fault.PriceRise ? 1 : PriceRises;
        var price = Priced(body.GetProperty("cloud").GetString() == "SECURE" ? 1.79m : 1.19m) * body.GetProperty("gpu").GetProperty("count").GetInt32();
        var machine = Add($"pod{++_next}", body.GetProperty("name").GetString()!, price, false, "US-KS-2", asked.Body, fate: asked.Fault == Fault.FailedAfterCreate ? new Fate { Fails = true } : null);
        return Reply(201, Show(machine));
    }

    private HttpResponseMessage End(string id)
    {
        if (Alive.FirstOrDefault(machine => machine.Id == id) is not { } machine)
        {
            return Error(404, "Not Found", "pod not found");
        }

        machine.EndAskedAt ??= Now;
        return new HttpResponseMessage(System.Net.HttpStatusCode.NoContent);
    }

    private object Show(FakeMachine machine)
    {
        var isRunning = machine.IsRunning(Now);
        return new
        {
            id = machine.Id,
            name = machine.Name,
            status = machine.IsFailed ? "ERROR" : isRunning ? "RUNNING" : "PROVISIONING",
            actions = new[] { "terminate" },
            gpu = new { id = Gpu, count = 1, vcpuCount = 16, memory = 64 },
            cloud = "SECURE",
            dataCenterId = machine.Place,
            ssh = new
            {
                proxy = new { host = "ssh.runpod.io", port = 22, username = machine.Id + "-64411eb2", command = "ssh" },
                direct = isRunning ? new { host = "195.26.233.3", port = 34446, username = "root", command = "ssh root@195.26.233.3 -p 34446" } : null,
            },
            cost = machine.PricePerHourUsd,
            locked = false,
            runtime = isRunning ? new { uptime = 60 } : null,
            createdAt = Text(machine.CreatedAt),
            startedAt = (string?)null,
        };
    }
}
