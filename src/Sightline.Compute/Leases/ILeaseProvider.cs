namespace Sightline.Compute.Leases;

/// <summary>
/// Creates, lists, finds and ends the machines of one provider. It keeps no state and decides nothing: the journal and the
/// rules are <c>LeaseController</c>'s. To add a provider is one file and one line of <c>LeaseProviders.All</c>.
/// </summary>
/// <remarks>
/// Safe calls (list, find, end) are tried again inside the provider's HTTP client, after 429, 5xx and broken connections.
/// A create is sent once: a second one could rent a second machine.
/// </remarks>
public interface ILeaseProvider
{
    /// <summary>The id, as in offers and price sheets: <c>vast</c>, <c>runpod</c>, <c>lambda</c>, <c>gcp</c>, <c>azure</c>, <c>aws</c>, <c>ssh</c>, <c>local</c>.</summary>
    string Id { get; }

    /// <summary>What the provider can do by itself.</summary>
    LeaseAbilities Abilities { get; }

    /// <summary>Asks for a machine. Returns as soon as the provider has given it an id; the machine need not be reachable yet.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="cancellationToken">Stops the wait, not the machine: after it the machine may exist.</param>
    /// <returns>The machine, with its id.</returns>
    /// <exception cref="LeaseException">
    /// Its <see cref="LeaseException.Trouble"/> says whether a machine may exist: with <see cref="LeaseTrouble.Unanswered"/> it may,
    /// with <see cref="LeaseTrouble.FailedAfterCreate"/> it does and <see cref="LeaseException.MachineId"/> names it, with all others it does not.
    /// </exception>
    Task<Machine> CreateAsync(MachineRequest request, CancellationToken cancellationToken);

    /// <summary>Lists every machine whose name is ours, that is, begins with <see cref="MachineRequest.NamePrefix"/>; of all installations, in any state.</summary>
    /// <param name="cancellationToken">Stops the request.</param>
    /// <returns>All pages, or an error; never a part.</returns>
    /// <exception cref="LeaseException">The provider cannot be asked.</exception>
    Task<IReadOnlyList<Machine>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Looks at one machine.</summary>
    /// <param name="machineId">The provider's id of it.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    /// <returns>Null when the provider says that it is gone, or terminated for good and no longer billed.</returns>
    /// <exception cref="LeaseException">The provider cannot be asked; nothing is known then.</exception>
    Task<Machine?> FindAsync(string machineId, CancellationToken cancellationToken);

    /// <summary>Asks for a machine's end: deletion, not a stop that goes on billing its disk. Harmless when it is ending or gone already.</summary>
    /// <param name="machineId">The provider's id of it.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    /// <returns>When the provider has taken the request; the machine may live on for minutes.</returns>
    /// <exception cref="LeaseException">The provider refused or cannot be asked.</exception>
    Task EndAsync(string machineId, CancellationToken cancellationToken);
}
