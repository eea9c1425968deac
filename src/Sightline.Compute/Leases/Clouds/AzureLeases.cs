using System.Text.Json;
using Sightline.Compute.Providers;

namespace Sightline.Compute.Leases.Clouds;

/// <summary>Azure: one resource group per lease, filled by one template. Deleting the group ends the machine, its disk, its address and its network.</summary>
/// <remarks>API: Azure Resource Manager, 2021-04-01 for groups and deployments. A machine's id here is its group's name. Both creates are PUTs by name: twice is once.</remarks>
internal sealed class AzureLeases : ILeaseProvider, IDisposable
{
    /// <summary>The tag that carries the lease's id.</summary>
    public const string Tag = "sightline-lease";

    private const string Name = "Azure";
    private const string DefaultImage = "microsoft-dsvm:ubuntu-hpc:2204:latest";
    private const string Api = "api-version=2021-04-01";
    private const string ComputeApi = "api-version=2024-07-01";
    private const string NetworkApi = "api-version=2023-09-01";
    private const int MostPolls = 10;
    private static readonly TimeSpan _poll = TimeSpan.FromSeconds(5);

    private readonly CloudAccess _access;
    private readonly AzureToken _token;
    private readonly LeaseHttp _http;

    public AzureLeases(CloudAccess access)
    {
        _access = access;
        _token = new AzureToken(access);
        _http = new LeaseHttp(access, Name, access.Address("azure", "https://management.azure.com"), "AZURE_CLIENT_SECRET", _token.GetAsync);
    }

    public string Id => "azure";

    public LeaseAbilities Abilities { get; } = new() { RentsSpot = true, CreatesOnce = true };

    public void Dispose() => _token.Dispose();

    public async Task<Machine> CreateAsync(MachineRequest request, CancellationToken cancellationToken)
    {
        var image = request.Image.Length > 0 ? request.Image : _access.Find("AZURE_IMAGE") ?? DefaultImage;
        if (image.Split(':').Length != 4)
        {
            throw new LeaseException(LeaseTrouble.Refused, $"Azure's images are publisher:offer:sku:version, such as {DefaultImage}; got '{image}'.");
        }

        var asked = $"to rent {request.Offer.Instance} in {request.Offer.Region}";
        // The group itself costs nothing and is a PUT by name, so it may be sent twice; it carries the name before anything billed exists.
        var group = await _http.SafeAsync(HttpMethod.Put, Group(request.Name), new { location = request.Offer.Region, tags = new Dictionary<string, string> { [Tag] = request.LeaseId } }, cancellationToken).ConfigureAwait(false);
        if (!group.IsSuccess)
        {
            throw _http.Refusal(Kind(group.Json), group, asked, group.Status == 409 ? "An earlier machine of this lease is still being ended." : "");
        }

        var reply = await _http.OnceAsync(HttpMethod.Put, Deployment(request.Name), AzureTemplate.Deployment(request, image), cancellationToken).ConfigureAwait(false);
        if (!reply.IsSuccess)
        {
            return await DropAsync(request.Name, _http.Refusal(Kind(reply.Json), reply, asked), cancellationToken).ConfigureAwait(false);
        }

        // No capacity shows only while it is being deployed.
        for (var poll = 0; poll < MostPolls; poll++)
        {
            var state = reply.Json?.Get("properties")?.Text("provisioningState") ?? "";
            if (state is "Failed" or "Canceled")
            {
                var words = Codes(reply.Json?.Get("properties") ?? default).Distinct().Take(5);
                return await DropAsync(request.Name, new LeaseException(Kind(reply.Json?.Get("properties")), $"{Name} could not make {request.Offer.Instance} in {request.Offer.Region}: {string.Join(", ", words)}."), cancellationToken).ConfigureAwait(false);
            }

            if (state == "Succeeded")
            {
                break;
            }

            await Task.Delay(_poll, _access.Time, cancellationToken).ConfigureAwait(false);
            reply = await _http.SafeAsync(HttpMethod.Get, Deployment(request.Name), null, cancellationToken).ConfigureAwait(false);
        }

        return new Machine { Id = request.Name, Name = request.Name, Provider = Id, State = MachineState.Creating, SshUser = AzureTemplate.User };
    }

