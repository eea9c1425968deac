using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using Sightline.Compute;
using Sightline.Compute.Storage;

namespace Sightline.Tuning;

/// <summary>One connection to a study's database: transactions, and what goes wrong in words. Not for two threads at once.</summary>
internal sealed class StoreConnection(Database database, TimeSpan patience) : IDisposable
{
    // SQLite's primary result codes (sqlite.org/rescode.html).
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int NoDatabase = 26;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, DbCommand> _commands = new(StringComparer.Ordinal);
    private DbConnection? _connection;
    private DbTransaction? _transaction;

    public bool IsPostgres => database.IsPostgres;

    /// <summary>Told when the server no longer answers and when it does again; null for silence.</summary>
    public Action<string>? Said { get; set; }

    /// <summary>Runs work in one transaction, begun as a writer. Where the server was not reached it is tried again for a while.</summary>
    public T Write<T>(Func<StoreConnection, T> work) => Persistently(() =>
    {
        // Serializable makes Microsoft.Data.Sqlite send BEGIN IMMEDIATE: writers queue instead of failing half-way.
        using var transaction = Connection().BeginTransaction(IsPostgres ? IsolationLevel.ReadCommitted : IsolationLevel.Serializable);
        _transaction = transaction;
        try
        {
            var result = work(this);
            transaction.Commit();
            return result;
        }
        finally
        {
            _transaction = null;
        }
    });

    /// <summary>Runs a batch as one transaction. On PostgreSQL that is one round trip: statements that are sent together are one there.</summary>
    /// <param name="batch">The statements.</param>
    /// <param name="read">Makes a value of each row that they give; no more than one of them may give rows.</param>
    public List<T> Write<T>(StoreBatch batch, Func<DbDataReader, T> read) => IsPostgres ? Persistently(() => Run(batch, read)) : Write(_ => Run(batch, read));

    /// <summary>Runs a batch within the transaction at hand.</summary>
    public List<T> Run<T>(StoreBatch batch, Func<DbDataReader, T> read)
    {
        var rows = new List<T>();
        if (batch.Sql.Length == 0)
        {
            return rows;
        }

        using var reader = Command(batch.Sql, batch.Values).ExecuteReader();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        while (reader.NextResult())
        {
            // SQLite runs each statement only when it is asked for.
        }

        return rows;
    }

    /// <summary>Runs work without a transaction.</summary>
    public T Read<T>(Func<StoreConnection, T> work) => Persistently(() => work(this));

    /// <summary>Runs a statement and gives the number of rows changed.</summary>
    public int Execute(string sql, params (string Name, object? Value)[] values) => Command(sql, values).ExecuteNonQuery();

    /// <summary>Reads rows.</summary>
    public List<T> Query<T>(string sql, Func<DbDataReader, T> read, params (string Name, object? Value)[] values)
    {
        using var reader = Command(sql, values).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>Reads several results of one round trip.</summary>
    public T QueryAll<T>(string sql, Func<DbDataReader, T> read, params (string Name, object? Value)[] values)
    {
        using var reader = Command(sql, values).ExecuteReader();
        return read(reader);
    }

    /// <summary>Whether an error is a second row where one may be.</summary>
    public static bool IsDuplicate(DbException error) =>
        error is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } or SqliteException { SqliteErrorCode: 19, SqliteExtendedErrorCode: 2067 or 1555 };

    public void Dispose() => Close();

    private T Persistently<T>(Func<T> work)
    {
        var begun = TimeProvider.System.GetTimestamp();
        for (var isWaiting = false; ; isWaiting = Say(isWaiting))
        {
            try
            {
                var result = work();
                if (isWaiting)
                {
                    Said?.Invoke($"The store answers again, after {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0} seconds.");
                }

                return result;
            }
            catch (DbException error) when (!IsDuplicate(error))
            {
                Close();
                var isOver = TimeProvider.System.GetElapsedTime(begun) > patience;
                if (isOver || !(error is NpgsqlException { IsTransient: true } || error is PostgresException { SqlState: "57P01" or "57P02" or "57P03" }))
                {
                    throw Explain(error, database.File, patience);
                }
            }
            catch (ComputeException error) when (error.Trouble == ComputeTrouble.Provider && error.InnerException is NpgsqlException { IsTransient: true })
            {
                Close();
                if (TimeProvider.System.GetElapsedTime(begun) > patience)
                {
                    throw new NetworkException($"The store did not answer for {patience.TotalSeconds:0} seconds: {error.Message} {Kept}", error);
                }
            }

            using var wait = new ManualResetEventSlim();
            wait.Wait(_pause);
        }
    }

