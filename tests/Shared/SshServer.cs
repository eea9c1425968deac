using System.Globalization;

namespace Sightline.Tests.Shared;

/// <summary>
/// A real <c>sshd</c> on loopback with its own host key, its own log-in key and an unprivileged port; runs as whoever runs the test. Homes and
/// state lie in a temporary folder, so nothing of the user's is touched.
/// </summary>
internal sealed class SshServer : IDisposable
{
    private const string Program = "/usr/sbin/sshd";

    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-sshd-").FullName;
    private ServerProcess _server;
    private bool _isStopped;

    /// <param name="environment">Variables that every command on the machine gets.</param>
    public SshServer(IReadOnlyDictionary<string, string>? environment = null)
    {
        Directory.CreateDirectory(Home);
        MakeKey("host");
        MakeKey("login");
        if (Environment.IsPrivilegedProcess)
        {
            Directory.CreateDirectory("/run/sshd"); // sshd separates its privileges there and does not start without.
        }

        Port = ServerProcess.FreePort();
        var variables = new Dictionary<string, string>(environment ?? new Dictionary<string, string>()) { ["HOME"] = Home };
        File.WriteAllText(At("sshd_config"), $"""
            Port {Port.ToString(CultureInfo.InvariantCulture)}
            ListenAddress 127.0.0.1
            HostKey {At("host")}
            PidFile none
            AuthorizedKeysFile {At("login.pub")}
            AuthenticationMethods publickey
            PermitRootLogin yes
            StrictModes no
            UsePAM no
            UseDNS no
            LogLevel VERBOSE
            MaxStartups 100
            SetEnv {string.Join(' ', variables.Select(pair => $"\"{pair.Key}={pair.Value}\""))}
            """ + "\n");
        _server = Start();
        WriteKnownHosts();
    }

    /// <summary>Why there can be no server here, or null.</summary>
    public static string? Absent => !File.Exists(Program) ? "sshd is not installed (package openssh-server)."
        : !File.Exists("/usr/bin/ssh-keygen") ? "ssh-keygen is not installed (package openssh-client)."
        : null;

    public int Port { get; }

    public string User { get; } = Environment.UserName;

    /// <summary>The log-in key's file.</summary>
    public string Identity => At("login");

    /// <summary>A known_hosts file with this server's key.</summary>
    public string KnownHosts => At("known_hosts");

    /// <summary>The home folder on the machine.</summary>
    public string Home => At("home");

    /// <summary><c>USER@127.0.0.1:PORT</c>.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"{User}@127.0.0.1:{Port}");

    /// <summary>The host key's fingerprint as OpenSSH shows it.</summary>
    public string Fingerprint => ServerProcess.Run("/usr/bin/ssh-keygen", null, "-lf", At("host.pub")).Split(' ')[1];

    /// <summary>What sshd logged.</summary>
    public string Log => _server.Output;

    public string At(string name) => Path.Combine(_folder, name);

    /// <summary>Cuts all connections as a broken line would; the server and what runs on the machine go on.</summary>
    /// <returns>How many were cut.</returns>
    public int CutConnections()
    {
        // The children of the listening process, one for each connection, and theirs, which serve it. What these started is not touched.
        var sessions = Children(_server.Id).SelectMany(child => Children(child).Prepend(child)).Where(IsSshd).ToArray();
        foreach (var session in sessions)
        {
            Signal(session, 9);
        }

        return sessions.Length;
    }

    /// <summary>Stops the server and cuts all connections: the machine cannot be reached.</summary>
    public void Stop()
    {
        if (_isStopped)
        {
            return;
        }

        _isStopped = true;
        var sessions = Children(_server.Id).SelectMany(child => Children(child).Prepend(child)).Where(IsSshd).ToArray();
        _server.Dispose();
        foreach (var session in sessions)
        {
            Signal(session, 9);
        }
    }

    /// <summary>Starts it again at the same port.</summary>
    public void Restart() => (_server, _isStopped) = (Start(), false);

    /// <summary>Gives the machine another host key, as an impostor would have.</summary>
    public void ChangeHostKey()
    {
        Stop();
        File.Delete(At("host"));
        File.Delete(At("host.pub"));
        MakeKey("host");
        Restart();
    }

    /// <summary>A folder of the machine is gone after the test.</summary>
    public void Dispose()
    {
        Stop();
        Directory.Delete(_folder, recursive: true);
    }

    private void WriteKnownHosts() =>
        File.WriteAllText(KnownHosts, string.Create(CultureInfo.InvariantCulture, $"[127.0.0.1]:{Port} {string.Join(' ', File.ReadAllText(At("host.pub")).Split(' ')[..2])}\n"));

    private void MakeKey(string name) => ServerProcess.Run("/usr/bin/ssh-keygen", null, "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", At(name));

    private ServerProcess Start()
    {
        var server = ServerProcess.Start(Program, null, "-D", "-e", "-f", At("sshd_config"));
        ServerProcess.Wait(() => server.HasExited || ServerProcess.Listens(Port), "sshd listens");
        return !server.HasExited ? server : throw new InvalidOperationException($"sshd did not start: {server.Output}");
    }

    private static IEnumerable<int> Children(int process)
    {
        var file = $"/proc/{process}/task/{process}/children";
        try
        {
            return [.. File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return []; // It has ended meanwhile.
        }
    }

    private static bool IsSshd(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/comm").StartsWith("sshd", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void Signal(int process, int signal)
    {
        try
        {
            ServerProcess.Run("/bin/kill", null, $"-{signal}", process.ToString(CultureInfo.InvariantCulture));
        }
        catch (InvalidOperationException)
        {
            // It has ended meanwhile.
        }
    }
}
