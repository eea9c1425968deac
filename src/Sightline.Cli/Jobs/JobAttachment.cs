using Sightline.Cli.CommandLine;
using Sightline.Cli.Runs;
using Sightline.Compute;
using Sightline.Compute.Jobs;
using Sightline.Runs;

namespace Sightline.Cli.Jobs;

/// <summary>
/// Keeps the folder of a run elsewhere up to date while another command looks at it, and passes requests on: with it, <c>run watch</c>,
/// <c>run logs</c> and the requests to a run need not know where it is.
/// </summary>
internal sealed class JobAttachment : IDisposable
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly IJobHost _host;
    private readonly Task _work;

    private JobAttachment(Invocation invocation, JobRecord record, string runFolder)
    {
        _host = JobHosts.Open(record.Host, RemoteTraining.AccessOf(record), TimeProvider.System);
        var sync = new JobSync(_host, record.Job, record.RunFolder, runFolder) { Arrived = (name, file) => HostPaths.ToLocal(name, file, record) };
        var first = new TaskCompletionSource();
        _work = Task.Run(() => WorkAsync(invocation, record, sync, first));
        // The command begins with the state of now, where the host answers soon.
        first.Task.Wait(_patience);
    }

    /// <summary>Attaches to the job of a run; null where the run is of this machine.</summary>
    public static JobAttachment? Of(Invocation invocation, RunFolder run) =>
        JobRecord.Read(run.Path) is { } record && record.State is not ("done" or "failed" or "stopped") ? new JobAttachment(invocation, record, run.Path) : null;

    /// <summary>The run that is meant; one of a job whose run has not come here yet is brought first.</summary>
    /// <exception cref="NotFoundException">There is no such run, or its job has not begun it.</exception>
    public static RunFolder Find(Invocation invocation, string run, string runs)
    {
        if (new[] { run, Path.Combine(runs, run) }.FirstOrDefault(path => JobRecord.Read(path) is not null && !RunLocator.IsRun(path)) is not { } folder)
        {
            return RunLocator.Find(run, runs);
        }

        var record = JobRecord.Read(folder)!; // It was read above.
        using var job = new JobAttachment(invocation, record, Path.GetFullPath(folder));
        var began = TimeProvider.System.GetTimestamp();
        var stop = invocation.Interrupts.StopSaying("The job goes on.");
        while (!RunLocator.IsRun(folder) && TimeProvider.System.GetElapsedTime(began) < _patience && !stop.WaitHandle.WaitOne(_interval))
        {
        }

        return RunLocator.IsRun(folder) ? RunFolder.Open(folder) : throw new NotFoundException(
            $"The job {record.Job} on {record.Host} has not begun its run yet: it waits, or its program is just starting. Try again, or follow it with 'sightline train resume {folder}'.");
    }

    public void Dispose()
    {
        _stop.Cancel();
        _work.GetAwaiter().GetResult();
        _host.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _stop.Dispose();
    }

    private async Task WorkAsync(Invocation invocation, JobRecord record, JobSync sync, TaskCompletionSource first)
    {
        var said = "";
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await sync.PushControlAsync(_stop.Token).ConfigureAwait(false);
                await sync.PullAsync(isWhole: false, _stop.Token).ConfigureAwait(false);
                said = "";
            }
            catch (Exception error) when (error is HostLostException or ComputeException)
            {
                if (said != error.Message)
                {
                    invocation.Say($"{error.Message} The job {record.Job} goes on there; what is shown is what was last known.");
                    said = error.Message;
                }
            }
            catch (OperationCanceledException)
            {
                break;
            }

            first.TrySetResult();
            await Task.Delay(_interval, TimeProvider.System, _stop.Token).ContinueWith(_ => { }, TaskScheduler.Default).ConfigureAwait(false);
        }

        first.TrySetResult();
    }
}
