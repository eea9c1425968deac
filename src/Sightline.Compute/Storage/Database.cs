using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Sightline.Compute.Storage;

/// <summary>
/// The product's database: one SQLite file by default, PostgreSQL where several machines share it. Leases and studies live here.
/// </summary>
/// <remarks>
/// SQL is written once for both engines: text for ids and JSON, bigint for instants (UTC microseconds), double precision for numbers,
/// <c>@name</c> parameters. What differs stands in <see cref="IsPostgres"/> branches beside the statement. Tables come from the scripts in
/// Storage/Scripts; see <see cref="Migrations"/>.
/// </remarks>
internal sealed class Database : IAsyncDisposable, IDisposable
{
    /// <summary>The variable that names the database: a file, or a connection string of PostgreSQL.</summary>
    public const string Variable = "SIGHTLINE_DATABASE";

    /// <summary>How long a writer waits for another, seconds.</summary>
    private const int BusySeconds = 30;

    // Planning a statement takes the server longer than running it. A pooler that gives each transaction another connection may need Max Auto Prepare=0.
    private const string Prepare = "Max Auto Prepare=64;Auto Prepare Min Usages=2";

    private readonly NpgsqlDataSource? _postgres;
    private readonly string _sqlite = "";
    private readonly SqliteConnection? _keeper; // A database in memory lives as long as one connection to it.

    private Database(NpgsqlDataSource postgres) => _postgres = postgres;

    private Database(string sqlite, string? file, SqliteConnection? keeper) => (_sqlite, File, _keeper) = (sqlite, file, keeper);

    /// <summary>Whether it is PostgreSQL.</summary>
    public bool IsPostgres => _postgres is not null;

    /// <summary>The SQLite file; null for PostgreSQL and in memory.</summary>
    public string? File { get; }

    /// <summary>Where the database is unless told otherwise: <see cref="Variable"/>, else <c>.sightline/sightline.db</c> in the working folder.</summary>
    public static string Default => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } chosen ? chosen : Path.Combine(".sightline", "sightline.db");

    /// <summary>Opens the database, makes it where it is missing, and brings its tables up to date. Safe when several processes do so at once.</summary>
    /// <param name="place">A file (SQLite), or <c>Host=...</c> or <c>postgresql://...</c>.</param>
    /// <param name="cancellationToken">Stops the wait for another process that migrates.</param>
    /// <exception cref="ComputeException">It cannot be reached or opened, or is of a newer Sightline.</exception>
    public static async Task<Database> OpenAsync(string place, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(place);
        var database = IsPostgresPlace(place) ? new Database(NpgsqlDataSource.Create(Normalised(place))) : OfFile(place);
        return await database.MigratedAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A database in memory, for tests: gone when it is disposed.</summary>
    /// <param name="name">Its name; two of one name are one database.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static async Task<Database> InMemoryAsync(string name, CancellationToken cancellationToken)
    {
        var text = new SqliteConnectionStringBuilder { DataSource = name, Mode = SqliteOpenMode.Memory, Cache = SqliteCacheMode.Shared, ForeignKeys = true, DefaultTimeout = BusySeconds }.ToString();
        var keeper = new SqliteConnection(text);
        await keeper.OpenAsync(cancellationToken).ConfigureAwait(false);
        return await new Database(text, null, keeper).MigratedAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A connection from the pool. The caller disposes it.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<DbConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_postgres is not null)
        {
            try
            {
                return await _postgres.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (NpgsqlException error)
            {
                throw new ComputeException(ComputeTrouble.Provider, $"The database cannot be reached: {error.Message} Check {Variable}.", error);
            }
        }

        var connection = new SqliteConnection(_sqlite);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (SqliteException error)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw new ComputeException(ComputeTrouble.BadData, $"The database '{File}' cannot be opened: {error.Message} Check the folder's permissions, or name another with {Variable}.", error);
        }
    }

    /// <summary>Runs work in one transaction: all of it happens, or nothing. On SQLite it is the only writer from the start (BEGIN IMMEDIATE).</summary>
    /// <param name="work">Statements on the session; its result is returned after the commit.</param>
    /// <param name="cancellationToken">Rolls back.</param>
    public async Task<T> TransactAsync<T>(Func<Session, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        await using var connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        // Microsoft.Data.Sqlite sends BEGIN IMMEDIATE for Serializable: two writers queue instead of failing half-way.
        await using var transaction = await connection.BeginTransactionAsync(IsPostgres ? IsolationLevel.ReadCommitted : IsolationLevel.Serializable, cancellationToken).ConfigureAwait(false);
        var result = await work(new Session(connection, transaction), cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return result;
    }

    /// <summary>Runs a read outside a transaction.</summary>
    public async Task<T> ReadAsync<T>(Func<Session, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        await using var connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        return await work(new Session(connection, null), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync().ConfigureAwait(false);
        }

        Dispose();
    }

    public void Dispose()
    {
        _postgres?.Dispose();
        _keeper?.Dispose();
        if (File is not null)
        {
            // Pooled connections keep the file open; Windows could not delete it.
            using var pool = new SqliteConnection(_sqlite);
            SqliteConnection.ClearPool(pool);
        }
    }

    private static bool IsPostgresPlace(string place) => place.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase)
        || place.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase)
        || place.Contains("Host=", StringComparison.OrdinalIgnoreCase);

    // Npgsql knows key=value strings only; the address form is what hosts of PostgreSQL hand out.
    private static string Normalised(string place)
    {
        if (!place.Contains("://", StringComparison.Ordinal))
        {
            return $"{Prepare};{place}"; // What comes later wins.
        }

        if (!Uri.TryCreate(place, UriKind.Absolute, out var address))
        {
            throw new ComputeException(ComputeTrouble.Usage, $"{Variable} is no address of PostgreSQL. It has the form postgresql://USER:PASSWORD@HOST:5432/DATABASE.");
        }

        var user = address.UserInfo.Split(':', 2);
        var text = new NpgsqlConnectionStringBuilder(Prepare) { Host = address.Host, Port = address.IsDefaultPort || address.Port < 0 ? 5432 : address.Port, Database = address.AbsolutePath.Trim('/') };
        if (user[0].Length > 0)
        {
            text.Username = Uri.UnescapeDataString(user[0]);
        }

        if (user.Length > 1)
        {
            text.Password = Uri.UnescapeDataString(user[1]);
        }

        foreach (var pair in address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            text[parts[0] is "sslmode" ? "SSL Mode" : parts[0]] = Uri.UnescapeDataString(parts.Length > 1 ? parts[1] : "");
        }

        return text.ConnectionString;
    }

    private static Database OfFile(string file)
    {
        file = Path.GetFullPath(file);
        if (Path.GetDirectoryName(file) is { Length: > 0 } folder && !Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
        }

        var text = new SqliteConnectionStringBuilder { DataSource = file, ForeignKeys = true, DefaultTimeout = BusySeconds, Pooling = true }.ToString();
        return new Database(text, file, null);
    }

    private async Task<Database> MigratedAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (File is not null)
            {
                // WAL: readers do not wait for the writer. The setting stays in the file.
                await ReadAsync((session, token) => session.ExecuteAsync("PRAGMA journal_mode = WAL", token), cancellationToken).ConfigureAwait(false);
            }

            await Migrations.RunAsync(this, _postgres?.ConnectionString ?? _sqlite, cancellationToken).ConfigureAwait(false);
            return this;
        }
        catch
        {
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
