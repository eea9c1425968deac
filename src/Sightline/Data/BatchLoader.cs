using System.Diagnostics;
using Sightline.Augment;

namespace Sightline.Data;

/// <summary>How a <see cref="BatchLoader"/> works.</summary>
public sealed record LoaderOptions
{
    /// <summary>Pictures in a batch; 1 to 65,536.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Threads that decode and augment; 1 to 256. Default: the number of processors. Has no influence on the batches.</summary>
    public int Workers { get; init; } = Math.Min(Environment.ProcessorCount, 256);

    /// <summary>Whether each epoch has its own order; else the order of the examples.</summary>
    public bool Shuffle { get; init; }

    /// <summary>Whether a last batch with fewer pictures is left out.</summary>
    public bool DropLast { get; init; }

    /// <summary>Seed of the order and of the augmentation.</summary>
    public long Seed { get; init; }

    /// <summary>How often each class is drawn; of effect only with <see cref="Shuffle"/>.</summary>
    public Sampling Sampling { get; init; }

    /// <summary>Balanced sampling: each class is drawn in proportion to its count to this power; 0 (all alike) to 1 (as they are).</summary>
    public double SamplingPower { get; init; }

    /// <summary>
    /// Times that each picture appears in a batch, changed differently each time; 1 to 64, and a divisor of the batch size. An epoch keeps its length. Of effect only
    /// with <see cref="Shuffle"/>.
    /// </summary>
    public int Repeats { get; init; } = 1;

    /// <summary>
    /// Most bytes of decoded pictures that are kept in memory, 0 for none; default 2 GiB. Never more than a quarter of the memory that the
    /// process may use.
    /// </summary>
    public long CacheBytes { get; init; } = 2L << 30;

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (BatchSize is < 1 or > 65_536)
        {
            yield return $"BatchSize is {BatchSize}; it must be from 1 to 65536. Pass --set batchSize=64.";
        }

        if (Workers is < 1 or > 256)
        {
            yield return $"Workers is {Workers}; it must be from 1 to 256. Pass --set workers=4.";
        }

        if (SamplingPower is not (>= 0 and <= 1))
        {
            yield return $"SamplingPower is {SamplingPower}; it must be from 0 to 1. Pass --set samplingPower=0.5.";
        }

        if (Repeats is < 1 or > 64 || BatchSize % Repeats != 0)
        {
            yield return $"Repeats is {Repeats} and BatchSize {BatchSize}; repeats must be from 1 to 64 and divide the batch. Pass --set repeats=1.";
        }

        if (CacheBytes < 0)
        {
            yield return $"CacheBytes is {CacheBytes}; it must be 0 or more.";
        }
    }
}

/// <summary>
/// Turns examples into batches of bytes: threads of its own decode and augment ahead of the consumer, batches come in order, and what is in
/// them depends on seed and epoch only. Used by one consumer thread.
/// </summary>
public sealed class BatchLoader : IDisposable
{
    private readonly IReadOnlyList<Example> _examples;
    private readonly LoaderOptions _options;
    private readonly SampleCache _samples;
    private readonly BufferPool _pool = new();
    private readonly Thread[] _workers;
    private readonly object _gate = new();
    private LoaderEpoch? _current;
    private long _waitTicks;
    private volatile bool _disposed;

    /// <summary>Starts the worker threads; nothing is decoded before <see cref="Epoch"/>.</summary>
    /// <param name="images">The pictures.</param>
    /// <param name="examples">Which of them, with their labels; not empty.</param>
    /// <param name="preprocessing">Size and resampling; mean and standard deviation are not applied here.</param>
    /// <param name="augment">Random changes; null for evaluation.</param>
    /// <param name="options">Batch size, threads, order, memory.</param>
    /// <exception cref="SettingsException">A setting is out of its range.</exception>
    /// <exception cref="ArgumentException">There are no examples.</exception>
    public BatchLoader(
        IImageSource images, IReadOnlyList<Example> examples, Preprocessing preprocessing, AugmentOptions? augment, LoaderOptions options)
    {
        if (examples.Count == 0)
        {
            throw new ArgumentException("There are no examples to load.", nameof(examples));
        }

        var problems = options.Check().Concat(augment?.Check() ?? []).ToArray();
        if (problems.Length > 0)
        {
            throw new SettingsException(string.Join(' ', problems));
        }

        _examples = examples;
        _options = options;
        _samples = new SampleCache(images, preprocessing, augment, options);
        _workers = new Thread[options.Workers];
        for (var i = 0; i < _workers.Length; i++)
        {
            _workers[i] = new Thread(Work) { IsBackground = true, Name = $"Sightline loader {i}" };
            _workers[i].Start();
        }
    }

