using Sightline.Cli.CommandLine;
using Sightline.Cli.Progress;
using Sightline.Compute.Jobs;
using Sightline.Runs;

namespace Sightline.Cli.Jobs;

/// <summary>Follows a job: brings its files, shows its events, passes requests on. Ends with the job, or when the user has seen enough.</summary>
internal sealed class JobFollower(Invocation invocation, IJobHost host, JobRecord record, string runFolder, TimeProvider time)
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _checkpointInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _endGrace = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan _endPatience = TimeSpan.FromMinutes(5); // The checkpoint has to come here, too.

    // Bringing checkpoints takes at most a tenth of the time, so that a slow line is left to the progress.
    private const int CheckpointShare = 10;

    private DateTimeOffset _shownUntil = DateTimeOffset.MinValue;
    private string _said = "";

    /// <summary>Asked after every look: a reason to leave the host, or null. For machines that can be taken back.</summary>
    public Func<JobStatus, CancellationToken, Task<string?>>? Leave { get; init; }

    /// <summary>What is said at the first Ctrl-C.</summary>
    public string Leaving { get; init; } = "Leaving; the job goes on.";

    /// <summary>Keeps the folders the same.</summary>
    public JobSync Sync { get; } = new(host, record.Job, record.RunFolder, runFolder) { Arrived = (name, file) => HostPaths.ToLocal(name, file, record) };

    /// <summary>Follows until the end.</summary>
    /// <returns>The last state; null when the user left.</returns>
    public JobStatus? Run(ProgressMode mode)
    {
        // What was shown before is not shown again.
        _shownUntil = Events().LastOrDefault()?.At ?? DateTimeOffset.MinValue;
        var stop = invocation.Interrupts.StopSaying(Leaving);
        var progress = TrainProgress.Create(mode, record.Epochs, invocation.Terminal);
        return progress.Around(() => FollowAsync(progress, stop).GetAwaiter().GetResult());
    }

    /// <summary>Stops the job with a checkpoint, and follows it to its end.</summary>
    /// <returns>The last state; it is unknown where the job did not end in five minutes, or its host cannot be reached.</returns>
    public JobStatus End(ProgressMode mode)
    {
        using var limit = new CancellationTokenSource(_endPatience, time);
        try
        {
            host.StopAsync(record.Job, _endGrace, limit.Token).GetAwaiter().GetResult();
            var progress = TrainProgress.Create(mode, record.Epochs, invocation.Terminal);
            if (progress.Around(() => FollowAsync(progress, limit.Token).GetAwaiter().GetResult()) is { } status)
            {
                return status;
            }
        }
        catch (HostLostException error)
        {
            return new JobStatus { State = JobState.Unknown, Message = error.Message };
        }

        return new JobStatus { State = JobState.Unknown, Message = $"did not end within {_endPatience.TotalMinutes:0} minutes after it was asked to" };
    }

    private async Task<JobStatus?> FollowAsync(TrainProgress progress, CancellationToken stop)
    {
        var (checkpointsAt, wait) = (long.MinValue, _checkpointInterval);
        while (true)
        {
            try
            {
                var status = await host.StatusAsync(record.Job, stop).ConfigureAwait(false);
                Say(status);
                var isDue = checkpointsAt == long.MinValue || time.GetElapsedTime(checkpointsAt) > wait;
                if (status.State != JobState.Unknown)
                {
                    await Sync.PushControlAsync(stop).ConfigureAwait(false);
                    var began = time.GetTimestamp();
                    var isBrought = await Sync.PullAsync(isDue || status.IsOver, stop).ConfigureAwait(false);
                    if (isDue)
                    {
                        checkpointsAt = time.GetTimestamp();
                        wait = TimeSpan.FromTicks(Math.Max(_checkpointInterval.Ticks, time.GetElapsedTime(began).Ticks * CheckpointShare));
                    }

                    Show(progress);
                    if (status.IsOver && isBrought)
                    {
                        return status;
                    }
                }

                if (Leave is not null && await Leave(status, stop).ConfigureAwait(false) is { } reason)
                {
                    return status with { State = JobState.Unknown, Message = reason };
                }
            }
            catch (HostLostException)
            {
                // The next question says so as a state.
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return null;
            }

            try
            {
                await Task.Delay(_interval, time, stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }
    }

    private void Say(JobStatus status)
    {
        var words = status.State switch
        {
            JobState.Queued => $"The job {status.Message}.",
            JobState.Unknown => $"{status.Message.TrimEnd('.')}. Unknown since {status.UnknownSince:yyyy-MM-dd HH:mm:ss} UTC; the job goes on there, and this command goes on asking.",
            JobState.Running when _said.Length > 0 => "The job runs.",
            _ => "",
        };
        if (words.Length > 0 && words != _said)
        {
            invocation.Say(words);
            _said = words;
        }
    }

    private void Show(TrainProgress progress)
    {
        foreach (var seen in Events().Where(seen => seen.At > _shownUntil))
        {
            progress.Report(seen);
            _shownUntil = seen.At;
        }
    }

    private IReadOnlyList<RunEvent> Events() => File.Exists(Path.Combine(runFolder, "run.json")) ? RunFolder.Open(runFolder).ReadEvents() : [];
}
