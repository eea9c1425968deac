using System.ComponentModel;
using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Sightline.Native;

namespace Sightline.Data;

/// <summary>Where Fashion-MNIST may be found, and how it may be fetched.</summary>
public sealed record FashionMnistOptions
{
    /// <summary>Folder of Debian's package <c>dataset-fashion-mnist</c>.</summary>
    public string PackageFolder { get; init; } = "/usr/share/datasets/fashion-mnist";

    /// <summary>The user's own copy; downloads go here.</summary>
    public string UserFolder { get; init; } = Path.Combine(NativeRuntime.CacheFolder, "data", "fashion-mnist");

    /// <summary>Let apt install the package where the process is root and apt is there. Default on.</summary>
    public bool MayInstall { get; init; } = true;

    /// <summary>Download where nothing else is left. Default on.</summary>
    public bool MayDownload { get; init; } = true;

    /// <summary>The data set's official location, from the README of zalandoresearch/fashion-mnist.</summary>
    public Uri Source { get; init; } = new("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/");
}

/// <summary>Fashion-MNIST (Xiao, Rasul and Vollgraf 2017, MIT licence): finds the four files on this machine, or fetches them.</summary>
public static class FashionMnist
{
    private const string Package = "dataset-fashion-mnist";
    private const int Attempts = 3;