    /// <summary>Batches in an epoch.</summary>
    public int BatchesPerEpoch => _options.DropLast
        ? _examples.Count / _options.BatchSize
        : (_examples.Count + _options.BatchSize - 1) / _options.BatchSize;

    /// <summary>Time that the consumer has waited for data since construction. With the time of the whole loop it gives the share of waiting.</summary>
    public TimeSpan WaitTime => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _waitTicks));

    /// <summary>The batches of an epoch, in order. One epoch at a time; leaving the enumeration early is allowed.</summary>
    /// <param name="epoch">Its number; order and augmentation follow from it and the seed.</param>
    /// <param name="firstBatch">Batches to leave out at the start, when resuming; the others are the same as without it.</param>
    /// <returns>Batches that the caller disposes.</returns>
    /// <exception cref="DataException">While enumerating: a picture cannot be decoded; the message names it.</exception>
    /// <exception cref="InvalidOperationException">While enumerating: another epoch's enumeration is not over.</exception>
    public IEnumerable<ImageBatch> Epoch(int epoch, int firstBatch = 0)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(firstBatch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstBatch, BatchesPerEpoch);
        return Enumerate(epoch, firstBatch);
    }

    /// <summary>Stops the workers, each after the picture it is at, and frees the kept pictures.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _current = null;
            Monitor.PulseAll(_gate);
        }

        foreach (var worker in _workers)
        {
            worker.Join();
        }

        _samples.Clear();
    }

    private IEnumerable<ImageBatch> Enumerate(int epoch, int firstBatch)
    {
        // Enough batches ahead to keep every worker busy, and two for the consumer.
        var ahead = 2 + (_options.Workers / _options.BatchSize) + 1;
        var run = new LoaderEpoch(epoch, SampleOrder.Of(_examples, _options, epoch), firstBatch, BatchesPerEpoch, _options.BatchSize, ahead);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_current is not null)
            {
                throw new InvalidOperationException("This loader is within an epoch already; end that enumeration first, or make another loader.");
            }

            _current = run;
            Monitor.PulseAll(_gate);
        }

        try
        {
            for (var i = firstBatch; i < BatchesPerEpoch; i++)
            {
                yield return Take(run);
            }
        }
        finally
        {
            lock (_gate)
            {
                run.Cancelled = true;
                if (_current == run)
                {
                    _current = null;
                }
            }
        }
    }

    private ImageBatch Take(LoaderEpoch run)
    {
        LoaderSlot slot;
        var began = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            while (!_disposed && !run.FirstIsReady)
            {
                Monitor.Wait(_gate);
            }

            ObjectDisposedException.ThrowIf(_disposed, this);
            slot = run.TakeFirst();
            Monitor.PulseAll(_gate);
        }

        Interlocked.Add(ref _waitTicks, Stopwatch.GetTimestamp() - began);
        if (slot.Error is { } error)
        {
            error.Throw();
        }

        var labels = new long[slot.Count];
        var indices = new int[slot.Count];
        for (var i = 0; i < slot.Count; i++)
        {
            var example = _examples[run.Order[slot.First + i].Example];
            (labels[i], indices[i]) = (example.Label, example.Index);
        }

        return new ImageBatch(_pool, slot.Pixels, _samples.Size, labels, indices);
    }

    private void Work()
    {
        var worker = _samples.NewWorker();
        var piece = default(LoaderPiece);
        while (true)
        {
            lock (_gate)
            {
                piece.Slot?.Done(piece.Count);
                if (piece.Slot is { IsReady: true })
                {
                    Monitor.PulseAll(_gate);
                }

                while (!_disposed && _current?.HasWork != true)
                {
                    Monitor.Wait(_gate);
                }

                if (_disposed)
                {
                    return;
                }

                piece = _current!.Claim(_pool, _samples.BytesPerPicture, _options.Workers); // HasWork implies that there is one.
            }

            Fill(worker, piece);
        }
    }

    private void Fill(SampleCache.Worker worker, LoaderPiece piece)
    {
        var bytes = _samples.BytesPerPicture;
        for (var i = piece.First; i < piece.First + piece.Count && !piece.Run.Cancelled && !_disposed; i++)
        {
            try
            {
                var (example, copy) = piece.Run.Order[piece.Slot.First + i];
                worker.Fill(_examples[example].Index, piece.Run.Epoch, copy, piece.Slot.Pixels.AsSpan(i * bytes, bytes));
            }
            catch (Exception error)
            {
                // Whatever went wrong belongs to the consumer, at the place of the batch in the order.
                piece.Slot.Fail(i, error);
            }
        }
    }
}
