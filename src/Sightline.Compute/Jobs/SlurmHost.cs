using System.Globalization;
using System.Text;

namespace Sightline.Compute.Jobs;

/// <summary>
/// Jobs on a Slurm cluster, through <c>sbatch</c>, <c>squeue</c> and <c>scancel</c> on this machine or on a login node by SSH; no slurmdbd is
/// needed. The folder of the jobs must be on a disk that all nodes share.
/// </summary>
/// <param name="shell">Where the cluster's programs are.</param>
/// <param name="root">Sightline's folder on the shared disk.</param>
/// <param name="isLocal">Whether the shell is this machine, so that folders need not be copied.</param>
/// <param name="time">Clock.</param>
internal sealed class SlurmHost(IShell shell, string root, bool isLocal, TimeProvider time) : ShellHost(shell, root, time)
{
    // scancel ends with the low byte of Slurm's error: ESLURM_INVALID_JOB_ID 2017, ESLURM_ALREADY_DONE 2021 (slurm/slurm_errno.h).
    private static readonly int[] _ended = [2017 & 0xFF, 2021 & 0xFF];

    // A node's clock may differ from the login node's, and a shared disk shows a change late.
    private static readonly TimeSpan _freshHeartbeat = TimeSpan.FromMinutes(2);

    // After its end a job may be seen here before the shared disk shows its exit code.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, DateTimeOffset> _endedSince = new(StringComparer.Ordinal);

    public override string Address => $"slurm ({base.Address})";

    public override Task<string> PutFolderAsync(FolderPack pack, IProgress<UploadProgress>? progress, CancellationToken cancellationToken) =>
        isLocal && pack.LocalPath is { } path ? Task.FromResult(path) : base.PutFolderAsync(pack, progress, cancellationToken);

    public override async Task StartAsync(JobSpec job, CancellationToken cancellationToken)
    {
        if (await NumberAsync(job.Id, cancellationToken).ConfigureAwait(false) is { } running && (await QueueAsync(running, cancellationToken).ConfigureAwait(false))?.Any(task => !task.IsOver) == true)
        {
            return;
        }

        await PutScriptsAsync(job, cancellationToken).ConfigureAwait(false);
        await PutFileAsync(job.Id, "batch", new MemoryStream(Encoding.UTF8.GetBytes(BatchScript(job))), cancellationToken).ConfigureAwait(false);
        var sent = await RequireAsync("slurm", "give the job to Slurm", ["sh", "-c", SubmitLine(job.Id)], null, null, cancellationToken).ConfigureAwait(false);
        _ = Parse(sent.Output);
    }

    public override async Task StopAsync(string job, TimeSpan grace, CancellationToken cancellationToken)
    {
        if (await NumberAsync(job, cancellationToken).ConfigureAwait(false) is not { } number)
        {
            return;
        }

        await RequireAsync("mark", "stop the job", [job], null, null, cancellationToken).ConfigureAwait(false);
        // Tasks that wait leave at once; those that run get the signal and the grace, on the login node, for this command may end before.
        var seconds = Text((long)Math.Ceiling(grace.TotalSeconds));
        var asked = await VerbAsync(
            "slurm",
            ["sh", "-c", $"scancel --state=PENDING {number}; scancel --batch --signal=TERM {number} && {{ setsid sh -c 'sleep {seconds}; scancel {number}' </dev/null >/dev/null 2>&1 & }}"],
            null, null, cancellationToken).ConfigureAwait(false);
        // scancel also fails where the job has ended meanwhile, or never ran, and does not always say so in words.
        var hasEnded = _ended.Contains(asked.ExitCode)
            || asked.Error.Contains("Invalid job id", StringComparison.OrdinalIgnoreCase) || asked.Error.Contains("already complet", StringComparison.OrdinalIgnoreCase);
        if (asked.ExitCode != 0 && !hasEnded)
        {
            throw Failed("stop the job", asked);
        }
    }

