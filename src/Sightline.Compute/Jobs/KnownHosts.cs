using System.Security.Cryptography;
using System.Text;

namespace Sightline.Compute.Jobs;

/// <summary>Reads and writes files of known host keys in the form of OpenSSH (<c>man sshd</c>, SSH_KNOWN_HOSTS FILE FORMAT).</summary>
internal static class KnownHosts
{
    /// <summary>What the files say about a host's key.</summary>
    internal enum Verdict
    {
        /// <summary>Nothing is known of this host.</summary>
        Unknown,
        /// <summary>The key is the known one.</summary>
        Known,
        /// <summary>Another key of the host is known.</summary>
        Changed,
        /// <summary>The key is marked as not to be trusted any more.</summary>
        Revoked,
    }

    /// <summary>Compares a key with the files.</summary>
    /// <param name="files">Files; those that are not there count as empty.</param>
    /// <param name="type">Type of the key, such as <c>ssh-ed25519</c>.</param>
    /// <param name="key">The key as the host sent it.</param>
    /// <returns>The verdict, and where the line that decided stands.</returns>
    public static (Verdict Verdict, string Where) Check(IEnumerable<string> files, string host, int port, string type, ReadOnlySpan<byte> key)
    {
        var name = Name(host, port);
        var text = Convert.ToBase64String(key);
        var found = (Verdict: Verdict.Unknown, Where: "");
        foreach (var (line, where) in Lines(files))
        {
            if (!Names(line.Hosts, name))
            {
                continue;
            }

            var isSame = line.Key == text;
            if (isSame && line.Marker == "@revoked")
            {
                return (Verdict.Revoked, where);
            }

            // Certificates of authorities are another way to trust, which this reader does not know.
            if (line.Marker.Length > 0)
            {
                continue;
            }

            found = isSame ? (Verdict.Known, where)
                : found.Verdict == Verdict.Unknown ? (Verdict.Changed, where)
                : found;
        }

        return found;
    }

    /// <summary>Types of the keys that are known of a host, so that it is asked for one of these.</summary>
    public static IReadOnlyList<string> Types(IEnumerable<string> files, string host, int port)
    {
        var name = Name(host, port);
        return [.. Lines(files).Where(line => line.Line.Marker.Length == 0 && Names(line.Line.Hosts, name)).Select(line => line.Line.Type).Distinct()];
    }

    /// <summary>Adds a key. The file is for the owner alone.</summary>
    public static void Add(string file, string host, int port, string type, ReadOnlySpan<byte> key)
    {
        PrivateFiles.MakeFolder(Path.GetDirectoryName(Path.GetFullPath(file))!); // A file has a folder.
        var line = $"{Name(host, port)} {type} {Convert.ToBase64String(key)}\n";
        using var stream = PrivateFiles.OpenAppend(file);
        stream.Write(Encoding.ASCII.GetBytes(line));
    }

    /// <summary>The fingerprint that OpenSSH shows.</summary>
    public static string Fingerprint(ReadOnlySpan<byte> key) => $"SHA256:{Convert.ToBase64String(SHA256.HashData(key)).TrimEnd('=')}";

    private static string Name(string host, int port) => port == 22 ? host.ToLowerInvariant() : $"[{host.ToLowerInvariant()}]:{port}";

    private static IEnumerable<((string Marker, string Hosts, string Type, string Key) Line, string Where)> Lines(IEnumerable<string> files)
    {
        foreach (var file in files.Where(File.Exists))
        {
            foreach (var (index, line) in File.ReadLines(file).Index())
            {
                var parts = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
                var marker = parts is [['@', ..], ..] ? parts[0] : "";
                var rest = marker.Length > 0 ? parts[1..] : parts;
                if (rest is [var hosts, var type, var key, ..] && hosts[0] != '#')
                {
                    yield return ((marker, hosts, type, key), $"{file}:{index + 1}");
                }
            }
        }
    }

    private static bool Names(string hosts, string name)
    {
        if (hosts.StartsWith("|1|", StringComparison.Ordinal))
        {
            return hosts.Split('|') is [_, _, var salt, var hash] && IsHash(salt, hash, name);
        }

        var matches = false;
        foreach (var pattern in hosts.ToLowerInvariant().Split(','))
        {
            if (pattern.StartsWith('!') && Matches(pattern.AsSpan(1), name))
            {
                return false;
            }

            matches |= Matches(pattern, name);
        }

        return matches;
    }

    private static bool IsHash(string salt, string hash, string name)
    {
        try
        {
#pragma warning disable CA5350 // The file's form prescribes HMAC-SHA1; it only hides the host's name.
            return CryptographicOperations.FixedTimeEquals(HMACSHA1.HashData(Convert.FromBase64String(salt), Encoding.UTF8.GetBytes(name)), Convert.FromBase64String(hash));
#pragma warning restore CA5350
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name) => pattern is []
        ? name is []
        : pattern[0] == '*'
            ? Matches(pattern[1..], name) || (name is not [] && Matches(pattern, name[1..]))
            : name is not [] && (pattern[0] == '?' || pattern[0] == name[0]) && Matches(pattern[1..], name[1..]);
}