    public async Task<IReadOnlyList<Machine>> ListAsync(CancellationToken cancellationToken)
    {
        const string asked = "for its resource groups";
        var machines = new List<Machine>();
        var next = $"/subscriptions/{_token.Subscription}/resourcegroups?{Api}&$filter={Uri.EscapeDataString($"tagName eq '{Tag}'")}";
        while (next.Length > 0)
        {
            var page = _http.Json(await _http.SafeAsync(HttpMethod.Get, next, null, cancellationToken).ConfigureAwait(false), asked);
            foreach (var name in _http.Need(page, "value", JsonValueKind.Array, asked).EnumerateArray().Select(group => group.Text("name")).Where(name => name.StartsWith(MachineRequest.NamePrefix, StringComparison.Ordinal)))
            {
                if (await FindAsync(name, cancellationToken).ConfigureAwait(false) is { } machine)
                {
                    machines.Add(machine);
                }
            }

            // The link names the public host; a test server or a proxy keeps its own.
            next = page.Text("nextLink") is { Length: > 0 } link ? Uri.TryCreate(link, UriKind.Absolute, out var whole) ? whole.PathAndQuery : link : "";
        }

        return machines;
    }

    public async Task<Machine?> FindAsync(string machineId, CancellationToken cancellationToken)
    {
        var asked = $"for machine {machineId}";
        var group = await _http.SafeAsync(HttpMethod.Get, Group(machineId), null, cancellationToken).ConfigureAwait(false);
        if (group.Status == 404)
        {
            return null;
        }

        var machine = new Machine { Id = machineId, Name = machineId, Provider = Id, State = MachineState.Creating, SshUser = AzureTemplate.User };
        if (_http.Json(group, asked).Get("properties")?.Text("provisioningState") is "Deleting")
        {
            return machine with { State = MachineState.Ending };
        }

        var virtualMachine = await _http.SafeAsync(HttpMethod.Get, Resource(machineId, $"Microsoft.Compute/virtualMachines/machine?$expand=instanceView&{ComputeApi}"), null, cancellationToken).ConfigureAwait(false);
        if (virtualMachine.Status == 404)
        {
            // Not yet there, never there, or taken back: the deployment tells which.
            var deployment = await _http.SafeAsync(HttpMethod.Get, Deployment(machineId), null, cancellationToken).ConfigureAwait(false);
            var state = deployment.Status == 404 ? "without a deployment" : _http.Json(deployment, asked).Get("properties")?.Text("provisioningState") ?? "";
            return state is "Succeeded" ? machine with { State = MachineState.Failed, IsInterrupted = true, Message = "Azure took the machine back; its group is still there" }
                : state is "Failed" or "Canceled" or "without a deployment" ? machine with { State = MachineState.Failed, Message = $"the group is {state}" }
                : machine with { Message = state };
        }

        return await ReadAsync(machine, _http.Json(virtualMachine, asked), cancellationToken).ConfigureAwait(false);
    }

    public async Task EndAsync(string machineId, CancellationToken cancellationToken)
    {
        var reply = await _http.SafeAsync(HttpMethod.Delete, $"{Group(machineId)}&forceDeletionTypes={Uri.EscapeDataString("Microsoft.Compute/virtualMachines")}", null, cancellationToken).ConfigureAwait(false);
        // 409: it is being deleted already.
        if (!reply.IsSuccess && reply.Status is not (404 or 409))
        {
            throw _http.Refusal(LeaseTrouble.Refused, reply, $"to end machine {machineId}", "Delete the resource group in Azure's portal.");
        }
    }

