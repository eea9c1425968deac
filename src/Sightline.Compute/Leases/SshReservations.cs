using System.Globalization;
using System.Text.Json;
using Sightline.Compute.Storage;

namespace Sightline.Compute.Leases;

/// <summary>Hosts that the user owns, or rents elsewhere: Burncloud, for example, which has no public API. Creating one is a reservation, so that no two leases use it.</summary>
/// <remarks>Nothing is started, stopped or ended at the seller: the machine's message says so, and where to end it.</remarks>
internal sealed class SshReservations(Database database, TimeProvider time) : ILeaseProvider
{
    private const int UniqueSqlite = 19;
    private const string UniquePostgres = "23505";

    public string Id => "ssh";

    // Spot in a sheet is the seller's word; the host is there or not.
    public LeaseAbilities Abilities { get; } = new() { RentsSpot = true, CreatesOnce = true };

    public async Task<Machine> CreateAsync(MachineRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (user, host, port) = Parse(request.Offer.Host);
        var machine = new Machine
        {
            Id = $"{request.LeaseId}@{host}:{port}",
            Name = request.Name,
            Provider = Id,
            State = MachineState.Running,
            SshHost = host,
            SshPort = port,
            SshUser = user,
            PricePerHourUsd = request.Offer.PricePerHourUsd,
            CreatedAt = time.GetUtcNow(),
            Message = request.Offer.PricePerHourUsd > 0
                ? string.Create(CultureInfo.InvariantCulture, $"Sightline reserves this host and cannot end it: {request.Offer.Provider} bills {request.Offer.PricePerHourUsd:0.####} USD per hour until you end it there yourself.")
                : "Sightline reserves this host and cannot end it.",
        };
        try
        {
            await database.TransactAsync((session, token) => session.ExecuteAsync(
                "INSERT INTO ssh_reservations (machine_id, lease_name, host, document) VALUES (@id, @name, @host, @document)", token,
                ("id", machine.Id), ("name", machine.Name), ("host", $"{host}:{port}"), ("document", JsonSerializer.Serialize(machine))), cancellationToken).ConfigureAwait(false);
        }
        catch (System.Data.Common.DbException error) when (error.SqlState == UniquePostgres || error is Microsoft.Data.Sqlite.SqliteException { SqliteErrorCode: UniqueSqlite })
        {
            throw new LeaseException(LeaseTrouble.Capacity, $"The host {host}:{port} is reserved by another lease. 'sightline gpu leases' shows which; end that one first, or take another host.", null, error);
        }

        return machine;
    }

    public async Task<IReadOnlyList<Machine>> ListAsync(CancellationToken cancellationToken) => await database.ReadAsync((session, token) => session.QueryAsync(
        "SELECT document FROM ssh_reservations WHERE ended_at IS NULL ORDER BY machine_id", reader => Read(reader.GetString(0)), token), cancellationToken).ConfigureAwait(false);

    public async Task<Machine?> FindAsync(string machineId, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync((session, token) => session.QueryAsync(
            "SELECT document FROM ssh_reservations WHERE machine_id = @id AND ended_at IS NULL", reader => Read(reader.GetString(0)), token, ("id", machineId)), cancellationToken).ConfigureAwait(false);
        return rows.Count > 0 ? rows[0] : null;
    }

    public Task EndAsync(string machineId, CancellationToken cancellationToken) => database.TransactAsync((session, token) => session.ExecuteAsync(
        "UPDATE ssh_reservations SET ended_at = @now WHERE machine_id = @id AND ended_at IS NULL", token,
        ("now", (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond), ("id", machineId)), cancellationToken);

    // user@host:port, all but the host may be absent; an address of IPv6 with a port stands in brackets.
    private static (string User, string Host, int Port) Parse(string text)
    {
        var at = text.LastIndexOf('@');
        var user = at > 0 ? text[..at] : "root";
        var rest = text[(at + 1)..];
        if (!Uri.TryCreate($"ssh://{rest}", UriKind.Absolute, out var address) || address.Host.Length == 0 || address.AbsolutePath.Trim('/').Length > 0 || user.Any(char.IsWhiteSpace))
        {
            throw new LeaseException(LeaseTrouble.Refused, $"The host is '{text}'; in a price sheet it has the form USER@HOST:PORT, and user and port may be left out.");
        }

        return (user, address.Host.Trim('[', ']'), address.Port > 0 ? address.Port : 22);
    }

    private static Machine Read(string text) => JsonSerializer.Deserialize<Machine>(text)
        ?? throw new ComputeException(ComputeTrouble.BadData, "A reservation in the database is empty. Restore the database from a copy.");
}
