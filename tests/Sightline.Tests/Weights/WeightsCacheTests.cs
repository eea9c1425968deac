using System.Security.Cryptography;
using Sightline.Data;
using Sightline.Tests.Data.Import;
using Sightline.Weights;
using Xunit;

namespace Sightline.Tests.Weights;

/// <summary>The cache against a server on this machine. The weights are made up: what is published cannot be fetched in a test.</summary>
public sealed class WeightsCacheTests : IDisposable
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 300_000).Select(i => (byte)((i * 7) + (i >> 8)))];
    private static readonly string Sha256Hex = Convert.ToHexStringLower(SHA256.HashData(Content));

    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-pull-").FullName;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };

    private string CacheFolder => Path.Combine(_folder, "weights");

    private WeightsCache Cache => new(CacheFolder, TimeProvider.System);

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(8)]
    public async Task Weights_are_fetched_once_and_found_again(int digits)
    {
        using var server = new ArchiveServer(Content);
        var weights = Weights(Sha256Hex[..digits]);

        var fetched = await Pull(weights, server.Address);
        var again = await Pull(weights, "http://127.0.0.1:1/nobody");

        Assert.Equal(new CachedWeights(Cache.PathOf(weights), Sha256Hex, WasFetched: true), fetched);
        Assert.Equal(fetched with { WasFetched = false }, again);
        Assert.Equal(Content, await File.ReadAllBytesAsync(fetched.Path, TestContext.Current.CancellationToken));
        Assert.Equal(["tiny-12345678.pth", "tiny-12345678.pth.json"], Directory.GetFileSystemEntries(CacheFolder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_download_that_was_cut_goes_on_where_it_ended()
    {
        using var server = new ArchiveServer(Content) { CutAfter = 100_000 };

        var fetched = await Pull(Weights(Sha256Hex), server.Address);

        Assert.Equal(Sha256Hex, fetched.Sha256);
        Assert.Null(server.Ranges[0]);
        Assert.StartsWith("bytes=", server.Ranges[1]);
    }

    [Fact]
    public async Task Content_of_another_hash_is_deleted_and_named()
    {
        using var server = new ArchiveServer([1, 2, 3]);
        var weights = Weights("12345678");

        var error = await Assert.ThrowsAsync<WeightsException>(() => Pull(weights, server.Address));

        Assert.Equal(
            $"What {server.Address}/{weights.FileName} gave has the SHA-256 {server.Sha256}; that of tiny begins with 12345678. It was deleted. Try again, or another mirror.",
            error.Message);
        Assert.Equal(ExitCode.BadData, error.ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(CacheFolder));
    }

    [Fact]
    public async Task An_answer_that_ends_early_without_saying_so_is_noticed_by_its_hash()
    {
        using var server = new ArchiveServer(Content) { EndAfter = 1000 };

        await Assert.ThrowsAsync<WeightsException>(() => Pull(Weights(Sha256Hex), server.Address));

        Assert.Null(Cache.Find(Weights(Sha256Hex)));
    }

    [Fact]
    public async Task A_missing_file_says_how_to_put_it_in_place()
    {
        using var server = new ArchiveServer(Content) { Status = 404 };
        var weights = Weights(Sha256Hex);

        var error = await Assert.ThrowsAsync<NetworkException>(() => Pull(weights, server.Address));

        Assert.Contains("404", error.Message);
        Assert.EndsWith(
            $"Get https://example.org/models/tiny-12345678.pth on a machine with a connection, then run 'sightline model pull tiny --file tiny-12345678.pth' here, " +
            $"or put the file at '{Cache.PathOf(weights)}'. A mirror is set by --mirror or SIGHTLINE_WEIGHTS_MIRROR.", error.Message);
        Assert.Equal(ExitCode.Provider, error.ExitCode);
    }

    [Fact]
    public async Task Redirects_are_followed()
    {
        using var server = new ArchiveServer(Content);
        using var front = new ArchiveServer([]) { RedirectTo = server.Address + "/elsewhere.pth" };

        var fetched = await Pull(Weights(Sha256Hex), front.Address);

        Assert.Equal(Sha256Hex, fetched.Sha256);
    }

    [Fact]
    public async Task A_file_and_a_mirror_folder_are_taken_when_their_hash_is_right()
    {
        var weights = Weights(Sha256Hex);
        var file = Path.Combine(_folder, weights.FileName);
        await File.WriteAllBytesAsync(file, Content, TestContext.Current.CancellationToken);

        var fromFile = await Cache.PullAsync(weights, new WeightsPullOptions { File = file }, _http, null, TestContext.Current.CancellationToken);
        File.Delete(fromFile.Path);
        var fromFolder = await Pull(weights, _folder);
        await File.WriteAllBytesAsync(file, [1], TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<WeightsException>(
            () => Cache.PullAsync(weights, new WeightsPullOptions { File = file }, _http, null, TestContext.Current.CancellationToken));

        Assert.Equal((Sha256Hex, Sha256Hex), (fromFile.Sha256, fromFolder.Sha256));
        Assert.Contains("It was not taken.", refused.Message);
        Assert.Equal(Content, await File.ReadAllBytesAsync(fromFolder.Path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_that_was_changed_in_the_cache_is_refused()
    {
        var weights = Weights(Sha256Hex);
        Directory.CreateDirectory(CacheFolder);
        await File.WriteAllBytesAsync(Cache.PathOf(weights), [1, 2, 3], TestContext.Current.CancellationToken);

        var error = Assert.Throws<WeightsException>(() => Cache.Find(weights));

        Assert.EndsWith("Remove it and run 'sightline model pull tiny'.", error.Message);
    }

    // Two contents whose hashes begin alike are not at hand, so the record of the first one is written here.
    [Fact]
    public async Task Where_only_the_first_digits_are_known_the_rest_is_held_to_what_was_seen_first()
    {
        using var server = new ArchiveServer(Content);
        var weights = Weights(Sha256Hex[..8]);
        var fetched = await Pull(weights, server.Address);
        var record = fetched.Path + ".json";
        var other = Sha256Hex[..8] + new string('0', 56);
        await File.WriteAllTextAsync(
            record, (await File.ReadAllTextAsync(record, TestContext.Current.CancellationToken)).Replace(Sha256Hex, other), TestContext.Current.CancellationToken);

        var error = Assert.Throws<WeightsException>(() => Cache.Find(weights));

        Assert.Contains($"and the file of this name that was here first had {other}. If you trust the new one, delete '{record}'.", error.Message);
    }

    [Fact]
    public void Missing_weights_are_not_found_and_the_message_says_where_they_belong()
    {
        var error = Assert.Throws<NotFoundException>(() => Cache.Require(Weights(Sha256Hex)));

        Assert.StartsWith("The weights 'tiny' are not on this machine. Get https://example.org/models/tiny-12345678.pth", error.Message);
    }

    [Fact]
    public void The_catalogue_is_sound()
    {
        Assert.Equal(WeightsCatalog.All.Count, WeightsCatalog.All.Select(weights => weights.Name).Distinct().Count());
        Assert.Equal(38, WeightsCatalog.All.Count);
        Assert.All(WeightsCatalog.All, weights =>
        {
            Assert.Equal("https", weights.Address.Scheme);
            Assert.Matches("^([0-9a-f]{8}|[0-9a-f]{64})$", weights.Sha256);
            Assert.Contains(weights.Sha256[..8], weights.FileName); // The publisher's own digits.
            Assert.InRange(weights.Preprocessing.ResizeSize, weights.Preprocessing.CropSize, 1000);
        });
        Assert.Equal("resnet18", WeightsCatalog.Chosen("default", null)!.Name);
        Assert.Equal("resnet50.v2", WeightsCatalog.Chosen("resnet50.V2", "resnet50")!.Name);
        Assert.Equal("Pretrained is 'resnet50.v2', which are weights of resnet50, and the model is resnet18. Pass --model resnet50, or --pretrained alone.",
            Assert.Throws<SettingsException>(() => WeightsCatalog.Chosen("resnet50.v2", "resnet18")).Message);
        Assert.StartsWith("Nobody has published weights for 'resnet18_small'.", Assert.Throws<SettingsException>(() => WeightsCatalog.Find("resnet18_small")).Message);
        Assert.Contains("Did you mean 'resnet50.v2'", Assert.Throws<SettingsException>(() => WeightsCatalog.Find("resnet50.v3")).Message);
    }

    private Task<CachedWeights> Pull(PublishedWeights weights, string mirror) =>
        Cache.PullAsync(weights, new WeightsPullOptions { Mirror = mirror }, _http, null, TestContext.Current.CancellationToken);

    private static PublishedWeights Weights(string sha256) => new()
    {
        Name = "tiny",
        Model = "resnet18",
        Source = "torchvision",
        Address = new Uri("https://example.org/models/tiny-12345678.pth"),
        Sha256 = sha256,
        Top1Size = 224,
        Licence = "none",
        Preprocessing = new Preprocessing { CropSize = 224, ResizeSize = 256 },
    };
}
