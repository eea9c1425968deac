using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Sightline.Data.Import;

/// <summary>Fetches a file. A download that was cut goes on where it ended, as long as the server says that the file is the same.</summary>
internal sealed class ArchiveDownload(string folder, HttpClient http, IProgress<ImportProgress>? progress)
{
    private const int Attempts = 3;
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>What goes on after a download that was cut, in messages.</summary>
    public string Next { get; init; } = "the next import";

    /// <summary>What to do about a file over the limit, in messages.</summary>
    public string LimitRemedy { get; init; } = "Raise the limit with --max-unpacked-gib.";

    /// <returns>The file and its SHA-256.</returns>
    /// <exception cref="NetworkException">The address cannot be reached, or the server refuses.</exception>
    /// <exception cref="DataException">The content has another SHA-256 than was asked for.</exception>
    public async Task<(string Path, string Sha256)> RunAsync(Uri source, string? sha256, long maximumBytes, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        var part = PartOf(source);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await FetchAsync(source, part, maximumBytes, cancel).ConfigureAwait(false);
                break;
            }
            catch (Exception error) when (IsNetwork(error, cancel))
            {
                if (attempt == Attempts || error is HttpRequestException { StatusCode: { } status } && (int)status is >= 400 and < 500)
                {
                    var fetched = File.Exists(part) ? new FileInfo(part).Length : 0;
                    if (fetched == 0)
                    {
                        Remove(source);
                    }

                    throw new NetworkException(
                        $"{source} could not be fetched: {error.Message.TrimEnd('.')}. Check the address and the connection" +
                        $"{(fetched > 0 ? $"; {Next} goes on after the {fetched:N0} bytes that are here" : "")}.", error);
                }
            }
        }

        var found = await HashAsync(part, cancel).ConfigureAwait(false);
        if (sha256 is not null && !found.Equals(sha256, StringComparison.OrdinalIgnoreCase))
        {
            Remove(source);
            throw new DataException(
                $"{source} has the SHA-256 {found}, not {sha256.ToLowerInvariant()} as asked for; nothing was imported. Check the hash at its source; if that is right, the file was changed.");
        }

        return (part, found);
    }

    /// <summary>Deletes what was fetched.</summary>
    public void Remove(Uri source)
    {
        File.Delete(PartOf(source));
        File.Delete(TagOf(PartOf(source)));
        if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
        }
    }

    private string PartOf(Uri source) => Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source.AbsoluteUri)))[..24] + ".part");

    private static string TagOf(string part) => part + ".etag";

    private static bool IsNetwork(Exception error, CancellationToken cancel) => error is HttpRequestException or HttpIOException
        || (error is IOException { InnerException: System.Net.Sockets.SocketException })
        || (error is OperationCanceledException && !cancel.IsCancellationRequested);

    private async Task FetchAsync(Uri source, string part, long maximumBytes, CancellationToken cancel)
    {
        var tag = File.Exists(TagOf(part)) ? await File.ReadAllTextAsync(TagOf(part), cancel).ConfigureAwait(false) : "";
        await using var target = new FileStream(part, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, 1 << 16);
        using var request = new HttpRequestMessage(HttpMethod.Get, source);
        // Without a strong tag a part may belong to an older file of the same address.
        if (target.Length > 0 && tag.StartsWith('"'))
        {
            request.Headers.Range = new RangeHeaderValue(target.Length, null);
            request.Headers.IfRange = new RangeConditionHeaderValue(EntityTagHeaderValue.Parse(tag));
        }

        using var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel).ConfigureAwait(false);
        if (reply.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && reply.Content.Headers.ContentRange?.Length == target.Length)
        {
            return; // All of it was there already.
        }

        reply.EnsureSuccessStatusCode();
        if (reply.StatusCode != HttpStatusCode.PartialContent)
        {
            target.SetLength(0);
            await File.WriteAllTextAsync(TagOf(part), reply.Headers.ETag?.ToString() ?? "", cancel).ConfigureAwait(false);
        }

        target.Seek(0, SeekOrigin.End);
        var total = reply.Content.Headers.ContentLength + target.Position;
        if (total > maximumBytes)
        {
            throw new DataException($"{source} has {total:N0} bytes; at most {maximumBytes:N0} are fetched. {LimitRemedy}");
        }

        await CopyAsync(source, reply, target, total, maximumBytes, cancel).ConfigureAwait(false);
        if (total is { } expected && target.Position != expected)
        {
            throw new HttpRequestException($"the connection ended after {target.Position:N0} of {expected:N0} bytes");
        }
    }

    private async Task CopyAsync(Uri source, HttpResponseMessage reply, FileStream target, long? total, long maximumBytes, CancellationToken cancel)
    {
        var content = await reply.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
        {
            var buffer = new byte[1 << 16];
            var reported = 0L;
            for (int read; (read = await content.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0;)
            {
                await target.WriteAsync(buffer.AsMemory(0, read), cancel).ConfigureAwait(false);
                if (target.Position > maximumBytes)
                {
                    throw new DataException($"{source} has more than {maximumBytes:N0} bytes. {LimitRemedy}");
                }

                if (TimeProvider.System.GetElapsedTime(reported) > ReportInterval)
                {
                    reported = TimeProvider.System.GetTimestamp();
                    progress?.Report(new ImportProgress("download", target.Position, total, "bytes"));
                }
            }
        }
    }

    private static async Task<string> HashAsync(string path, CancellationToken cancel)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel).ConfigureAwait(false));
    }
}
