using System.Security.Cryptography;
using System.Text.Json;
using Sightline.Data.Import;
using Sightline.Native;

namespace Sightline.Weights;

/// <summary>A file of published weights on this machine, checked.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Sha256">All 64 digits, lower case.</param>
/// <param name="WasFetched">Whether this call brought it here; false where it lay in the cache.</param>
public sealed record CachedWeights(string Path, string Sha256, bool WasFetched);

/// <summary>Where published weights are taken from.</summary>
public sealed record WeightsPullOptions
{
    /// <summary>The environment variable that sets <see cref="Mirror"/>.</summary>
    public const string MirrorVariable = "SIGHTLINE_WEIGHTS_MIRROR";

    /// <summary>Address (http or https) or folder that holds the files under their published names; null takes the publisher's address.</summary>
    public string? Mirror { get; init; } = Environment.GetEnvironmentVariable(MirrorVariable) is { Length: > 0 } mirror ? mirror : null;

    /// <summary>A file on this machine to take instead of fetching one; it must have the known hash. Default: none.</summary>
    public string? File { get; init; }
}

/// <summary>
/// Keeps published weights: fetched once, checked against the catalogue's SHA-256 each time, and against the full SHA-256 that was seen
/// the first time where the catalogue knows only the first digits.
/// </summary>
/// <param name="folder">The cache's folder; it is made when needed.</param>
/// <param name="time">Clock of the records.</param>
public sealed class WeightsCache(string folder, TimeProvider time)
{
    /// <summary>Well above the largest known file (0.5 GB); a server that sends without end is cut off.</summary>
    private const long MostBytes = 4L << 30;

    /// <summary>The user's cache: <c>weights</c> below <see cref="NativeRuntime.CacheFolder"/>.</summary>
    public static string DefaultFolder => Path.Combine(NativeRuntime.CacheFolder, "weights");

    /// <summary>Where the file of some weights belongs, whether it is there or not.</summary>
    /// <param name="weights">The weights.</param>
    public string PathOf(PublishedWeights weights) => Path.GetFullPath(Path.Combine(folder, weights.FileName));

    /// <summary>The file if it is here.</summary>
    /// <param name="weights">The weights.</param>
    /// <returns>null where it is not here.</returns>
    /// <exception cref="WeightsException">A file of this name is here and has another hash.</exception>
    public CachedWeights? Find(PublishedWeights weights)
    {
        var path = PathOf(weights);
        if (!File.Exists(path))
        {
            return null;
        }

        var sha256 = Hash(path);
        if (Problem(weights, sha256) is { } problem)
        {
            throw new WeightsException($"'{path}' {problem} Remove it and run 'sightline model pull {weights.Name}'.");
        }

        Remember(weights, path, sha256);
        return new CachedWeights(path, sha256, WasFetched: false);
    }

    /// <summary>The file, or an exception that says how to get it.</summary>
    /// <param name="weights">The weights.</param>
    /// <exception cref="NotFoundException">It is not here; the message names the address and the place.</exception>
    /// <exception cref="WeightsException">A file of this name is here and has another hash.</exception>
    public CachedWeights Require(PublishedWeights weights) => Find(weights) ?? throw new NotFoundException(
        $"The weights '{weights.Name}' are not on this machine. {Remedy(weights)}");

