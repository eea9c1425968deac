using System.Globalization;

namespace Sightline.Compute.Jobs;

/// <summary>How a machine is reached by SSH. Holds paths of keys, never keys.</summary>
internal sealed record SshAccess
{
    /// <summary>Name or address.</summary>
    public required string Host { get; init; }

    /// <summary>Port. Default 22.</summary>
    public int Port { get; init; } = 22;

    /// <summary>Log-in name.</summary>
    public required string User { get; init; }

    /// <summary>Private keys to try, in this order.</summary>
    public required IReadOnlyList<string> Identities { get; init; }

    /// <summary>Files of known host keys, in the form of OpenSSH. The first is also written to, when a key is accepted.</summary>
    public required IReadOnlyList<string> KnownHosts { get; init; }

    /// <summary>A fingerprint that is accepted for this machine, <c>SHA256:...</c>; null accepts known ones alone.</summary>
    public string? HostKey { get; init; }

    /// <summary>Whether the first key is taken and written down where none is known: for a machine that was just rented. Default false.</summary>
    public bool AcceptsFirst { get; init; }

    /// <summary>How long connecting may take. Default 20 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>What people call it.</summary>
    public string Address => $"ssh:{User}@{Host}{(Port == 22 ? "" : string.Create(CultureInfo.InvariantCulture, $":{Port}"))}";

    /// <summary>Reads <c>[USER@]HOST[:PORT]</c>; an address of IPv6 stands in brackets.</summary>
    /// <exception cref="ComputeException">It is no such address.</exception>
    public static (string User, string Host, int Port) Parse(string text)
    {
        var at = text.LastIndexOf('@');
        var user = at >= 0 ? text[..at] : Environment.UserName;
        var rest = text[(at + 1)..];
        var colon = rest.EndsWith(']') || rest.Count(letter => letter == ':') > 1 && !rest.StartsWith('[') ? -1 : rest.LastIndexOf(':');
        var host = (colon >= 0 ? rest[..colon] : rest).Trim('[', ']');
        var port = 22;
        if (host.Length == 0 || user.Length == 0 || host[0] == '-' || host.Any(char.IsWhiteSpace)
            || (colon >= 0 && (!int.TryParse(rest[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)))
        {
            throw new ComputeException(ComputeTrouble.Usage, $"'{text}' is no SSH address; it must be [USER@]HOST[:PORT], with a port of 1 to 65535. Pass for example ssh:me@gpu1:2222.");
        }

        return (user, host, port);
    }
}