    private async Task<Machine> ReadAsync(Machine machine, JsonElement virtualMachine, CancellationToken cancellationToken)
    {
        var properties = virtualMachine.Get("properties") ?? default;
        var codes = properties.Get("instanceView")?.Items("statuses").Select(status => status.Text("code")).ToList() ?? [];
        var state = properties.Text("provisioningState") == "Failed" ? MachineState.Failed
            : codes.Contains("PowerState/running") ? MachineState.Running
            : codes.Any(code => code is "PowerState/stopped" or "PowerState/stopping" or "PowerState/deallocated" or "PowerState/deallocating") ? MachineState.Stopped
            : MachineState.Creating;
        var host = "";
        if (state == MachineState.Running)
        {
            var address = await _http.SafeAsync(HttpMethod.Get, Resource(machine.Id, $"Microsoft.Network/publicIPAddresses/ip?{NetworkApi}"), null, cancellationToken).ConfigureAwait(false);
            host = address.IsSuccess ? address.Json?.Get("properties")?.Text("ipAddress") ?? "" : "";
        }

        return machine with
        {
            State = state,
            SshHost = host,
            CreatedAt = DateTimeOffset.TryParse(properties.Text("timeCreated"), System.Globalization.CultureInfo.InvariantCulture, out var created) ? created : null,
            // Nobody of ours deallocates machines: a spot machine that is was evicted.
            IsInterrupted = properties.Text("priority") == "Spot" && codes.Any(code => code is "PowerState/deallocated" or "PowerState/deallocating"),
            Message = string.Join(", ", codes),
        };
    }

    /// <summary>Ends what a failed create left, and waits for it, so that the failure leaves nothing.</summary>
    /// <exception cref="LeaseException">Always: the failure, or that its group is still there.</exception>
    private async Task<Machine> DropAsync(string group, LeaseException failure, CancellationToken cancellationToken)
    {
        try
        {
            await EndAsync(group, cancellationToken).ConfigureAwait(false);
            for (var poll = 0; poll < MostPolls; poll++)
            {
                if ((await _http.SafeAsync(HttpMethod.Get, Group(group), null, cancellationToken).ConfigureAwait(false)).Status == 404)
                {
                    throw failure;
                }

                await Task.Delay(_poll, _access.Time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (LeaseException error) when (error != failure)
        {
            // Said below, with the group's name.
        }

        throw new LeaseException(LeaseTrouble.FailedAfterCreate, $"{failure.Message} Its resource group {group} is still there and is to be deleted.", group);
    }

    private static LeaseTrouble Kind(JsonElement? answer)
    {
        foreach (var code in Codes(answer ?? default))
        {
            switch (code)
            {
                case "AllocationFailed" or "ZonalAllocationFailed" or "OverconstrainedAllocationRequest" or "OverconstrainedZonalAllocationRequest" or "SkuNotAvailable":
                    return LeaseTrouble.Capacity;
                case "QuotaExceeded" or "OperationNotAllowed" or "SubscriptionQuotaExceeded":
                    return LeaseTrouble.Quota;
                case "SpotPriceGreaterThanProvidedMaxPrice":
                    return LeaseTrouble.PriceRose;
                case "AuthorizationFailed" or "InvalidAuthenticationToken":
                    return LeaseTrouble.Credentials;
                default:
                    break;
            }
        }

        return LeaseTrouble.Refused;
    }

    /// <summary>All error codes, the outer ones first: the reason stands in the inner ones, at times as JSON within a message.</summary>
    private static IEnumerable<string> Codes(JsonElement value)
    {
        var error = value.Get("error") ?? value;
        if (error.Text("code") is { Length: > 0 } code)
        {
            yield return code;
        }

        var inner = error.Items("details");
        if (error.Text("message") is { Length: > 0 } message && message.TrimStart().StartsWith('{') && new ProviderReply(0, "", message).Json is { } text)
        {
            inner = inner.Append(text);
        }

        foreach (var found in inner.SelectMany(Codes))
        {
            yield return found;
        }
    }

    private string Group(string name) => $"/subscriptions/{_token.Subscription}/resourcegroups/{Uri.EscapeDataString(name)}?{Api}";

    private string Deployment(string group) => Resource(group, $"Microsoft.Resources/deployments/machine?{Api}");

    private string Resource(string group, string rest) => $"/subscriptions/{_token.Subscription}/resourcegroups/{Uri.EscapeDataString(group)}/providers/{rest}";
}
