using System.Reflection;
using DbUp;
using DbUp.Engine;

namespace Sightline.Compute.Storage;

/// <summary>Brings a database's tables up to date with DbUp, from the scripts in Storage/Scripts.</summary>
/// <remarks>
/// To change tables, add a script named <c>NNNN-what.sql</c> to Storage/Scripts (the csproj embeds all of them); the numbers give the order
/// and leave room: 01xx leases, 02xx studies. One file serves both engines; where they cannot share one, put a file of the same name in Scripts/sqlite and in
/// Scripts/postgresql instead. A script that has shipped is never changed: what it made may hold somebody's data.
/// </remarks>
internal static class Migrations
{
    private const string Prefix = "Sightline.Scripts.";

    // Any number, the same for all processes of Sightline: "sightlin" in ASCII.
    private const long AdvisoryLock = 0x7369_6768_746C_696E;

    /// <summary>Runs the scripts that the database lacks. Only one process does it at a time.</summary>
    /// <param name="database">The database, for its lock.</param>
    /// <param name="connectionString">Of the same database.</param>
    /// <param name="cancellationToken">Stops the wait for another process.</param>
    /// <exception cref="ComputeException">A script failed, or the database cannot be reached.</exception>
    public static async Task RunAsync(Database database, string connectionString, CancellationToken cancellationToken)
    {
        var engine = Build(database.IsPostgres, connectionString);
        if (!database.IsPostgres && database.File is null)
        {
            Run(engine); // In memory: nobody else.
            return;
        }

        if (!IsNeeded(engine))
        {
            return;
        }

        await using var turn = await MigrationLock.TakeAsync(database, AdvisoryLock, cancellationToken).ConfigureAwait(false);
        Run(engine); // Looks again itself: another process may have been faster.
    }

    private static bool IsNeeded(UpgradeEngine engine)
    {
        try
        {
            return engine.IsUpgradeRequired();
        }
        catch (System.Data.Common.DbException)
        {
            return true; // A table that another process makes at this moment.
        }
    }

    private static void Run(UpgradeEngine engine)
    {
        var result = engine.PerformUpgrade();
        if (!result.Successful)
        {
            throw new ComputeException(ComputeTrouble.BadData, $"The database cannot be brought up to date: script {result.ErrorScript?.Name ?? "?"} failed: {result.Error.Message} Nothing of it was kept.", result.Error);
        }
    }

    private static UpgradeEngine Build(bool isPostgres, string connectionString)
    {
        var other = isPostgres ? "sqlite/" : "postgresql/";
        var own = isPostgres ? "postgresql/" : "sqlite/";
        var builder = isPostgres ? DeployChanges.To.PostgresqlDatabase(connectionString) : DeployChanges.To.SqliteDatabase(connectionString);
        return builder
            .WithScripts(Scripts(own, other))
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .LogToNowhere()
            .Build();
    }

    private static IEnumerable<SqlScript> Scripts(string own, string other)
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            var file = name[Prefix.Length..].Replace('\\', '/'); // As the build machine wrote folders.
            if (file.StartsWith(other, StringComparison.Ordinal))
            {
                continue;
            }

            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!); // Its name was just listed.
            yield return new SqlScript(file.StartsWith(own, StringComparison.Ordinal) ? file[own.Length..] : file, reader.ReadToEnd());
        }
    }
}
