using System.Text.Json;
using Sightline.Compute.Leases;
using Sightline.Compute.Leases.Clouds;

namespace Sightline.Compute.Tests.Fakes;

/// <summary>Azure Resource Manager: groups and deployments by name, with deployments that end later and errors within errors.</summary>
/// <remarks>A group is the machine: it is there from its own PUT on, and holds a billed address once a deployment has begun.</remarks>
internal sealed class FakeAzure(TimeProvider time, FaultPlan faults) : FakeCloud(time, faults)
{
    private const string Token = "azure-access-token-0123456789";
    private readonly Dictionary<string, (DateTimeOffset DoneAt, string? Error)> _deployments = [];

    protected override string Id => "azure";

    public override IReadOnlyDictionary<string, string> Settings { get; } = Principal(Key);

    public override IReadOnlyDictionary<string, string> WrongSettings { get; } = Principal("wrong-" + Key);

    public override ILeaseProvider Provider(CloudAccess access) => new AzureLeases(access);

    protected override bool IsCreate(CloudRequest asked) => asked.Method == "PUT" && asked.Path.EndsWith("/deployments/machine", StringComparison.Ordinal);

    protected override bool IsKeyGood(CloudRequest asked) => asked.Path == "/token" || asked.Authorization == $"Bearer {Token}";

    protected override HttpResponseMessage RefuseKey(CloudRequest asked) => Error(401, "InvalidAuthenticationToken", $"The access token {asked.Authorization} is invalid.");

    protected override HttpResponseMessage Error(int status, string code, string message) => Reply(status, new { error = new { code, message } });

