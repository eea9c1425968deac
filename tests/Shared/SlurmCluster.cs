using System.Globalization;
using System.Net;
using System.Security.Cryptography;

namespace Sightline.Tests.Shared;

/// <summary>
/// A real Slurm cluster on this machine: munged with its own key and socket, slurmctld, and two slurmd with one processor each. Programs find
/// it by <see cref="Environment"/>. State lies in a temporary folder. Needs no slurmdbd.
/// </summary>
internal sealed class SlurmCluster : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-slurm-").FullName;
    private readonly List<ServerProcess> _servers = [];

    public SlurmCluster()
    {
        var (control, first, second) = (ServerProcess.FreePort(), ServerProcess.FreePort(), ServerProcess.FreePort());
        Environment = new Dictionary<string, string> { ["SLURM_CONF"] = At("slurm.conf") };
        using (var key = new FileStream(At("munge.key"), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            key.Write(RandomNumberGenerator.GetBytes(128));
        }

        File.WriteAllText(At("slurm.conf"), Configuration(control, first, second));
        foreach (var folder in new[] { "state", "spool/n1", "spool/n2" })
        {
            Directory.CreateDirectory(At(folder));
        }

        try
        {
            // --force: the socket's folder is below a temporary one, which munged thinks others could change.
            _servers.Add(ServerProcess.Start(
                "/usr/sbin/munged", null, "--foreground", "--force", $"--key-file={At("munge.key")}", $"--socket={At("munge.socket")}", $"--pid-file={At("munged.pid")}",
                $"--log-file={At("munged.log")}", $"--seed-file={At("munged.seed")}", "--num-threads=2"));
            ServerProcess.Wait(() => File.Exists(At("munge.socket")), "munged listens");
            _servers.Add(ServerProcess.Start("/usr/sbin/slurmctld", Environment, "-D", "-c", "-f", At("slurm.conf")));
            ServerProcess.Wait(() => ServerProcess.Listens(control), "slurmctld listens");
            _servers.Add(ServerProcess.Start("/usr/sbin/slurmd", Environment, "-D", "-f", At("slurm.conf"), "-N", "n1"));
            _servers.Add(ServerProcess.Start("/usr/sbin/slurmd", Environment, "-D", "-f", At("slurm.conf"), "-N", "n2"));
            ServerProcess.Wait(() => Run("sinfo", "-h", "-N", "-o", "%T").Split('\n', StringSplitOptions.RemoveEmptyEntries) is ["idle", "idle"], "both nodes are idle");
        }
        catch (Exception error) when (error is TimeoutException or InvalidOperationException)
        {
            var log = string.Concat(_servers.Select(server => server.Output));
            Dispose();
            throw new InvalidOperationException($"The Slurm cluster did not start: {error.Message}\n{log}", error);
        }
    }

    /// <summary>Why there can be no cluster here, or null.</summary>
    public static string? Absent => new[] { "/usr/sbin/munged", "/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/bin/sbatch" }.FirstOrDefault(program => !File.Exists(program)) is { } missing
        ? $"{missing} is not installed (packages slurm-wlm and munge)."
        : null;

    /// <summary>The variables by which Slurm's programs find this cluster.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>A folder that the whole cluster sees.</summary>
    public string Folder => At("shared");

    public string At(string name) => Path.Combine(_folder, name);

    /// <summary>Runs one of Slurm's programs and returns its output.</summary>
    public string Run(string program, params string[] arguments) => ServerProcess.Run($"/usr/bin/{program}", Environment, arguments);

    public void Dispose()
    {
        try
        {
            // Jobs first: their processes would outlive the cluster.
            Run("scancel", "--full", "--signal=KILL", "--user", System.Environment.UserName);
            Run("scancel", "--user", System.Environment.UserName);
            ServerProcess.Wait(() => Run("squeue", "-h").Length == 0, "the jobs have ended", TimeSpan.FromSeconds(20));
        }
        catch (Exception error) when (error is InvalidOperationException or TimeoutException)
        {
            // The cluster did not come up, or a job does not end; its folder goes all the same.
        }

        foreach (var server in Enumerable.Reverse(_servers))
        {
            server.Dispose();
        }

        for (var tries = 0; ; tries++)
        {
            try
            {
                Directory.Delete(_folder, recursive: true);
                return;
            }
            catch (IOException) when (tries < 50)
            {
                Thread.Sleep(100); // A job's last step still writes.
            }
        }
    }

    private string Configuration(int control, int first, int second)
    {
        var host = Dns.GetHostName().Split('.')[0];
        var user = System.Environment.UserName;
        Directory.CreateDirectory(Folder);
        return string.Create(CultureInfo.InvariantCulture, $"""
            ClusterName=test
            SlurmctldHost={host}(127.0.0.1)
            SlurmctldPort={control}
            SlurmUser={user}
            SlurmdUser={user}
            AuthType=auth/munge
            AuthInfo=socket={At("munge.socket")}
            CredType=cred/munge
            StateSaveLocation={At("state")}
            SlurmdSpoolDir={At("spool")}/%n
            SlurmctldPidFile={At("slurmctld.pid")}
            SlurmdPidFile={At("slurmd")}.%n.pid
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            JobAcctGatherType=jobacct_gather/none
            AccountingStorageType=accounting_storage/none
            SelectType=select/cons_tres
            SelectTypeParameters=CR_Core
            SwitchType=switch/none
            MpiDefault=none
            ReturnToService=2
            KillWait=5
            SchedulerParameters=sched_min_interval=0,batch_sched_delay=0,sched_interval=1,bf_interval=1
            NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={first} CPUs=1 RealMemory=1
            NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={second} CPUs=1 RealMemory=1
            PartitionName=main Nodes=n1,n2 Default=YES MaxTime=60 DefaultTime=10 State=UP
            """) + "\n";
    }
}
