using System.Data.Common;

namespace Sightline.Compute.Storage;

/// <summary>The turn to migrate: an advisory lock of PostgreSQL, or a locked file beside SQLite's. Both fall with the process that holds them.</summary>
internal sealed class MigrationLock : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly DbConnection? _connection;
    private readonly FileStream? _file;

    private MigrationLock(DbConnection? connection, FileStream? file) => (_connection, _file) = (connection, file);

    /// <summary>Waits for the turn.</summary>
    /// <exception cref="ComputeException">Another process migrates for longer than two minutes.</exception>
    public static async Task<MigrationLock> TakeAsync(Database database, long key, CancellationToken cancellationToken)
    {
        if (database.IsPostgres)
        {
            var connection = await database.ConnectAsync(cancellationToken).ConfigureAwait(false);
            await new Session(connection, null).ExecuteAsync("SELECT pg_advisory_lock(@key)", cancellationToken, ("key", key)).ConfigureAwait(false);
            return new MigrationLock(connection, null);
        }

        var path = $"{database.File}.migrating";
        using var limit = new CancellationTokenSource(_patience);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        while (true)
        {
            try
            {
                // Never deleted: a name that vanishes while another waits on it would give two turns.
                return new MigrationLock(null, new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (!both.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None).ConfigureAwait(false);
            }
            catch (IOException error) when (!cancellationToken.IsCancellationRequested)
            {
                throw new ComputeException(ComputeTrouble.BadData, $"Another process has been bringing the database '{database.File}' up to date for two minutes. End it, or wait and try again.", error);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            // A pooled connection keeps its session, so the lock is given back by hand.
            await new Session(_connection, null).ExecuteAsync("SELECT pg_advisory_unlock_all()", CancellationToken.None).ConfigureAwait(false);
            await _connection.DisposeAsync().ConfigureAwait(false);
        }

        if (_file is not null)
        {
            await _file.DisposeAsync().ConfigureAwait(false);
        }
    }
}