    protected override async Task<JobStatus> AskAsync(string job, CancellationToken cancellationToken)
    {
        var asked = await VerbAsync("status", [job], null, null, cancellationToken).ConfigureAwait(false);
        if (asked.ExitCode != 0)
        {
            return Vanished(job);
        }

        var parts = asked.Output.Split("task=");
        var values = Values(parts[0]);
        if (!values.TryGetValue("slurm", out var number))
        {
            return new JobStatus { State = JobState.Failed, Message = "it was never given to Slurm" };
        }

        var queue = await QueueAsync(number, cancellationToken).ConfigureAwait(false);
        var tasks = parts.Skip(1).Select(Values).Zip(parts.Skip(1)).ToDictionary(
            pair => int.Parse(pair.Second.Split('\n')[0], CultureInfo.InvariantCulture), pair => pair.First);
        var isArray = tasks.Count > 0 || queue?.Any(task => task.Array is not null) == true;
        if (!isArray)
        {
            return Judge(job, values, queue, queue?.FirstOrDefault());
        }

        var numbers = tasks.Keys.Concat(queue?.Select(task => task.Array).OfType<int>() ?? []).Distinct().Order();
        var each = numbers.ToDictionary(task => task, task => Judge(
            $"{job}/{task}", Joined(values, tasks.GetValueOrDefault(task)), queue, queue?.FirstOrDefault(entry => entry.Array == task) ?? queue?.FirstOrDefault(entry => entry.Array is null && !entry.IsOver)));
        return Together(each);
    }

    /// <summary>The batch script; it only runs the supervisor.</summary>
    internal static string BatchScript(JobSpec job)
    {
        var options = job.Slurm;
        var lines = new List<string>
        {
            $"--job-name=sightline-{job.Id}",
            "--open-mode=append",
            "--requeue",
            $"--signal=B:USR1@{Text((long)options.Warning.TotalSeconds)}",
        };
        Add(options.Partition is { } partition ? $"--partition={partition}" : null);
        Add(options.TimeLimit is { } limit ? $"--time={Text((long)Math.Ceiling(limit.TotalMinutes))}" : null);
        Add(options.Gpus is { } gpus ? $"--gpus={gpus}" : null);
        Add(options.Cpus is { } cpus ? $"--cpus-per-task={Text(cpus)}" : null);
        Add(options.ArrayTasks is { } tasks ? $"--array=0-{Text(tasks - 1)}" : null);
        lines.AddRange(options.More);
        foreach (var line in lines)
        {
            if (line.Any(char.IsControl) || !line.StartsWith('-'))
            {
                throw new ComputeException(ComputeTrouble.Usage, $"'{line}' is no option of sbatch; such an option begins with '-' and is one line. Correct it.");
            }
        }

        return $"#!/bin/sh\n{string.Concat(lines.Select(line => $"#SBATCH {line}\n"))}exec sh \"$SIGHTLINE_HOST\" supervise {Quote(job.Id)}\n";

        void Add(string? line)
        {
            if (line is not null)
            {
                lines.Add(line);
            }
        }
    }

    // The job's number is written before this command's connection can break. The supervisor's path goes by the environment: the batch
    // script is copied by Slurm and does not know where it was.
    private static string SubmitLine(string job) =>
        $"cd jobs/{job} && rm -f exit cause heartbeat process supervisor restarts stop && mkdir -p tasks && rm -rf tasks && " +
        $"SIGHTLINE_HOST=$(ls -t \"$PWD\"/../../bin/host-*.sh | head -n 1) sbatch --parsable --export=ALL --output=\"$PWD/slurm.log\" batch | cut -d ';' -f 1 > slurm.tmp && [ -s slurm.tmp ] && mv slurm.tmp slurm && cat slurm";

    private static Dictionary<string, string> Joined(Dictionary<string, string> job, Dictionary<string, string>? task)
    {
        var joined = new Dictionary<string, string>(task ?? [], StringComparer.Ordinal) { ["now"] = job["now"] };
        return joined;
    }

    private static JobStatus Together(Dictionary<int, JobStatus> tasks)
    {
        var states = tasks.Values.Select(task => task.State).ToHashSet();
        var state = states.Contains(JobState.Running) ? JobState.Running
            : states.Contains(JobState.Unknown) ? JobState.Unknown
            : states.Contains(JobState.Queued) ? JobState.Queued
            : states.Contains(JobState.Failed) ? JobState.Failed
            : states.Contains(JobState.Stopped) ? JobState.Stopped
            : JobState.Done;
        var counts = tasks.Values.GroupBy(task => task.State).OrderBy(group => group.Key).Select(group => $"{group.Count()} {group.Key.ToString().ToLowerInvariant()}");
        return new JobStatus { State = state, Tasks = tasks, Message = $"{tasks.Count} tasks: {string.Join(", ", counts)}" };
    }

