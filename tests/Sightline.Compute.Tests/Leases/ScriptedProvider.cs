using Sightline.Compute.Leases;

namespace Sightline.Compute.Tests.Leases;

/// <summary>A provider that does what one test says, and keeps its machines in a list.</summary>
internal sealed class ScriptedProvider(string id) : ILeaseProvider
{
    public string Id => id;

    public LeaseAbilities Abilities { get; init; } = new() { RentsSpot = true };

    public List<Machine> Machines { get; } = [];

    public List<MachineRequest> Requests { get; } = [];

    public List<string> Ends { get; } = [];

    /// <summary>Called before a create's effect; throws what the provider would.</summary>
    public Func<MachineRequest, Task> BeforeCreate { get; set; } = _ => Task.CompletedTask;

    /// <summary>Called after it.</summary>
    public Action<Machine> AfterCreate { get; set; } = _ => { };

    /// <summary>The machine that is made.</summary>
    public Func<MachineRequest, Machine> Make { get; set; } = request => new Machine
    {
        Id = $"{request.Offer.Provider}-1", Name = request.Name, Provider = request.Offer.Provider, State = MachineState.Running, SshHost = "198.51.100.7", PricePerHourUsd = request.Offer.PricePerHourUsd,
    };

    /// <summary>Called before every other call.</summary>
    public Action BeforeCall { get; set; } = () => { };

    /// <summary>Whether an end takes effect at once.</summary>
    public bool EndsAtOnce { get; set; } = true;

    public async Task<Machine> CreateAsync(MachineRequest request, CancellationToken cancellationToken)
    {
        Requests.Add(request);
        await BeforeCreate(request);
        var machine = Make(request);
        Machines.Add(machine);
        AfterCreate(machine);
        return machine;
    }

    public Task<IReadOnlyList<Machine>> ListAsync(CancellationToken cancellationToken)
    {
        BeforeCall();
        return Task.FromResult<IReadOnlyList<Machine>>([.. Machines]);
    }

    public Task<Machine?> FindAsync(string machineId, CancellationToken cancellationToken)
    {
        BeforeCall();
        return Task.FromResult(Machines.FirstOrDefault(machine => machine.Id == machineId));
    }

    public Task EndAsync(string machineId, CancellationToken cancellationToken)
    {
        BeforeCall();
        Ends.Add(machineId);
        if (EndsAtOnce)
        {
            Machines.RemoveAll(machine => machine.Id == machineId);
        }

        return Task.CompletedTask;
    }
}
