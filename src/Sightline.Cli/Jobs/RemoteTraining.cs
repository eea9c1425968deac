using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Output;
using Sightline.Cli.Progress;
using Sightline.Cli.Settings;
using Sightline.Compute;
using Sightline.Compute.Jobs;
using Sightline.Data;
using Sightline.Runs;
using Sightline.Training;

namespace Sightline.Cli.Jobs;

/// <summary><c>train --on HOST</c>: sends program and data, starts the training there, follows it, and leaves the same run folder as a training here.</summary>
internal sealed class RemoteTraining(Invocation invocation, OnArguments on, string runs, ProgressMode mode)
{
    private const long SizeWarning = 20L << 30;
    private const int LogLines = 15;

    /// <summary>Cancelled by Ctrl-C.</summary>
    public CancellationToken Stop { get; } = invocation.Interrupts.StopSaying("Stopping; what was sent stays on the host.");

    /// <summary>Starts a run on a host and follows it.</summary>
    public ExitCode Start(TrainSource.Choice choice, string? name, string target)
    {
        var folder = NewFolder(name, choice.Options.Model);
        var access = on.Access(invocation.Arguments);
        using var opened = new Opened(JobHosts.Open(target, access, TimeProvider.System));
        var record = Send(opened.Host, choice, target, access, Path.GetFileName(folder));
        record.Write(folder);
        Begin(opened.Host, record);
        invocation.Say($"The job {record.Job} was started on {opened.Host.Address}. Its run is {Shown(folder)}.");
        return on.IsDetached(invocation.Arguments) ? Left(folder) : Conclude(Follow(opened.Host, record, folder, null), record, folder);
    }

    /// <summary>Follows the job of a run again, or goes on with it where it was cut off.</summary>
    public ExitCode Resume(string folder, JobRecord record)
    {
        if (record.Lease is { } lease)
        {
            return new LeasedTraining(invocation, on, this).Resume(folder, record, lease);
        }

        using var opened = new Opened(JobHosts.Open(record.Host, AccessOf(record), TimeProvider.System));
        var status = opened.Host.StatusAsync(record.Job, Stop).GetAwaiter().GetResult();
        if (status.State is JobState.Stopped or JobState.Failed)
        {
            invocation.Say($"The job {record.Job} {status.Message}; it goes on from its last checkpoint.");
            Begin(opened.Host, record);
        }

        return Conclude(Follow(opened.Host, record, folder, null), record, folder);
    }

    /// <summary>How the host of a run is reached.</summary>
    public static HostAccess AccessOf(JobRecord record) => new() { Identities = record.Identities, KnownHosts = record.KnownHosts, Root = record.Root };

    private static void Refuse(TrainOptions options)
    {
        if (options.Distill.Run is { } teacher)
        {
            throw new SettingsException($"distill.run is '{teacher}', a run of this machine; a training elsewhere cannot read it. Train here, or without a teacher.");
        }
    }

    /// <summary>Where a new run is to lie; nothing is made.</summary>
    public string NewFolder(string? name, string? model)
    {
        var folder = Path.GetFullPath(Path.Combine(runs, name ?? RunFolder.FreeName(runs, TimeProvider.System.GetUtcNow(), model ?? "remote")));
        return !Directory.Exists(folder) ? folder : throw new SettingsException($"The run folder '{folder}' exists already. Choose another --name, or remove it.");
    }