    // The exit code decides; while there is none, Slurm's word; where Slurm does not answer, the heartbeat.
    private JobStatus Judge(string job, IReadOnlyDictionary<string, string> values, IReadOnlyList<QueueEntry>? queue, QueueEntry? entry)
    {
        var seen = Read(values);
        if (values.ContainsKey("exit") && (entry is null || entry.IsOver || entry.State is "COMPLETING" or "RUNNING"))
        {
            return seen;
        }

        if (queue is null)
        {
            return seen.HeartbeatAge < _freshHeartbeat
                ? seen with { State = JobState.Running, Message = "Slurm does not answer; the job's heartbeat is fresh" }
                : throw new HostLostException($"Slurm does not answer on {base.Address}, and the job's last heartbeat is {(seen.HeartbeatAge is { } age ? $"{age.TotalSeconds:0} s" : "not there")} old.");
        }

        switch (entry?.State)
        {
            case "RUNNING" or "COMPLETING" or "SUSPENDED" or "STOPPED" or "SIGNALING" or "STAGE_OUT" or "RESIZING":
                return seen with { State = JobState.Running, ExitCode = null, Message = entry.State == "SUSPENDED" ? "suspended by Slurm" : "" };
            case "PENDING" or "CONFIGURING" or "REQUEUED" or "REQUEUE_HOLD" or "REQUEUE_FED" or "SPECIAL_EXIT" or "RESV_DEL_HOLD":
                return seen with { State = JobState.Queued, ExitCode = null, Message = $"waits: {entry.Reason}{(seen.Restarts > 0 ? $" (goes on for the {seen.Restarts + 1}. time)" : "")}" };
            default:
                break;
        }

        var since = _endedSince.TryGetValue(job, out var first) ? first : _endedSince[job] = Time.GetUtcNow();
        if (entry is { State: "COMPLETED" or "FAILED" } && Time.GetUtcNow() - since < _patience)
        {
            return seen with { State = JobState.Running, Message = "it has ended; its exit code is on the way" };
        }

        return entry?.State switch
        {
            "CANCELLED" => seen with { State = JobState.Stopped, Message = "cancelled before it left a checkpoint, or while it waited" },
            "TIMEOUT" => seen with { State = JobState.Failed, Message = "ended by the time limit before its checkpoint was written; give it a longer warning" },
            "OUT_OF_MEMORY" => seen with { State = JobState.Failed, Message = "ended by Slurm because its memory was used up" },
            "NODE_FAIL" or "BOOT_FAIL" or "PREEMPTED" => seen with { State = JobState.Failed, Message = $"its node was lost ({entry.State})" },
            { } state => seen with { State = JobState.Failed, Message = $"Slurm says {state} ({entry!.Reason}), and there is no exit code" },
            null => seen with { State = JobState.Failed, Message = "Slurm does not know it any more, and there is no exit code" },
        };
    }

    private async Task<string?> NumberAsync(string job, CancellationToken cancellationToken)
    {
        var asked = await VerbAsync("status", [job], null, null, cancellationToken).ConfigureAwait(false);
        return asked.ExitCode == 0 ? Values(asked.Output.Split("task=")[0]).GetValueOrDefault("slurm") : null;
    }

    // Null: Slurm does not answer. Empty: it does not know the job any more (MinJobAge, 5 minutes by default).
    private async Task<IReadOnlyList<QueueEntry>?> QueueAsync(string number, CancellationToken cancellationToken)
    {
        var asked = await VerbAsync("slurm", ["squeue", "--noheader", "--all", "--states=all", "--array", "--jobs", number, "--format=%K|%T|%r"], null, null, cancellationToken).ConfigureAwait(false);
        if (asked.ExitCode != 0)
        {
            return asked.Error.Contains("Invalid job id", StringComparison.OrdinalIgnoreCase) ? [] : null;
        }

        return [.. asked.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim().Split('|')).Where(parts => parts.Length == 3).Select(parts => new QueueEntry(
            int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var task) ? task : null, parts[1], parts[2]))];
    }

    private sealed record QueueEntry(int? Array, string State, string Reason)
    {
        public bool IsOver => State is "COMPLETED" or "CANCELLED" or "FAILED" or "TIMEOUT" or "OUT_OF_MEMORY" or "NODE_FAIL" or "BOOT_FAIL" or "PREEMPTED" or "DEADLINE" or "REVOKED";
    }
}
