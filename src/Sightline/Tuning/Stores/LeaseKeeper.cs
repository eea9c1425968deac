using System.Data.Common;
using Sightline.Compute;

namespace Sightline.Tuning;

/// <summary>Extends the leases of the trials at hand from a thread of its own, so that a busy objective or a full thread pool does not lose them.</summary>
internal sealed class LeaseKeeper : IDisposable
{
    private readonly IStudyStore _store;
    private readonly StudyWorker _worker;
    private readonly Func<IReadOnlyList<Claim>, bool, IReadOnlyList<Claim>> _held;
    private readonly TimeSpan _interval;
    private readonly ManualResetEventSlim _end = new();
    private readonly Thread _thread;
    private long _reaped;

    /// <summary>Starts the thread.</summary>
    /// <param name="store">The store; its <see cref="IStudyStore.Renew"/> is called.</param>
    /// <param name="worker">Who holds the trials.</param>
    /// <param name="held">Takes what was lost and whether the study wants no more work, and gives the claims at hand.</param>
    /// <param name="lease">How long a lease is; a third of it is the interval.</param>
    public LeaseKeeper(IStudyStore store, StudyWorker worker, Func<IReadOnlyList<Claim>, bool, IReadOnlyList<Claim>> held, TimeSpan lease)
    {
        (_store, _worker, _held, _interval) = (store, worker, held, lease / 3);
        _thread = new Thread(Run) { IsBackground = true, Name = "leases of trials" };
        _thread.Start();
    }

    /// <summary>Whether it is time to look for lost workers; at most once in a third of a lease.</summary>
    public bool IsReapingDue()
    {
        var now = TimeProvider.System.GetTimestamp();
        if (_reaped != 0 && TimeProvider.System.GetElapsedTime(_reaped, now) < _interval)
        {
            return false;
        }

        _reaped = now;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Set();
        _thread.Join();
        _end.Dispose();
    }

    private void Run()
    {
        while (!_end.Wait(_interval))
        {
            try
            {
                var (lost, isLate) = _store.Renew(_worker, _held([], false));
                _held(lost, isLate);
            }
            catch (Exception error) when (error is SightlineException or ComputeException or DbException)
            {
                // The store does not answer: the next turn may be in time, and if not, writes are refused and say so.
            }
        }
    }
}