    // SHA-256 and size of each file's content, not of its gzip container: Debian's build drops name and time from the gzip
    // header, so the containers differ. Put back (2017-08-31 10:50:06 and 10:50:27 UTC), the containers have the MD5s of the
    // data set's README: 8d4fb7e6..., 25c81989..., bef4ecab..., bb300cfd...
    private static readonly DataFile[] Files =
    [
        new("train-images-idx3-ubyte", 47_040_016, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
        new("train-labels-idx1-ubyte", 60_008, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
        new("t10k-images-idx3-ubyte", 7_840_016, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
        new("t10k-labels-idx1-ubyte", 10_008, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
    ];

    /// <summary>
    /// The folder with the four files: the Debian package's, else the user's, else the package installed by apt, else a download.
    /// </summary>
    /// <param name="options">Where to look and what is permitted.</param>
    /// <param name="http">Used for the download only.</param>
    /// <param name="progress">Told in plain words what is done; null for silence.</param>
    /// <param name="cancel">Ends the installation or the download; what was downloaded so far is kept and continued.</param>
    /// <exception cref="NotFoundException">The files can be had nowhere; the message says how to put them in place.</exception>
    /// <exception cref="DataException">A file in the user's folder is not the known one.</exception>
    public static async Task<string> LocateAsync(
        FashionMnistOptions options, HttpClient http, IProgress<string>? progress, CancellationToken cancel)
    {
        if (HasAll(options.PackageFolder))
        {
            return options.PackageFolder;
        }

        if (HasAll(options.UserFolder))
        {
            CheckContents(options.UserFolder);
            return options.UserFolder;
        }

        if (options.MayInstall && await TryInstallAsync(progress, cancel).ConfigureAwait(false) && HasAll(options.PackageFolder))
        {
            return options.PackageFolder;
        }

        var reason = "Downloading was not permitted.";
        if (options.MayDownload)
        {
            reason = await TryDownloadAsync(options, http, progress, cancel).ConfigureAwait(false);
            if (reason.Length == 0)
            {
                return options.UserFolder;
            }
        }

        throw new NotFoundException(
            $"Fashion-MNIST is not on this machine and could not be fetched. {reason} Install the Debian package {Package}, or put the files " +
            $"{string.Join(", ", Files.Select(file => file.Name + ".gz"))} from {options.Source} into '{options.UserFolder}', then run the command again.");
    }

    private static bool HasAll(string folder) => Files.All(file => FindFile(folder, file) is not null);

    private static string? FindFile(string folder, DataFile file) =>
        new[] { file.Name + ".gz", file.Name }.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static void CheckContents(string folder)
    {
        foreach (var file in Files)
        {
            var path = FindFile(folder, file)!; // HasAll was true.
            if (!IsIntact(path, file))
            {
                throw new DataException(
                    $"'{path}' is not Fashion-MNIST's file: its content's SHA-256 differs from the known one. Remove it; the next run fetches it again.");
            }
        }
    }

    // Reads at most one byte more than the known size, so that a gzip bomb ends early.
    private static bool IsIntact(string path, DataFile file)
    {
        try
        {
            using var stream = File.OpenRead(path);
            using Stream content = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[1 << 16];
            long total = 0;
            int read;
            while ((read = content.Read(buffer)) > 0 && (total += read) <= file.Size)
            {
                hash.AppendData(buffer.AsSpan(0, read));
            }

            return total == file.Size && Convert.ToHexStringLower(hash.GetHashAndReset()) == file.Sha256;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    // Root only: nobody is asked for a password, and nothing is installed behind a user's back.
    private static async Task<bool> TryInstallAsync(IProgress<string>? progress, CancellationToken cancel)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess || !File.Exists("/usr/bin/apt-get"))
        {
            return false;
        }

        progress?.Report($"Installing the Debian package {Package} with apt ...");
        if (await AptAsync(["install", "-y", "-q", "--no-install-recommends", Package], cancel).ConfigureAwait(false))
        {
            return true;
        }

        // A fresh machine has no package lists yet.
        var done = await AptAsync(["update", "-q"], cancel).ConfigureAwait(false)
            && await AptAsync(["install", "-y", "-q", "--no-install-recommends", Package], cancel).ConfigureAwait(false);
        if (!done)
        {
            progress?.Report($"apt could not install {Package}.");
        }

        return done;
    }

    private static async Task<bool> AptAsync(string[] arguments, CancellationToken cancel)
    {
        var start = new ProcessStartInfo("/usr/bin/apt-get", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        try
        {
            using var apt = Process.Start(start)!; // Null only where the shell runs it, which is off.
            apt.StandardInput.Close();
            var output = Task.WhenAll(apt.StandardOutput.ReadToEndAsync(cancel), apt.StandardError.ReadToEndAsync(cancel));
            try
            {
                await output.ConfigureAwait(false);
                await apt.WaitForExitAsync(cancel).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                apt.Kill(entireProcessTree: true);
                throw;
            }

            return apt.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    // Empty when all files are in place, else the reason why not.
    private static async Task<string> TryDownloadAsync(
        FashionMnistOptions options, HttpClient http, IProgress<string>? progress, CancellationToken cancel)
    {
        try
        {
            Directory.CreateDirectory(options.UserFolder);
            foreach (var file in Files.Where(file => FindFile(options.UserFolder, file) is null))
            {
                progress?.Report($"Downloading {file.Name}.gz from {options.Source.Host} ...");
                await DownloadAsync(new Uri(options.Source, file.Name + ".gz"), options.UserFolder, file, http, cancel).ConfigureAwait(false);
            }

            return "";
        }
        catch (Exception error) when (error is HttpRequestException or IOException or UnauthorizedAccessException
            || (error is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return $"The download from {options.Source.Host} failed ({error.Message.TrimEnd('.')}).";
        }
    }

    private static async Task DownloadAsync(Uri source, string folder, DataFile file, HttpClient http, CancellationToken cancel)
    {
        var target = Path.Combine(folder, file.Name + ".gz");
        var part = target + ".part.gz";
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await FetchAsync(source, part, http, cancel).ConfigureAwait(false);
            }
            catch (Exception error) when (attempt < Attempts && error is HttpRequestException or IOException)
            {
                continue; // The next attempt goes on where this one ended.
            }

            if (IsIntact(part, file))
            {
                File.Move(part, target, overwrite: true);
                return;
            }

            File.Delete(part);
            if (attempt >= Attempts)
            {
                throw new HttpRequestException($"the content of {source} has another SHA-256 than the known file");
            }
        }
    }

    private static async Task FetchAsync(Uri source, string part, HttpClient http, CancellationToken cancel)
    {
        await using var target = new FileStream(part, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
        using var request = new HttpRequestMessage(HttpMethod.Get, source);
        if (target.Length > 0)
        {
            request.Headers.Range = new RangeHeaderValue(target.Length, null);
        }

        using var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel).ConfigureAwait(false);
        if (reply.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return; // All of it was there already; the check decides.
        }

        reply.EnsureSuccessStatusCode();
        if (reply.StatusCode == HttpStatusCode.PartialContent)
        {
            target.Seek(0, SeekOrigin.End);
        }
        else
        {
            target.SetLength(0);
        }

        await reply.Content.CopyToAsync(target, cancel).ConfigureAwait(false);
    }

    private sealed record DataFile(string Name, long Size, string Sha256);
}
