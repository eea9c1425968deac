using System.Text.Json;
using Sightline.Compute.Monitoring;

namespace Sightline.Runs;

/// <summary>Follows a run by the files of its folder, from this machine or from a copy of the folder that is kept up to date.</summary>
internal sealed class RunWatcher
{
    private const int AlertsShown = 5;

    private readonly RunFolder _run;
    private readonly RunJob _given;
    private readonly TimeProvider _time;
    private readonly AlertOptions _rules;
    private readonly LineTail _eventLines;
    private readonly LineTail _sampleLines;
    private readonly AlertLog _alertLog;
    private readonly List<RunEvent> _events = [];
    private readonly List<SystemSample> _samples = [];
    private readonly List<Alert> _alerts = [];

    /// <summary>Begins to watch.</summary>
    /// <param name="run">The run.</param>
    /// <param name="given">What the user says of the price; wins over the run's <c>job.json</c>.</param>
    /// <param name="time">Clock.</param>
    /// <param name="rules">Thresholds; null takes those of the run's settings.</param>
    public RunWatcher(RunFolder run, RunJob given, TimeProvider time, AlertOptions? rules = null)
    {
        (_run, _given, _time, _rules) = (run, given, time, rules ?? run.Settings.Options.Alerts);
        _eventLines = new LineTail(Path.Combine(run.Path, "metrics.jsonl"));
        _sampleLines = new LineTail(SystemRecorder.FileIn(run));
        _alertLog = new AlertLog(run);
    }

    /// <summary>The run's events that came with the last <see cref="Refresh"/>.</summary>
    public IReadOnlyList<RunEvent> NewEvents { get; private set; } = [];

    /// <summary>The alerts that came with the last <see cref="Refresh"/>.</summary>
    public IReadOnlyList<Alert> NewAlerts { get; private set; } = [];

    /// <summary>The state at the last <see cref="Refresh"/>.</summary>
    public RunStatus? Status { get; private set; }

    /// <summary>The samples of the last minutes.</summary>
    public IReadOnlyList<SystemSample> Samples => _samples;

    /// <summary>Price and cap in force.</summary>
    public RunJob Job { get; private set; } = new();

    /// <summary>Finds what a cheaper card would cost; asked only where the waste rule holds. null asks nobody.</summary>
    public Func<RunView, RunJob, string?>? Cheaper { get; init; }

    /// <summary>Reads what is new, asks the rules, and gives the whole picture.</summary>
    public RunView Refresh()
    {
        var now = _time.GetUtcNow();
        NewEvents = [.. _eventLines.New().Select(Event).OfType<RunEvent>()];
        _events.AddRange(NewEvents);
        if (NewEvents.Count > 0 && _events.FindLastIndex(seen => seen.Kind == "resume") is > 0 and var resumed)
        {
            // The file was written anew from the checkpoint on; what came after it in the old one is undone.
            _events.RemoveAll(seen => _events.IndexOf(seen) < resumed && seen.Step > _events[resumed].Step);
        }

        _samples.AddRange(_sampleLines.New().Select(SystemRecorder.Read).OfType<SystemSample>());
        _samples.RemoveAll(old => _samples[^1].At - old.At > _rules.Memory);
        var run = RunFolder.Open(_run.Path); // Adjustments change it.
        Status = RunStatus.Of(_run, _events, now);
        var file = RunJob.Read(_run);
        Job = file with
        {
            Gpu = _given.Gpu ?? file.Gpu,
            PricePerHourUsd = _given.PricePerHourUsd ?? file.PricePerHourUsd,
            MaxCostUsd = _given.MaxCostUsd ?? file.MaxCostUsd,
            BilledSince = _given.BilledSince ?? file.BilledSince ?? (_given.PricePerHourUsd is null ? null : _run.Settings.CreatedAt),
            BilledUntil = file.BilledUntil ?? (_given.PricePerHourUsd is null || Status.IsLive || Status.State == RunState.Unknown ? null : Status.Since),
        };
        var view = View(run.Settings, Status, now);
        var read = _alertLog.New(); // First, so that what another process told is not told again.
        foreach (var alert in Judge(view, Status, now))
        {
            _alertLog.Raise(alert);
        }

        NewAlerts = [.. read, .. _alertLog.New()];
        _alerts.AddRange(NewAlerts);
        return view with { Alerts = [.. _alerts.TakeLast(AlertsShown)] };
    }