    protected override HttpResponseMessage Answer(CloudRequest asked) => (asked.Method, asked.Path.Trim('/').Split('/')) switch
    {
        ("POST", ["token"]) => Exchange(asked),
        (_, ["subscriptions", "sub-1", ..]) when !asked.Query.ContainsKey("api-version") => Error(400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests."),
        ("GET", ["subscriptions", "sub-1", "resourcegroups"]) => List(asked),
        ("PUT", ["subscriptions", "sub-1", "resourcegroups", var name]) => CreateGroup(asked, name),
        ("GET", ["subscriptions", "sub-1", "resourcegroups", var name]) => Find(name) is { } group ? Reply(200, Show(group)) : NoGroup(name),
        ("DELETE", ["subscriptions", "sub-1", "resourcegroups", var name]) => End(name),
        ("PUT", ["subscriptions", "sub-1", "resourcegroups", var name, "providers", "Microsoft.Resources", "deployments", "machine"]) => Deploy(asked, name),
        ("GET", ["subscriptions", "sub-1", "resourcegroups", var name, "providers", "Microsoft.Resources", "deployments", "machine"]) => Find(name) is null ? NoGroup(name) : ShowDeployment(name),
        ("GET", ["subscriptions", "sub-1", "resourcegroups", var name, "providers", "Microsoft.Compute", "virtualMachines", "machine"]) => ShowMachine(name),
        ("GET", ["subscriptions", "sub-1", "resourcegroups", var name, "providers", "Microsoft.Network", "publicIPAddresses", "ip"]) => Find(name) is null ? NoGroup(name) : Reply(200, new { name = "ip", properties = new { ipAddress = "203.0.113.80" } }),
        _ => Error(404, "NotFound", asked.Path),
    };

    private FakeMachine? Find(string name) => Alive.FirstOrDefault(machine => machine.Id == name);

    private HttpResponseMessage NoGroup(string name) => Error(404, "ResourceGroupNotFound", $"Resource group '{name}' could not be found.");

    private HttpResponseMessage Exchange(CloudRequest asked) => asked.Body.Contains($"client_secret={Key}&", StringComparison.Ordinal)
        ? Reply(200, new { token_type = "Bearer", expires_in = 3599, access_token = Token })
        : Reply(401, new { error = "invalid_client", error_description = $"AADSTS7000215: Invalid client secret provided: {asked.Body}" });

    private HttpResponseMessage List(CloudRequest asked)
    {
        if (asked.Query["$filter"] != "tagName eq 'sightline-lease'")
        {
            return Error(400, "InvalidFilterInQueryString", "filter");
        }

        var from = asked.Query.TryGetValue("$skiptoken", out var token) ? int.Parse(token, System.Globalization.CultureInfo.InvariantCulture) : 0;
        var all = Alive.ToList();
        var value = all.Skip(from).Take(2).Select(Show);
        return from + 2 < all.Count
            ? Reply(200, new { value, nextLink = $"https://management.azure.com/subscriptions/sub-1/resourcegroups?api-version=2021-04-01&$filter=tagName%20eq%20%27sightline-lease%27&$skiptoken={from + 2}" })
            : Reply(200, new { value });
    }

    private HttpResponseMessage CreateGroup(CloudRequest asked, string name)
    {
        if (Find(name) is { } group)
        {
            return group.EndAskedAt is not null ? Error(409, "ResourceGroupBeingDeleted", $"The resource group '{name}' is in deprovisioning state.") : Reply(200, Show(group));
        }

        _deployments.Remove(name);
        // A group with nothing but an address; the deployment puts the machine into it.
        var added = Add(name, name, 0.01m, true, asked.Json.GetProperty("location").GetString()!, "");
        return Reply(201, Show(added));
    }

    private HttpResponseMessage Deploy(CloudRequest asked, string name)
    {
        if (Find(name) is not { } group)
        {
            return NoGroup(name);
        }

        var properties = asked.Json.GetProperty("properties");
        if (Unknown(asked.Json, "properties", "tags") is [var unknown, ..])
        {
            return Error(400, "InvalidRequestContent", $"Could not find member '{unknown}' on object of type 'DeploymentContent'.");
        }

        if (properties.GetProperty("template").GetProperty("resources").GetArrayLength() != 5 || properties.GetProperty("template").GetProperty("parameters").GetProperty("customData").GetProperty("type").GetString() != "secureString")
        {
            return Error(400, "InvalidTemplate", "template");
        }

        if (asked.Fault == Fault.Quota)
        {
            return Reply(400, new { error = new { code = "InvalidTemplateDeployment", message = "The template deployment is not valid.", details = new[] { new { code = "QuotaExceeded", message = "Operation could not be completed as it results in exceeding approved quota." } } } });
        }

        if (!_deployments.ContainsKey(name))
        {
            var error = asked.Fault is Fault.Capacity ? "SkuNotAvailable" : asked.Fault is Fault.FailedAfterCreate ? "OSProvisioningTimedOut" : null;
            _deployments[name] = (Now + TimeSpan.FromSeconds(12), error);
            Machines[Machines.IndexOf(group)] = Filled(group, properties.GetProperty("template").GetProperty("resources")[4].GetProperty("properties"), asked.Body);
        }

        return ShowDeployment(name, 201);
    }

    // The machine's kind and price come with the deployment, after its group.
    private static FakeMachine Filled(FakeMachine group, JsonElement machine, string body) => new()
    {
        Id = group.Id,
        Name = group.Name,
        CreatedAt = group.CreatedAt,
        PricePerHourUsd = machine.GetProperty("hardwareProfile").GetProperty("vmSize").GetString() == "Standard_NC4as_T4_v3" ? 0.526m : 3.673m,
        IsSpot = machine.GetProperty("priority").GetString() == "Spot",
        Fate = group.Fate,
        Place = group.Place,
        Request = body,
        EndAskedAt = group.EndAskedAt,
    };

    private HttpResponseMessage End(string name)
    {
        if (Find(name) is not { } group)
        {
            return NoGroup(name);
        }

        if (group.EndAskedAt is not null)
        {
            return Error(409, "ResourceGroupBeingDeleted", name);
        }

        group.EndAskedAt = Now;
        return new HttpResponseMessage(System.Net.HttpStatusCode.Accepted);
    }

    private HttpResponseMessage ShowDeployment(string name, int status = 200)
    {
        if (!_deployments.TryGetValue(name, out var deployment))
        {
            return Error(404, "DeploymentNotFound", $"Deployment 'machine' could not be found.");
        }

        var isDone = Now >= deployment.DoneAt;
        object properties = isDone && deployment.Error is not null
            ? new
            {
                provisioningState = "Failed",
                error = new
                {
                    code = "DeploymentFailed",
                    message = "At least one resource deployment operation failed.",
                    details = new[] { new { code = "Conflict", message = JsonSerializer.Serialize(new { error = new { code = deployment.Error, message = "The requested VM size is currently not available in location 'eastus'." } }) } },
                },
            }
            : new { provisioningState = isDone ? "Succeeded" : "Running" };
        return Reply(status, new { name = "machine", properties });
    }

    private HttpResponseMessage ShowMachine(string name)
    {
        if (Find(name) is not { } group)
        {
            return NoGroup(name);
        }

        if (!_deployments.TryGetValue(name, out var deployment) || deployment.Error is not null || group.IsInterrupted(Now) || Now < group.CreatedAt + TimeSpan.FromSeconds(5))
        {
            return Error(404, "ResourceNotFound", "The Resource 'Microsoft.Compute/virtualMachines/machine' was not found.");
        }

        string[] codes = group.IsRunning(Now) ? ["ProvisioningState/succeeded", "PowerState/running"] : group.IsFailed ? ["ProvisioningState/failed"] : ["ProvisioningState/creating"];
        return Reply(200, new
        {
            name = "machine",
            properties = new
            {
                provisioningState = group.IsFailed ? "Failed" : "Succeeded",
                priority = group.IsSpot ? "Spot" : "Regular",
                timeCreated = Text(group.CreatedAt),
                instanceView = new { statuses = codes.Select(code => new { code }) },
            },
        });
    }

    private static object Show(FakeMachine group) => new
    {
        id = $"/subscriptions/sub-1/resourceGroups/{group.Id}",
        name = group.Id,
        location = group.Place,
        tags = new Dictionary<string, string> { ["sightline-lease"] = group.Id["sightline-".Length..] },
        properties = new { provisioningState = group.EndAskedAt is null ? "Succeeded" : "Deleting" },
    };

    private static Dictionary<string, string> Principal(string secret) => new()
    {
        ["AZURE_TENANT_ID"] = "tenant-1", ["AZURE_CLIENT_ID"] = "client-1", ["AZURE_CLIENT_SECRET"] = secret, ["AZURE_SUBSCRIPTION_ID"] = "sub-1",
    };
}
