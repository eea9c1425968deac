using System.Collections.Concurrent;
using System.Text.Json;
using Sightline.Runs;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Runs;

/// <summary>All runs below the runs folder. Kept in memory; a look reads only what changed since the last one.</summary>
internal sealed class RunIndex(string folder, TimeProvider time)
{
    /// <summary>A run without a heartbeat, as older versions and copied folders are, is called running for so long after its last event.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private IReadOnlyList<RunRow> _rows = [];
    private long? _lookedAt;

    /// <summary>Where the runs lie.</summary>
    public string Folder => folder;

    /// <summary>The newest first.</summary>
    public IReadOnlyList<RunRow> All()
    {
        lock (_gate)
        {
            if (_lookedAt is not { } before || time.GetElapsedTime(before) > Fresh)
            {
                _rows = Look();
                _lookedAt = time.GetTimestamp();
            }

            return _rows;
        }
    }

    /// <summary>A run by the name of its folder.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public RunRow Find(string name)
    {
        if (All().FirstOrDefault(row => row.Name == name) is { } known)
        {
            return known;
        }

        lock (_gate)
        {
            _lookedAt = null; // It may have begun just now.
        }

        return All().FirstOrDefault(row => row.Name == name) ?? throw new NotFoundException(
            $"There is no run '{name}' in '{folder}'.{NearestNames.Suggest(name, All().Select(row => row.Name))}");
    }

    private List<RunRow> Look()
    {
        if (!Directory.Exists(folder))
        {
            _entries.Clear();
            return [];
        }

        var names = Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)).ToArray();
        foreach (var gone in _entries.Keys.Except(names))
        {
            _entries.TryRemove(gone, out _);
        }

        Parallel.ForEach(names, name =>
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(Path.Combine(path, "run.json")) && Confined.Resolve(folder, path) is not null)
            {
                _entries.GetOrAdd(name, _ => new Entry(path)).Refresh();
            }
            else
            {
                _entries.TryRemove(name, out _);
            }
        });
        return [.. _entries.Values.Select(entry => entry.Row(time.GetUtcNow())).OfType<RunRow>().OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Name, StringComparer.Ordinal)];
    }

    /// <summary>What is known of one run.</summary>
    private sealed class Entry(string path)
    {
        private (long, DateTime) _settingsStamp;
        private (long, DateTime) _metricsStamp;
        private (long, DateTime) _reportStamp;
        private RunFolder? _run;
        private MetricsTail _tail = new(Path.Combine(path, "metrics.jsonl"));
        private MetricsLine _last;
        private MetricsLine _lastStep;
        private int _epoch;
        private double _best = double.NaN;
        private bool _isOver;
        private double? _test;

        public void Refresh()
        {
            if (Changed("run.json", ref _settingsStamp))
            {
                _run = Open();
            }

            if (Changed("metrics.jsonl", ref _metricsStamp) && !_tail.Read(Take))
            {
                _tail = new MetricsTail(Path.Combine(path, "metrics.jsonl"));
                (_last, _lastStep, _epoch, _best, _isOver) = (default, default, 0, double.NaN, false);
                _tail.Read(Take);
            }

            if (Changed("report.json", ref _reportStamp))
            {
                _test = TestAccuracy();
            }
        }

        public RunRow? Row(DateTimeOffset now)
        {
            if (_run is not { } run)
            {
                return null;
            }

            DateTimeOffset? seen = _last.Kind is null ? null : _last.At;
            var status = RunStatus.Of(run, _last.Kind is null ? [] : [new RunEvent { Kind = _isOver ? "end" : _last.Kind, At = _last.At }], now);
            var state = status.Heartbeat is null && !_isOver && now - (seen ?? run.Settings.CreatedAt) < Silence ? RunState.Running : status.State;
            seen = status.Heartbeat is { } beat && (seen is null || beat.At > seen) ? beat.At : seen;
            var done = _lastStep.TotalSteps > 0 ? Math.Clamp((double)_lastStep.Step / _lastStep.TotalSteps, 0, 1) : 0;
            return new RunRow
            {
                Name = Path.GetFileName(path),
                Model = run.Settings.Model,
                Data = Path.GetFileName(run.Settings.DataLocation.TrimEnd('/', '\\')),
                CreatedAt = run.Settings.CreatedAt,
                State = state,
                StateReason = state == status.State ? status.Why : null,
                IsLive = status.IsLive,
                Epoch = _epoch,
                Epochs = run.Settings.Adjusted.Epochs,
                ValidationAccuracy = double.IsNaN(_best) ? null : _best,
                TestAccuracy = _test,
                Seconds = _last.Seconds,
                LastSignAt = seen,
                Done = done,
                SecondsLeft = state == RunState.Running && done > 0 ? _last.Seconds * (1 - done) / done : null,
                HasWeights = File.Exists(run.BestWeights),
                HasReport = _reportStamp.Item1 > 0,
                Folder = run,
            };
        }

        private void Take(ReadOnlySpan<byte> json, long end)
        {
            if (!MetricsLine.TryRead(json, out var line))
            {
                return;
            }

            _last = line;
            if (line.TotalSteps > 0)
            {
                _lastStep = line;
            }

            if (line.Kind == "epoch")
            {
                _epoch = line.Epoch;
                _best = line.ValidationAccuracy > _best || double.IsNaN(_best) ? line.ValidationAccuracy : _best;
            }

            _isOver = line.Kind == "end";
        }

        private bool Changed(string name, ref (long, DateTime) stamp)
        {
            var info = new FileInfo(Path.Combine(path, name));
            var now = info.Exists ? (info.Length, info.LastWriteTimeUtc) : default;
            var isChanged = now != stamp;
            stamp = now;
            return isChanged;
        }

        private RunFolder? Open()
        {
            try
            {
                return RunFolder.Open(path);
            }
            catch (SightlineException)
            {
                return null; // 'run show' of this folder says why.
            }
        }

        private double? TestAccuracy()
        {
            try
            {
                using var stream = File.OpenRead(Path.Combine(path, "report.json"));
                using var document = JsonDocument.Parse(stream);
                return document.RootElement.TryGetProperty("split", out var split) && split.GetString() == "test"
                    && document.RootElement.TryGetProperty("evaluation", out var evaluation) && evaluation.ValueKind == JsonValueKind.Object
                    ? evaluation.GetProperty("accuracy").GetDouble() : null;
            }
            catch (Exception error) when (error is IOException or JsonException or InvalidOperationException or KeyNotFoundException)
            {
                return null;
            }
        }
    }
}
