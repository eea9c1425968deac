namespace Sightline.Compute.Monitoring;

/// <summary>Reads host and GPUs each second on a thread of its own and hands over a sample every five seconds.</summary>
internal sealed class SystemSampler : IDisposable
{
    /// <summary>Between two readings.</summary>
    public static readonly TimeSpan ReadingInterval = TimeSpan.FromSeconds(1);

    private const int ReadingsPerSample = 5;

    private readonly HostMonitor _host;
    private readonly Func<IGpuMonitor> _gpus;
    private readonly TimeProvider _time;
    private readonly Action<SystemSample> _take;
    private readonly ManualResetEvent _isOver = new(false);
    private readonly Thread _thread;

    /// <summary>Begins to read.</summary>
    /// <param name="take">Given each sample, on the sampler's thread; must not throw.</param>
    /// <param name="time">Clock.</param>
    /// <param name="gpus">Opens the GPUs, on the sampler's thread; null: NVML.</param>
    public SystemSampler(Action<SystemSample> take, TimeProvider time, Func<IGpuMonitor>? gpus = null)
    {
        (_take, _time, _gpus, _host) = (take, time, gpus ?? (() => new NvmlMonitor()), new HostMonitor(time));
        _thread = new Thread(Work) { IsBackground = true, Name = "Sightline system sampler", Priority = ThreadPriority.BelowNormal };
        _thread.Start();
    }

    /// <summary>Stops; a driver that hangs in a question of its own is not waited for longer than two seconds.</summary>
    public void Dispose()
    {
        _isOver.Set();
        _thread.Join(2 * ReadingInterval);
    }

    private void Work()
    {
        using var gpus = _gpus();
        var readings = new List<(HostReading Host, IReadOnlyList<GpuReading> Gpus)>();
        _host.Read(); // Rates need one before.
        var began = _time.GetTimestamp();
        while (true)
        {
            var isOver = _isOver.WaitOne(ReadingInterval);
            readings.Add((_host.Read(), gpus.Read()));
            if (isOver || readings.Count == ReadingsPerSample)
            {
                _take(SystemSample.Of(readings, _time.GetUtcNow(), _time.GetElapsedTime(began).TotalSeconds));
                readings.Clear();
                began = _time.GetTimestamp();
            }

            if (isOver)
            {
                return;
            }
        }
    }
}
