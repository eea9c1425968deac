using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sightline.Tests.Servers;

/// <summary>A real PostgreSQL server on a loopback port, with its data in a temporary folder. As root it runs as nobody, since it refuses root.</summary>
internal sealed class PostgresServer : IDisposable
{
    private static readonly string? _bin = new[] { "/usr/local/bin" }
        .Concat(Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Select(folder => Path.Combine(folder, "bin")).OrderDescending() : [])
        .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));

    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-postgres-").FullName;
    private readonly int _port;
    private readonly bool _isDurable;
    private Process? _server;

    /// <summary>Starts it.</summary>
    /// <param name="isDurable">Whether commits wait for the disk, as in earnest; tests need not.</param>
    public PostgresServer(bool isDurable = false)
    {
        if (IsRoot)
        {
            Run("chown", "nobody", _folder);
        }

        Wait(Start("initdb", "-D", Data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"));
        (_port, _isDurable) = (FreePort(), isDurable);
        Place = string.Create(CultureInfo.InvariantCulture, $"postgresql://postgres@127.0.0.1:{_port}/postgres");
        Restart();
    }

    /// <summary>Why there can be no server here, or null.</summary>
    public static string? Absent => OperatingSystem.IsWindows() || _bin is null ? "PostgreSQL is not installed (package postgresql)." : null;

    /// <summary>Its address, as --store takes it. The database is empty at first.</summary>
    public string Place { get; }

    private static bool IsRoot => Environment.UserName == "root";

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Kills it without a warning (SIGKILL), as a machine that loses its power does.</summary>
    public void Crash()
    {
        _server?.Kill();
        _server?.WaitForExit();
        _server?.Dispose();
        _server = null;
    }

    /// <summary>Starts it, again perhaps, with the data it has and at the same address; waits until it listens.</summary>
    public void Restart()
    {
        var patience = Stopwatch.StartNew();
        while (_server is null || !Listens(_port))
        {
            if (patience.Elapsed > TimeSpan.FromMinutes(2))
            {
                throw new InvalidOperationException("The PostgreSQL server did not start.");
            }

            // After a crash it refuses to start until the last process of the one before has gone.
            _server = _server is null or { HasExited: true } ? Start("postgres", "-D", Data, "-k", _folder, "-c", "listen_addresses=127.0.0.1",
                "-p", _port.ToString(CultureInfo.InvariantCulture), "-c", _isDurable ? "fsync=on" : "fsync=off", "-c", "max_connections=300") : _server;
            Thread.Sleep(50);
        }
    }

    public void Dispose()
    {
        if (_server is { HasExited: false } server)
        {
            Run("kill", "-INT", server.Id.ToString(CultureInfo.InvariantCulture)); // Fast shutdown: connections are closed.
            if (!server.WaitForExit(TimeSpan.FromSeconds(20)))
            {
                server.Kill(entireProcessTree: true);
            }
        }

        _server?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static Process Start(string program, params string[] arguments)
    {
        var path = Path.Combine(_bin!, program); // Absent was asked before.
        var start = IsRoot ? new ProcessStartInfo("setpriv", ["--reuid=nobody", "--regid=nogroup", "--clear-groups", path, .. arguments]) : new ProcessStartInfo(path, arguments);
        (start.RedirectStandardOutput, start.RedirectStandardError, start.WorkingDirectory) = (true, true, "/");
        var process = Process.Start(start)!; // Null only where the shell runs it, which is off.
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static void Run(string program, params string[] arguments) => Wait(Process.Start(program, arguments));

    private static void Wait(Process process)
    {
        using (process)
        {
            if (!process.WaitForExit(TimeSpan.FromMinutes(2)) || process.ExitCode != 0)
            {
                throw new InvalidOperationException($"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)} failed.");
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static bool Listens(int port)
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
