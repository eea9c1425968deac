using Sightline.Compute.Storage;

namespace Sightline.Tuning;

/// <summary>What the two engines write differently.</summary>
internal static class StoreSql
{
    /// <summary>The store's clock, microseconds since 1970.</summary>
    public static string Now(Database database) => database.IsPostgres
        ? "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"
        : "CAST(unixepoch('subsec') * 1000000 AS integer)";

    /// <summary>The revision of the transaction at hand.</summary>
    public static string Revision(Database database) => database.IsPostgres
        ? "CAST(CAST(pg_current_xact_id() AS text) AS bigint)"
        : "(SELECT revision FROM studies WHERE id = @study)";

    /// <summary>From which revision to read next: all before it can be seen now.</summary>
    public static string Position(Database database) => database.IsPostgres
        ? "CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)"
        : "revision + 1";

    /// <summary>Takes rows that nobody holds, without waiting. SQLite has one writer.</summary>
    public static string SkipLocked(Database database) => database.IsPostgres ? "FOR UPDATE SKIP LOCKED" : "";
}
