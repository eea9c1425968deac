namespace Sightline.Compute.Jobs;

/// <summary>How a host is reached, besides its name.</summary>
internal sealed record HostAccess
{
    /// <summary>Private key files to try before the usual ones.</summary>
    public IReadOnlyList<string> Identities { get; init; } = [];

    /// <summary>Files of known host keys; the first takes accepted ones.</summary>
    public IReadOnlyList<string> KnownHosts { get; init; } = [];

    /// <summary>An accepted fingerprint; null for known ones alone.</summary>
    public string? HostKey { get; init; }

    /// <summary>Whether the first key of a machine that was just rented is taken and then held to; there is nothing to compare it with.</summary>
    public bool AcceptsFirst { get; init; }

    /// <summary>Sightline's folder on the host; null takes one below the home folder.</summary>
    public string? Root { get; init; }
}

/// <summary>From the text of <c>--on</c> to a host: <c>local</c>, <c>ssh:[USER@]HOST[:PORT]</c>, <c>slurm[:PARTITION]</c>, <c>slurm+ssh:[USER@]HOST[:PORT][/PARTITION]</c>.</summary>
internal static class JobHosts
{
    private const string Ssh = "ssh:";
    private const string Slurm = "slurm";
    private const string SlurmBySsh = "slurm+ssh:";

    /// <summary>Whether the text names a host and not an offer.</summary>
    public static bool IsHost(string text) => text is "local" or Slurm || text.StartsWith(Ssh, StringComparison.Ordinal)
        || text.StartsWith(Slurm + ":", StringComparison.Ordinal) || text.StartsWith(SlurmBySsh, StringComparison.Ordinal);

    /// <summary>Whether folders of this machine are seen there.</summary>
    public static bool IsLocal(string text) => text is "local" or Slurm || text.StartsWith(Slurm + ":", StringComparison.Ordinal);

    /// <summary>The partition in the text; null where there is none.</summary>
    public static string? Partition(string text) => text.StartsWith(SlurmBySsh, StringComparison.Ordinal)
        ? text.Split('/') is [_, var last] && last.Length > 0 ? last : null
        : text.StartsWith(Slurm + ":", StringComparison.Ordinal) ? text[(Slurm.Length + 1)..] : null;

    /// <summary>Opens the host; nothing is asked of it yet.</summary>
    /// <exception cref="ComputeException">The text names no host.</exception>
    public static IJobHost Open(string text, HostAccess access, TimeProvider time)
    {
        if (text == "local")
        {
            return new LocalHost(access.Root, time);
        }

        if (text.StartsWith(SlurmBySsh, StringComparison.Ordinal))
        {
            return new SlurmHost(new SshShell(Reach(text[SlurmBySsh.Length..].Split('/')[0], access)), access.Root ?? ShellHost.DefaultRoot, isLocal: false, time);
        }

        if (text == Slurm || text.StartsWith(Slurm + ":", StringComparison.Ordinal))
        {
            return new SlurmHost(new LocalShell(), access.Root ?? ShellHost.DefaultRoot, isLocal: true, time);
        }

        return text.StartsWith(Ssh, StringComparison.Ordinal)
            ? new SshHost(Reach(text[Ssh.Length..], access), access.Root, time)
            : throw new ComputeException(
                ComputeTrouble.Usage,
                $"'{text}' is no host for a job; there are local, ssh:[USER@]HOST[:PORT], slurm[:PARTITION], slurm+ssh:[USER@]HOST[:PORT][/PARTITION], an offer as PROVIDER/INSTANCE, and auto. 'sightline gpu offers' shows offers.");
    }

    private static SshAccess Reach(string text, HostAccess access)
    {
        var (user, host, port) = SshAccess.Parse(text);
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var usual = new[] { "id_ed25519", "id_ecdsa", "id_rsa" }.Select(name => Path.Combine(home, ".ssh", name)).Where(File.Exists);
        return new SshAccess
        {
            Host = host,
            Port = port,
            User = user,
            Identities = access.Identities.Count > 0 ? access.Identities : [.. usual],
            KnownHosts = [.. access.KnownHosts, Path.Combine(home, ".ssh", "known_hosts"), "/etc/ssh/ssh_known_hosts"],
            HostKey = access.HostKey,
            AcceptsFirst = access.AcceptsFirst,
        };
    }
}