    private bool Say(bool isWaiting)
    {
        if (!isWaiting)
        {
            Said?.Invoke($"The store does not answer. It is tried again for {patience.TotalSeconds:0} seconds; what is at work goes on.");
        }

        return true;
    }

    private const string Kept = "No trial is lost: what was at hand goes on when a worker comes back, from its last checkpoint.";

    /// <summary>What an error means and what to do.</summary>
    /// <param name="error">The error.</param>
    /// <param name="file">The SQLite file; null for a server, whose address may hold a password and is not shown.</param>
    /// <param name="patience">How long was tried.</param>
    public static SightlineException Explain(DbException error, string? file, TimeSpan patience) => InWords(error, file is null ? "(PostgreSQL)" : $"'{file}'", patience);

    private static SightlineException InWords(DbException error, string place, TimeSpan patience) => error switch
    {
        SqliteException { SqliteErrorCode: Busy or Locked } => new SightlineException(ExitCode.Provider,
            $"The store {place} has been locked by another program for {BusySeconds(patience)} seconds. Close what holds it, such as a database browser or a copy in progress, and start again. {Kept}", error),
        SqliteException { SqliteErrorCode: Full } or PostgresException { SqlState: "53100" } => new SightlineException(ExitCode.Unexpected,
            $"The disk of the store {place} is full. Free some space and start again. {Kept}", error),
        SqliteException { SqliteErrorCode: InputOutput } => new SightlineException(ExitCode.Unexpected,
            $"The store {place} cannot be read or written ({error.Message.TrimEnd('.')}): the disk is full, faulty, or no longer there. Check it and start again. {Kept}", error),
        SqliteException { SqliteErrorCode: ReadOnly } => new SightlineException(ExitCode.Unexpected,
            $"The store {place} cannot be written. Check the permissions of the file and its folder, or choose another with --store.", error),
        SqliteException { SqliteErrorCode: Corrupt or NoDatabase } => new DataException(
            $"The store {place} is no SQLite database, or it is damaged. Choose another with --store, or put a copy back.", error),
        NpgsqlException { IsTransient: true } => new NetworkException($"The store did not answer for {patience.TotalSeconds:0} seconds: {error.Message} {Kept}", error),
        PostgresException => new SightlineException(ExitCode.Provider, $"The store's server refused: {error.Message}", error),
        NpgsqlException => new NetworkException($"The store failed: {error.Message}", error),
        _ => new SightlineException(ExitCode.Unexpected, $"The store {place} failed: {error.Message}", error),
    };

    private static int BusySeconds(TimeSpan patience) => (int)Math.Min(30, patience.TotalSeconds);

    private DbConnection Connection()
    {
        _connection ??= database.ConnectAsync(CancellationToken.None).GetAwaiter().GetResult();
        if (_connection is SqliteConnection sqlite)
        {
            sqlite.DefaultTimeout = BusySeconds(patience); // How long a writer waits for another.
        }

        return _connection;
    }

    private DbCommand Command(string sql, (string Name, object? Value)[] values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = Connection().CreateCommand();
            command.CommandText = sql;
            foreach (var _ in values)
            {
                command.Parameters.Add(command.CreateParameter());
            }

            _commands[sql] = command;
        }

        command.Transaction = _transaction;
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].ParameterName = values[i].Name;
            command.Parameters[i].Value = values[i].Value ?? DBNull.Value;
        }

        return command;
    }

    private void Close()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }

        _commands.Clear();
        _connection?.Dispose();
        _connection = null;
    }
}
