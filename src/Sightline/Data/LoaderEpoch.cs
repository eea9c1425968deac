using System.Runtime.ExceptionServices;

namespace Sightline.Data;

/// <summary>A few pictures of a batch, claimed by one worker.</summary>
internal readonly record struct LoaderPiece(LoaderEpoch Run, LoaderSlot Slot, int First, int Count);

/// <summary>A batch being filled.</summary>
internal sealed class LoaderSlot(int first, int count, byte[] pixels)
{
    private readonly Lock _errorGate = new();
    private int _left = count;
    private int _failedAt = int.MaxValue;

    /// <summary>Position of its first picture in the epoch's order.</summary>
    public int First { get; } = first;

    public int Count { get; } = count;

    public byte[] Pixels { get; } = pixels;

    public ExceptionDispatchInfo? Error { get; private set; }

    public bool IsReady => _left == 0;

    /// <summary>Called under the loader's lock.</summary>
    public void Done(int count) => _left -= count;

    /// <summary>Keeps the error of the batch's first bad picture, so that which one is reported does not depend on the workers.</summary>
    public void Fail(int position, Exception error)
    {
        lock (_errorGate)
        {
            if (position < _failedAt)
            {
                _failedAt = position;
                Error = ExceptionDispatchInfo.Capture(error);
            }
        }
    }
}

/// <summary>One pass over the examples: which batches are open, which piece comes next. All members but Cancelled under the loader's lock.</summary>
internal sealed class LoaderEpoch(int epoch, SampleDraw[] order, int firstBatch, int endBatch, int batchSize, int ahead)
{
    private readonly Queue<LoaderSlot> _open = new();
    private LoaderSlot? _filling;
    private int _claimed;
    private int _nextBatch = firstBatch;
    private volatile bool _cancelled;

    public int Epoch { get; } = epoch;

    public SampleDraw[] Order { get; } = order;

    /// <summary>Nobody wants the rest. Read by workers without the lock.</summary>
    public bool Cancelled
    {
        get => _cancelled;
        set => _cancelled = value;
    }

    public bool FirstIsReady => _open.TryPeek(out var slot) && slot.IsReady;

    /// <summary>Whether a worker can claim something: pictures of the batch being filled, or a further batch within the bound.</summary>
    public bool HasWork => _filling is not null || (_nextBatch < endBatch && _open.Count < ahead);

    public LoaderSlot TakeFirst() => _open.Dequeue();

    public LoaderPiece Claim(BufferPool pool, int bytesPerPicture, int workers)
    {
        if (_filling is null)
        {
            var first = _nextBatch * batchSize;
            var count = Math.Min(batchSize, Order.Length - first);
            _filling = new LoaderSlot(first, count, pool.Rent(count * bytesPerPicture));
            _open.Enqueue(_filling);
            _nextBatch++;
            _claimed = 0;
        }

        // Small pieces share a batch evenly; eight at most, because small pictures take less time than the lock.
        var slot = _filling;
        var size = Math.Min(Math.Clamp(batchSize / (workers * 4), 1, 8), slot.Count - _claimed);
        var piece = new LoaderPiece(this, slot, _claimed, size);
        _claimed += size;
        if (_claimed == slot.Count)
        {
            _filling = null;
        }

        return piece;
    }
}
