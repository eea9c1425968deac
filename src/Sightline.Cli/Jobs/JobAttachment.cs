using Sightline.Cli.CommandLine;
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