    /// <summary>Sends program, data and settings, and prepares the job.</summary>
    public JobRecord Send(IJobHost host, TrainSource.Choice choice, string target, HostAccess access, string name)
    {
        Refuse(choice.Options);
        var arguments = invocation.Arguments;
        var (tool, environment) = SendTool(host, target);
        var data = DataPack.Of(choice.Location, Stop);
        var hostData = Join(Put(host, data.Pack, "data"), data.Below);
        var options = choice.Options;
        if (options.Weights is { } weights && !JobHosts.IsLocal(target))
        {
            var pack = FolderPack.Of([PackEntry.OfFile(Path.GetFileName(weights), Path.GetFullPath(weights))], [], null, Stop);
            options = options with { Weights = Join(Put(host, pack, "weights"), Path.GetFileName(weights)) };
        }
        else if (options.Weights is { } here)
        {
            options = options with { Weights = Path.GetFullPath(here) };
        }

        var job = $"{name}-{Guid.NewGuid().ToString("N")[..8]}";
        var jobFolder = host.PrepareAsync(job, Stop).GetAwaiter().GetResult();
        var settings = JsonSerializer.SerializeToNode(options, SightlineJson.Indented)!.AsObject(); // Options are an object.
        if (!choice.IsBatchGiven)
        {
            settings.Remove("batchSize"); // The host lets the default shrink to small data.
        }

        host.PutFileAsync(job, "train.json", new MemoryStream(Encoding.UTF8.GetBytes(settings.ToJsonString(SightlineJson.Indented))), Stop).GetAwaiter().GetResult();
        string[] batch = choice.IsBatchAuto ? ["--batch", "auto"] : [];
        return new JobRecord
        {
            Host = target,
            Job = job,
            RunFolder = $"runs/{name}",
            Root = access.Root,
            DataLocation = Path.GetFullPath(choice.Location),
            HostDataLocation = hostData,
            Identities = access.Identities,
            KnownHosts = access.KnownHosts,
            Command = [.. tool, "train", hostData, "--config", $"{jobFolder}/train.json", "--runs", $"{jobFolder}/runs", "--name", name, "--progress", "never", "--json", .. batch],
            Resume = [.. tool, "train", "resume", $"{jobFolder}/runs/{name}", "--progress", "never", "--json"],
            Environment = environment,
            Setup = on.SetUp(arguments),
            Epochs = options.Epochs,
            Offer = host.Address,
        };
    }

    private (IReadOnlyList<string> Tool, IReadOnlyDictionary<string, string> Environment) SendTool(IJobHost host, string target)
    {
        if (on.Tool(invocation.Arguments) is { } there)
        {
            return ([there], new Dictionary<string, string>());
        }

        if (JobHosts.IsLocal(target))
        {
            return (ToolPack.Here, new Dictionary<string, string>());
        }

        var runtime = Put(host, ToolPack.Runtime(Stop), ".NET");
        var program = Put(host, ToolPack.Program(Stop), "sightline");
        return ([Join(runtime, "dotnet"), Join(program, ToolPack.ProgramName)], new Dictionary<string, string> { ["DOTNET_ROOT"] = runtime });
    }

    private string Put(IJobHost host, FolderPack pack, string what)
    {
        foreach (var left in pack.LeftOut)
        {
            invocation.Say($"Not sent: {left}.");
        }

        if (pack.Bytes > SizeWarning)
        {
            invocation.Say($"The {what} are {Readable.Bytes(pack.Bytes)}: this takes long on most lines. What was sent stays on the host for the next run.");
        }

        return host.PutFolderAsync(pack, new Lines(invocation, what, TimeProvider.System), Stop).GetAwaiter().GetResult();
    }

    /// <summary>Starts the job, or goes on with it where its run is there already.</summary>
    public void Begin(IJobHost host, JobRecord record) => host.StartAsync(
        new JobSpec
        {
            Id = record.Job,
            Command = record.Command,
            Resume = record.Resume,
            ResumeWhen = $"{record.RunFolder}/run.json",
            Setup = record.Setup,
            Environment = record.Environment,
            Slurm = on.Slurm(invocation.Arguments) is var slurm && slurm.Partition is null ? slurm with { Partition = JobHosts.Partition(record.Host) } : slurm,
        },
        Stop).GetAwaiter().GetResult();

