using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sightline.Compute.Storage;

namespace Sightline.Compute.Leases;

/// <summary>The journal in the database: one row per lease as it is now, and one row per event, only ever added.</summary>
/// <param name="database">Where.</param>
internal sealed class LeaseJournal(Database database) : ILeaseJournal
{
    private const string Letters = "abcdefghjkmnpqrstuvwxyz23456789"; // Without the look-alikes.

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Random letters and digits that people can read out.</summary>
    public static string NewId(int length) => RandomNumberGenerator.GetString(Letters, length);

    public async Task<string> InstallationAsync(CancellationToken cancellationToken)
    {
        if (await database.ReadAsync(InstallationAsync, cancellationToken).ConfigureAwait(false) is { } known)
        {
            return known;
        }

        return await database.TransactAsync(async (session, token) =>
        {
            await session.ExecuteAsync("INSERT INTO installation (key, id) VALUES (1, @id) ON CONFLICT (key) DO NOTHING", token, ("id", NewId(6))).ConfigureAwait(false);
            return (await InstallationAsync(session, token).ConfigureAwait(false))!; // One of two writers made it.
        }, cancellationToken).ConfigureAwait(false);
    }

    public Task<LeaseHold> AddAsync(Lease lease, string holder, DateTimeOffset until, LeaseEvent first, CancellationToken cancellationToken) => database.TransactAsync(async (session, token) =>
    {
        await session.ExecuteAsync(
            "INSERT INTO leases (id, state, is_open, document, holder, holder_until, epoch, created_at) VALUES (@id, @state, @open, @document, @holder, @until, 1, @created)",
            token, ("id", lease.Id), ("state", StateName(lease)), ("open", lease.IsOpen ? 1 : 0), ("document", Text(lease)), ("holder", holder), ("until", Micros(until)), ("created", Micros(lease.RequestedAt))).ConfigureAwait(false);
        await AppendAsync(session, [first], token).ConfigureAwait(false);
        return new LeaseHold(lease, 1);
    }, cancellationToken);

    public async Task<LeaseHold?> HoldAsync(string leaseId, string holder, DateTimeOffset now, DateTimeOffset until, Func<string, bool> isDead, CancellationToken cancellationToken)
    {
        if (await HoldAsync("holder IS NULL OR holder_until < @now", leaseId, holder, now, until, null, cancellationToken).ConfigureAwait(false) is { } hold)
        {
            return hold;
        }

        var holders = await database.ReadAsync((session, token) => session.QueryAsync(
            "SELECT holder FROM leases WHERE id = @id AND holder IS NOT NULL", reader => reader.GetString(0), token, ("id", leaseId)), cancellationToken).ConfigureAwait(false);
        return holders.Count > 0 && isDead(holders[0]) ? await HoldAsync("holder = @dead", leaseId, holder, now, until, holders[0], cancellationToken).ConfigureAwait(false) : null;
    }

    // One statement, so that of two holders one gets the row.
    private async Task<LeaseHold?> HoldAsync(string condition, string leaseId, string holder, DateTimeOffset now, DateTimeOffset until, string? dead, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync((session, token) => session.QueryAsync(
            $"UPDATE leases SET holder = @holder, holder_until = @until, epoch = epoch + 1 WHERE id = @id AND ({condition}) RETURNING document, epoch",
            reader => new LeaseHold(Parse(reader.GetString(0)), reader.GetInt64(1)), token,
            [("holder", holder), ("until", Micros(until)), ("id", leaseId), dead is null ? ("now", Micros(now)) : ("dead", dead)]), cancellationToken).ConfigureAwait(false);
        return rows.Count > 0 ? rows[0] : null;
    }

    public Task<bool> WriteAsync(Lease lease, long epoch, DateTimeOffset until, IReadOnlyList<LeaseEvent> events, CancellationToken cancellationToken) => database.TransactAsync(async (session, token) =>
    {
        var changed = await session.ExecuteAsync(
            "UPDATE leases SET state = @state, is_open = @open, document = @document, holder_until = @until WHERE id = @id AND epoch = @epoch AND holder IS NOT NULL",
            token, ("state", StateName(lease)), ("open", lease.IsOpen ? 1 : 0), ("document", Text(lease)), ("until", Micros(until)), ("id", lease.Id), ("epoch", epoch)).ConfigureAwait(false);
        if (changed == 0)
        {
            return false;
        }

        await AppendAsync(session, events, token).ConfigureAwait(false);
        return true;
    }, cancellationToken);

    public Task ReleaseAsync(string leaseId, long epoch, CancellationToken cancellationToken) => database.ReadAsync((session, token) => session.ExecuteAsync(
        "UPDATE leases SET holder = NULL WHERE id = @id AND epoch = @epoch", token, ("id", leaseId), ("epoch", epoch)), cancellationToken);

    public async Task<Lease?> FindAsync(string leaseId, CancellationToken cancellationToken)
    {
        var rows = await database.ReadAsync((session, token) => session.QueryAsync("SELECT document FROM leases WHERE id = @id", Lease, token, ("id", leaseId)), cancellationToken).ConfigureAwait(false);
        return rows.Count > 0 ? rows[0] : null;
    }

    public async Task<IReadOnlyList<Lease>> ListAsync(bool isOpenOnly, CancellationToken cancellationToken) => await database.ReadAsync((session, token) => session.QueryAsync(
        $"SELECT document FROM leases{(isOpenOnly ? " WHERE is_open = 1" : "")} ORDER BY created_at, id", Lease, token), cancellationToken).ConfigureAwait(false);

    public async Task<IReadOnlyList<LeaseEvent>> EventsAsync(string leaseId, CancellationToken cancellationToken) => await database.ReadAsync((session, token) => session.QueryAsync(
        "SELECT number, at, kind, message FROM lease_events WHERE lease_id = @id ORDER BY number",
        reader => new LeaseEvent(leaseId, reader.GetInt64(0), DateTimeOffset.UnixEpoch.AddMicroseconds(reader.GetInt64(1)), reader.GetString(2), reader.GetString(3)),
        token, ("id", leaseId)), cancellationToken).ConfigureAwait(false);

    private static async Task AppendAsync(Session session, IReadOnlyList<LeaseEvent> events, CancellationToken cancellationToken)
    {
        foreach (var entry in events)
        {
            // The row of the lease is locked by this transaction, so numbers have neither gaps nor twins.
            await session.ExecuteAsync(
                "INSERT INTO lease_events (lease_id, number, at, kind, message) SELECT @id, COALESCE(MAX(number), 0) + 1, @at, @kind, @message FROM lease_events WHERE lease_id = @id",
                cancellationToken, ("id", entry.LeaseId), ("at", Micros(entry.At)), ("kind", entry.Kind), ("message", entry.Message)).ConfigureAwait(false);
        }
    }

    private static async Task<string?> InstallationAsync(Session session, CancellationToken cancellationToken)
    {
        var rows = await session.QueryAsync("SELECT id FROM installation", reader => reader.GetString(0), cancellationToken).ConfigureAwait(false);
        return rows.Count > 0 ? rows[0] : null;
    }

    private static string StateName(Lease lease) => JsonNamingPolicy.CamelCase.ConvertName(lease.State.ToString());

    private static string Text(Lease lease) => JsonSerializer.Serialize(lease, _json);

    private static Lease Lease(DbDataReader reader) => Parse(reader.GetString(0));

    private static Lease Parse(string text) => JsonSerializer.Deserialize<Lease>(text, _json)
        ?? throw new ComputeException(ComputeTrouble.BadData, "A lease in the database is empty. Restore the database from a copy.");

    private static long Micros(DateTimeOffset at) => (at - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