    private IEnumerable<Alert> Judge(RunView view, RunStatus status, DateTimeOffset now)
    {
        if (status.State == RunState.Stalled)
        {
            yield return new Alert("stalled", Severity.Critical, now, "stalled", $"The run is {status.Words}. {status.Why} Go on from its last checkpoint with 'sightline train resume' after ending it.");
        }

        if (view is { SpentUsd: { } spent, MaxCostUsd: > 0 and { } cap } && Rules.Budget(spent, cap, view.PricePerHourUsd, now, _rules) is { } budget)
        {
            yield return budget;
        }

        var job = new JobReading { IsRunning = status.IsLive };
        if (status.State != RunState.Unknown && _samples.Count > 0 && Rules.Idle(_samples, job, Job.PricePerHourUsd is not null, now, _rules) is { } idle)
        {
            yield return idle;
        }

        if (status.State == RunState.Running && Rules.IsWasteful(_samples, now, _rules, out _))
        {
            if (Rules.Waste(_samples, Cheaper?.Invoke(view, Job), now, _rules) is { } waste)
            {
                yield return waste;
            }
        }
    }

    private RunView View(RunSettings settings, RunStatus status, DateTimeOffset now)
    {
        var beat = status.Heartbeat;
        var last = _events.LastOrDefault();
        var step = Math.Max(status.IsLive ? beat?.Step ?? 0 : 0, last?.Step ?? 0);
        var total = last?.TotalSteps > 0 ? last.TotalSteps : beat?.TotalSteps ?? 0;
        return new RunView
        {
            Run = _run.Path,
            Name = Path.GetFileName(_run.Path),
            State = status.Name,
            StateSince = status.Since,
            StateReason = status.Why,
            Phase = beat?.Phase.ToString().ToLowerInvariant(),
            HeartbeatAt = beat?.At,
            Epoch = Math.Max(status.IsLive ? beat?.Epoch ?? 0 : 0, last?.Epoch ?? 0),
            Epochs = settings.Adjusted.Epochs,
            Step = step,
            TotalSteps = total,
            StepSeconds = beat?.StepSeconds,
            ImagesPerSecond = Last(seen => seen.ImagesPerSecond),
            DataWaitShare = Last(seen => seen.DataWaitShare),
            TrainLoss = Last(seen => seen.TrainLoss),
            LearningRate = Last(seen => seen.LearningRate),
            ValidationAccuracy = Last(seen => seen.ValidationAccuracy),
            BestAccuracy = _events.Max(seen => seen.Kind == "epoch" ? seen.ValidationAccuracy : null),
            Seconds = last?.Seconds ?? 0,
            SecondsLeft = status.State == RunState.Running ? Left(step, total) : null,
            System = _samples.LastOrDefault(),
            Offer = Job.Offer,
            PricePerHourUsd = Job.PricePerHourUsd,
            SpentUsd = Job.SpentUsd(now),
            MaxCostUsd = Job.MaxCostUsd,
        };
    }

    // Validation and checkpoints included: by the seconds between events of this process. What was before a resume says nothing about its speed.
    private double? Left(long step, long total)
    {
        var first = _events.FindLastIndex(seen => seen.Kind == "resume") is >= 0 and var resumed ? _events[resumed] : _events.FirstOrDefault();
        var last = _events.LastOrDefault(seen => seen.Kind is "step" or "epoch");
        return first is not null && last?.Step > first.Step ? (last.Seconds - first.Seconds) / (last.Step - first.Step) * Math.Max(0, total - step) : null;
    }

    private double? Last(Func<RunEvent, double?> figure) => _events.Select(figure).LastOrDefault(value => value is not null);

    private static RunEvent? Event(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<RunEvent>(line, SightlineJson.Line);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
