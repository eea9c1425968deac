using Sightline.Data;
using Sightline.Data.Import;
using Xunit;

namespace Sightline.Tests.Data.Import;

/// <summary>Imports that were cut, repeated, or of sources that changed.</summary>
public sealed class ImportResumeTests : IDisposable
{
    private readonly ImportFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void The_same_source_makes_no_new_version_and_a_changed_one_does()
    {
        var tree = _fixture.WriteTree("tree", ("a", 4), ("b", 4));

        var first = _fixture.Import(tree);
        var again = _fixture.Import(tree);
        ImportFixture.WritePicture(Path.Combine(tree, "a", "new.png"), 77);
        var second = _fixture.Import(tree);

        Assert.Equal((1, 1, 2), (first.Number, again.Number, second.Number));
        Assert.NotEqual(first.Hash, second.Hash);
        Assert.Equal(8, _fixture.Store.ReadImages(_fixture.Store.Find("set@1")).Count);
    }

    [Fact]
    public void A_changed_picture_makes_the_version_refuse()
    {
        var tree = _fixture.WriteTree("tree", ("a", 4), ("b", 4));
        var version = _fixture.Import(tree);
        Assert.Equal(8, _fixture.Open(version).Images.Count);
        File.SetLastWriteTimeUtc(Path.Combine(tree, "a", "000.png"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal(8, _fixture.Open(version).Images.Count);

        ImportFixture.WritePicture(Path.Combine(tree, "a", "000.png"), 99);
        File.Delete(Path.Combine(tree, "b", "000.png"));

        var error = Assert.Throws<DataException>(() => _fixture.Open(version));
        Assert.Contains("2 of the 8 pictures of set@1 are not as they were imported", error.Message);
    }

    [Fact]
    public void A_cancelled_import_leaves_nothing_and_can_be_repeated()
    {
        var tree = _fixture.WriteTree("tree", ("a", 4), ("b", 4));

        Assert.ThrowsAny<OperationCanceledException>(() => _fixture.Import(tree, cancel: new CancellationToken(canceled: true)));

        Assert.True(_fixture.IsEmpty);
        Assert.Equal(8, _fixture.Import(tree).Images);
    }

    [Fact]
    public void What_a_killed_import_left_goes_away_with_the_next()
    {
        var tree = _fixture.WriteTree("tree", ("a", 4), ("b", 4));
        var left = _fixture.At("store", "set", ".incoming-dead");
        Directory.CreateDirectory(left);
        File.WriteAllText(Path.Combine(left, ".lock"), "");
        File.WriteAllText(Path.Combine(left, "images.tar"), "half");
        Assert.Empty(_fixture.Store.Names());

        _fixture.Import(tree);

        Assert.False(Directory.Exists(left));
        Assert.Equal([_fixture.At("store", "set", "1")], Directory.GetFileSystemEntries(_fixture.At("store", "set")));
    }

    [Fact]
    public async Task A_download_that_was_cut_goes_on_where_it_ended()
    {
        using var server = new ArchiveServer(File.ReadAllBytes(ImportFixture.Golden("cifar-10-binary.tar.gz"))) { CutAfter = 300 };

        var version = await Task.Run(() => _fixture.Import(server.Address, options => options with { Sha256 = server.Sha256 }));

        Assert.Equal(6, version.Images);
        Assert.Equal(server.Sha256, version.SourceSha256);
        Assert.Equal([null, "bytes=300-"], server.Ranges);
        Assert.False(Directory.Exists(_fixture.At("store", ".downloads")));
    }

    [Fact]
    public async Task A_download_with_another_hash_is_refused()
    {
        using var server = new ArchiveServer(File.ReadAllBytes(ImportFixture.Golden("folders.zip")));
        var wrong = new string('0', 64);

        var error = await Assert.ThrowsAsync<DataException>(() => Task.Run(() => _fixture.Import(server.Address, options => options with { Sha256 = wrong })));

        Assert.Contains($"has the SHA-256 {server.Sha256}, not {wrong}", error.Message);
        Assert.True(_fixture.IsEmpty);
    }

    [Fact]
    public async Task An_address_that_is_not_there_is_a_network_error()
    {
        using var server = new ArchiveServer([]) { Status = 404 };

        var missing = await Assert.ThrowsAsync<NetworkException>(() => Task.Run(() => _fixture.Import(server.Address)));
        var unreachable = await Assert.ThrowsAsync<NetworkException>(() => Task.Run(() => _fixture.Import("http://127.0.0.1:1/x.zip")));

        Assert.Contains("404", missing.Message);
        Assert.Contains("http://127.0.0.1:1/x.zip could not be fetched", unreachable.Message);
        Assert.Equal(ExitCode.Provider, unreachable.ExitCode);
        Assert.False(Directory.Exists(_fixture.At("store", ".downloads")));
        Assert.True(_fixture.IsEmpty);
    }

    [Fact]
    public async Task A_page_instead_of_an_archive_is_refused()
    {
        using var server = new ArchiveServer("<html>log in first</html>"u8.ToArray());

        var error = await Assert.ThrowsAsync<DataException>(() => Task.Run(() => _fixture.Import(server.Address)));

        Assert.Contains("is no archive", error.Message);
    }
}