    /// <summary>Follows the job.</summary>
    /// <param name="leave">Asked for a reason to leave the host; null asks nobody.</param>
    /// <returns>The last state; null when the user left the job to itself.</returns>
    public JobStatus? Follow(IJobHost host, JobRecord record, string folder, Func<JobStatus, CancellationToken, Task<string?>>? leave)
    {
        var (ends, isRented) = (on.EndsOnInterrupt(invocation.Arguments), record.Lease is not null);
        var follower = new JobFollower(invocation, host, record, folder, TimeProvider.System)
        {
            Leave = leave,
            Leaving = ends ? $"Ending the training with a checkpoint{(isRented ? ", then its machine" : "")}."
                : $"Leaving; the job{(isRented ? " and its rented machine go" : " goes")} on.",
        };
        return follower.Run(mode) ?? (ends ? follower.End(mode) : null);
    }

    /// <summary>Prints the result, or says how the job ended otherwise.</summary>
    public ExitCode Conclude(JobStatus? status, JobRecord record, string folder)
    {
        if (status is null)
        {
            return Left(folder);
        }

        (record with { State = status.State.ToString().ToLowerInvariant() }).Write(folder);
        switch (status.State)
        {
            case JobState.Done:
                Runs.Training.Finish(invocation, RemoteResult.Read(folder));
                return ExitCode.Done;
            case JobState.Stopped:
                throw new StoppedException($"The job was {status.Message}. Go on with 'sightline train resume {Shown(folder)}'.");
            case JobState.Unknown:
                throw new JobFailedException(ExitCode.Provider, $"The job {record.Job} is left in an unknown state: {status.Message.TrimEnd('.')}. What was brought here is in {Shown(folder)}; look again with 'sightline train resume {Shown(folder)}'.");
            default:
                // The program's own message is the end of its log, and its exit code says the kind.
                var code = status.ExitCode is { } known && Enum.IsDefined((ExitCode)known) ? (ExitCode)known : ExitCode.Unexpected;
                throw new JobFailedException(code, $"The job {status.Message}.{Environment.NewLine}{RemoteResult.Tail(folder, LogLines)}{Environment.NewLine}Its whole log is {Path.Combine(Shown(folder), "job.log")}.");
        }
    }

    /// <summary>Says how the job is found again.</summary>
    public ExitCode Left(string folder)
    {
        invocation.Result(new { run = folder, job = JobRecord.Read(folder)!.Job, state = "running" }, text => // It was written above.
        {
            text.WriteLine($"The job goes on; its run is {Shown(folder)}.");
            text.WriteLine();
            text.WriteLine("Next:");
            text.WriteLine($"  sightline train resume {Shown(folder)}   follow it again");
            text.WriteLine($"  sightline run stop {Shown(folder)}       end it with a checkpoint");
        });
        return ExitCode.Done;
    }

    /// <summary>A folder as a person would write it here.</summary>
    public static string Shown(string folder) => Path.GetRelativePath(Environment.CurrentDirectory, folder);

    private static string Join(string folder, string below) => below.Length == 0 ? folder : $"{folder}/{below}";

    /// <summary>Says how far an upload is, every few seconds.</summary>
    private sealed class Lines(Invocation invocation, string what, TimeProvider time) : IProgress<UploadProgress>
    {
        private static readonly TimeSpan _interval = TimeSpan.FromSeconds(5);

        private long _saidAt = time.GetTimestamp();

        public void Report(UploadProgress value)
        {
            if (time.GetElapsedTime(_saidAt) >= _interval)
            {
                _saidAt = time.GetTimestamp();
                invocation.Say(string.Create(CultureInfo.InvariantCulture, $"Sending {what}: {Readable.Bytes(value.PackedBytes)} of {Readable.Bytes(value.TotalBytes)}."));
            }
        }
    }

    private sealed class Opened(IJobHost host) : IDisposable
    {
        public IJobHost Host => host;

        public void Dispose() => host.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}

/// <summary>A job elsewhere ended with an error.</summary>
internal sealed class JobFailedException(ExitCode code, string message) : SightlineException(code, message);
