using System.Globalization;
using Sightline.Compute.Storage;
using Xunit;

namespace Sightline.Compute.Tests.Storage;

public sealed class DatabaseTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-database").FullName;

    [Fact]
    public async Task Open_missing_file_makes_tables_and_write_ahead_log()
    {
        await using var database = await Database.OpenAsync(Path.Combine(_folder, "deep", "s.db"), default);

        Assert.Equal("wal", (await TextAsync(database, "PRAGMA journal_mode")).Single());
        Assert.Equal("1", (await TextAsync(database, "PRAGMA foreign_keys")).Single());
        Assert.Contains("leases", await TextAsync(database, "SELECT name FROM sqlite_master WHERE type = 'table'"));
    }

    [Fact]
    public async Task Open_eight_at_once_runs_each_script_once()
    {
        var file = Path.Combine(_folder, "s.db");

        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Database.OpenAsync(file, default))));

        var scripts = await TextAsync(all[0], "SELECT ScriptName FROM SchemaVersions");
        Assert.Equal(scripts.Distinct(), scripts);
        Assert.Contains("0100-leases.sql", scripts);
        Array.ForEach(all, database => database.Dispose());
    }

    [Fact]
    public async Task Transact_two_writers_wait_for_each_other_and_lose_nothing()
    {
        await using var first = await Database.OpenAsync(Path.Combine(_folder, "s.db"), default);
        await using var second = await Database.OpenAsync(Path.Combine(_folder, "s.db"), default);
        await first.TransactAsync((session, token) => session.ExecuteAsync("INSERT INTO installation (key, id) VALUES (1, '0')", token), default);

        await Task.WhenAll(new[] { first, second }.Select(database => Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                await database.TransactAsync(async (session, token) =>
                {
                    var value = int.Parse((await session.QueryAsync("SELECT id FROM installation", reader => reader.GetString(0), token)).Single(), CultureInfo.InvariantCulture);
                    return await session.ExecuteAsync("UPDATE installation SET id = @id", token, ("id", (value + 1).ToString(CultureInfo.InvariantCulture)));
                }, default);
            }
        })));

        Assert.Equal("100", (await TextAsync(first, "SELECT id FROM installation")).Single());
    }

    [Fact]
    public async Task Transact_that_throws_leaves_nothing()
    {
        await using var database = await Database.InMemoryAsync(nameof(Transact_that_throws_leaves_nothing), default);

        await Assert.ThrowsAsync<InvalidOperationException>(() => database.TransactAsync<int>(async (session, token) =>
        {
            await session.ExecuteAsync("INSERT INTO installation (key, id) VALUES (1, 'a')", token);
            throw new InvalidOperationException();
        }, default));

        Assert.Empty(await TextAsync(database, "SELECT id FROM installation"));
    }

    [Fact]
    public async Task Open_folder_as_file_says_what_to_do()
    {
        var error = await Assert.ThrowsAsync<ComputeException>(() => Database.OpenAsync(_folder, default));

        Assert.StartsWith($"The database '{_folder}' cannot be opened: ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("Check the folder's permissions, or name another with SIGHTLINE_DATABASE.", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Task<List<string>> TextAsync(Database database, string sql) =>
        database.ReadAsync((session, token) => session.QueryAsync(sql, reader => Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!, token), default);
}