    /// <summary>Finds the file or brings it here: from a file, from a mirror, or from its publisher. Nothing appears under its name before its hash is right.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="options">Where from.</param>
    /// <param name="http">Follows redirects; redirects from https to http are refused by .NET.</param>
    /// <param name="progress">Told the bytes fetched; null for silence.</param>
    /// <param name="cancel">Ends a download; what came so far is kept, and the next call goes on from there.</param>
    /// <exception cref="NetworkException">The address cannot be reached, or the server refuses; the message says how to put the file in place.</exception>
    /// <exception cref="WeightsException">What came has another SHA-256 than is known; it was deleted.</exception>
    /// <exception cref="NotFoundException">The file or mirror folder is not there.</exception>
    public async Task<CachedWeights> PullAsync(
        PublishedWeights weights, WeightsPullOptions options, HttpClient http, IProgress<ImportProgress>? progress, CancellationToken cancel)
    {
        if (options.File is null && Find(weights) is { } here)
        {
            return here;
        }

        if (options.File is { } file)
        {
            return Take(weights, file);
        }

        if (options.Mirror is { } mirror && !IsAddress(mirror))
        {
            return Take(weights, Path.Combine(mirror, weights.FileName));
        }

        var address = options.Mirror is { } host ? new Uri(new Uri(host.TrimEnd('/') + "/"), weights.FileName) : weights.Address;
        Directory.CreateDirectory(folder);
        var download = new ArchiveDownload(Path.Combine(folder, ".downloads"), http, progress)
        {
            Next = $"the next 'sightline model pull {weights.Name}'",
            LimitRemedy = "No published weights are as large; check the address.",
        };
        try
        {
            var (part, sha256) = await download.RunAsync(address, null, MostBytes, cancel).ConfigureAwait(false);
            if (Problem(weights, sha256) is { } problem)
            {
                download.Remove(address);
                throw new WeightsException($"What {address} gave {problem} It was deleted. Try again, or another mirror.");
            }

            File.Move(part, PathOf(weights), overwrite: true);
            download.Remove(address);
            Remember(weights, PathOf(weights), sha256);
            return new CachedWeights(PathOf(weights), sha256, WasFetched: true);
        }
        catch (NetworkException error)
        {
            throw new NetworkException($"{error.Message} {Remedy(weights)}", error);
        }
    }

    private string Remedy(PublishedWeights weights) =>
        $"Get {weights.Address} on a machine with a connection, then run 'sightline model pull {weights.Name} --file {weights.FileName}' here, " +
        $"or put the file at '{PathOf(weights)}'. A mirror is set by --mirror or {WeightsPullOptions.MirrorVariable}.";

    private CachedWeights Take(PublishedWeights weights, string source)
    {
        if (!File.Exists(source))
        {
            throw new NotFoundException($"There is no file '{source}' with the weights '{weights.Name}'. Check the path.");
        }

        var sha256 = Hash(source);
        if (Problem(weights, sha256) is { } problem)
        {
            throw new WeightsException($"'{source}' {problem} It was not taken. Use --weights FILE where you trust the file as it is.");
        }

        var target = PathOf(weights);
        Directory.CreateDirectory(folder);
        if (Path.GetFullPath(source) != target)
        {
            AtomicFile.Write(target, stream =>
            {
                using var from = File.OpenRead(source);
                from.CopyTo(stream);
            });
        }

        Remember(weights, target, sha256);
        return new CachedWeights(target, sha256, WasFetched: true);
    }

    // null: the hash is the known one, and the one seen the first time.
    private string? Problem(PublishedWeights weights, string sha256)
    {
        if (!sha256.StartsWith(weights.Sha256, StringComparison.Ordinal))
        {
            return $"has the SHA-256 {sha256}; that of {weights.Name} {(weights.IsFullyPinned ? "is" : "begins with")} {weights.Sha256}.";
        }

        return Seen(weights) is { } seen && seen != sha256
            ? $"has the SHA-256 {sha256}, and the file of this name that was here first had {seen}. If you trust the new one, delete '{RecordOf(weights)}'."
            : null;
    }

    private string RecordOf(PublishedWeights weights) => PathOf(weights) + ".json";

    private string? Seen(PublishedWeights weights)
    {
        try
        {
            return File.Exists(RecordOf(weights))
                ? JsonSerializer.Deserialize<Record>(File.ReadAllText(RecordOf(weights)), SightlineJson.Line)?.Sha256
                : null;
        }
        catch (JsonException error)
        {
            throw new WeightsException($"'{RecordOf(weights)}' cannot be read ({error.Message}). Delete it and pull the weights again.", error);
        }
    }

    private void Remember(PublishedWeights weights, string path, string sha256)
    {
        if (Seen(weights) is null)
        {
            var record = new Record(weights.Name, weights.Address, sha256, new FileInfo(path).Length, time.GetUtcNow());
            AtomicFile.WriteText(RecordOf(weights), JsonSerializer.Serialize(record, SightlineJson.Indented));
        }
    }

    private static bool IsAddress(string mirror) => Uri.TryCreate(mirror, UriKind.Absolute, out var address) && address.Scheme is "http" or "https";

    private static string Hash(string path)
    {
        using var stream = WeightsFile.Open(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private sealed record Record(string Name, Uri Address, string Sha256, long Bytes, DateTimeOffset SeenAt);
}
