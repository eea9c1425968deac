using System.Text.Json;
using Sightline.Runs;

namespace Sightline.Studio.Runs;

/// <summary>All curves of a run, read on as the run writes.</summary>
internal sealed class RunCurves
{
    private const int LogKept = 500;

    private readonly string _path;
    private readonly Lock _gate = new();
    private MetricsTail _tail;
    private Curve _epochLoss, _epochAccuracy, _trainLoss, _validationLoss, _trainAccuracy, _validationAccuracy, _rate, _speed, _wait, _norm;
    private List<LogLine> _log;
    private List<RunEvent> _answers;

    public RunCurves(string folder)
    {
        _path = Path.Combine(folder, "metrics.jsonl");
        Reset();
    }

    /// <summary>What happened, in words.</summary>
    /// <param name="At">When.</param>
    /// <param name="Kind">The event's kind.</param>
    /// <param name="Text">In words.</param>
    public sealed record LogLine(DateTimeOffset At, string Kind, string Text);

    /// <summary>A chart.</summary>
    public sealed record Chart(string Id, string Title, string YName, bool IsShare, bool? IsLowGood, IReadOnlyList<Line> Series);

    /// <summary>A line of a chart.</summary>
    public sealed record Line(string Key, string Name, string Label, int Total, int[] X, float[] Y);

    /// <summary>Bytes of the file that are in the curves; where live events begin.</summary>
    public long Offset => _tail.Offset;

    /// <summary>The last lines of the log, oldest first.</summary>
    public IReadOnlyList<LogLine> Log(int most)
    {
        lock (_gate)
        {
            ReadOn();
            return [.. _log.TakeLast(most)];
        }
    }

    /// <summary>What the run answered to requests.</summary>
    public IReadOnlyList<RunEvent> Answers()
    {
        lock (_gate)
        {
            ReadOn();
            return [.. _answers];
        }
    }

    /// <summary>The charts of a range of steps.</summary>
    public (IReadOnlyList<Chart> Charts, long Offset) Charts(long from, long to, int most)
    {
        lock (_gate)
        {
            ReadOn();
            Line Of(string key, Curve curve)
            {
                var (x, y) = curve.Within(from, to, most);
                return new Line(key, curve.Name, curve.Label, curve.Count, x, y);
            }

            Chart[] all =
            [
                new("loss", "Loss", "nats", false, true, [_trainLoss.Count >= _epochLoss.Count ? Of("trainLoss", _trainLoss) : Of("epochLoss", _epochLoss), Of("validationLoss", _validationLoss)]),
                new("accuracy", "Accuracy", "right", true, false, [_trainAccuracy.Count >= _epochAccuracy.Count ? Of("trainAccuracy", _trainAccuracy) : Of("epochAccuracy", _epochAccuracy), Of("validationAccuracy", _validationAccuracy)]),
                new("rate", "Learning rate", "rate", false, null, [Of("learningRate", _rate)]),
                new("speed", "Speed", "pictures/s", false, false, [Of("imagesPerSecond", _speed)]),
                new("wait", "Waiting for data", "of the time", true, true, [Of("dataWaitShare", _wait)]),
                new("norm", "Gradient norm", "before clipping", false, null, [Of("gradientNorm", _norm)]),
            ];
            return ([.. all.Select(chart => chart with { Series = [.. chart.Series.Where(line => line.Total > 0)] }).Where(chart => chart.Series.Count > 0)], _tail.Offset);
        }
    }

    [System.Diagnostics.CodeAnalysis.MemberNotNull(nameof(_tail), nameof(_epochLoss), nameof(_epochAccuracy), nameof(_trainLoss), nameof(_validationLoss), nameof(_trainAccuracy), nameof(_validationAccuracy), nameof(_rate), nameof(_speed), nameof(_wait), nameof(_norm), nameof(_log), nameof(_answers))]
    private void Reset()
    {
        _tail = new MetricsTail(_path);
        _epochLoss = new Curve("Training loss, mean of the epoch", "training");
        _epochAccuracy = new Curve("Training accuracy, mean of the epoch", "training");
        _trainLoss = new Curve("Training loss", "training");
        _validationLoss = new Curve("Validation loss", "validation");
        _trainAccuracy = new Curve("Training accuracy", "training");
        _validationAccuracy = new Curve("Validation accuracy", "validation");
        _rate = new Curve("Learning rate", "rate");
        _speed = new Curve("Pictures per second", "speed");
        _wait = new Curve("Share of the time spent waiting for data", "waiting");
        _norm = new Curve("Norm of the gradient", "norm");
        _log = [];
        _answers = [];
    }

    private void ReadOn()
    {
        if (!_tail.Read(Take))
        {
            Reset();
            _tail.Read(Take);
        }
    }

    private void Take(ReadOnlySpan<byte> json, long end)
    {
        if (!MetricsLine.TryRead(json, out var line))
        {
            return;
        }

        if (line.Kind == "step")
        {
            _trainLoss.Add(line.Step, line.TrainLoss);
            _trainAccuracy.Add(line.Step, line.TrainAccuracy);
            _rate.Add(line.Step, line.LearningRate);
            _norm.Add(line.Step, line.GradientNorm);
            _speed.Add(line.Step, line.ImagesPerSecond);
            _wait.Add(line.Step, line.DataWaitShare);
        }
        else if (line.Kind == "epoch")
        {
            _epochLoss.Add(line.Step, line.TrainLoss);
            _epochAccuracy.Add(line.Step, line.TrainAccuracy);
            _validationLoss.Add(line.Step, line.ValidationLoss);
            _validationAccuracy.Add(line.Step, line.ValidationAccuracy);
        }

        if (line.Kind == "control" && JsonSerializer.Deserialize<RunEvent>(json, SightlineJson.Line) is { } answer)
        {
            _answers.Add(answer);
        }

        if (LiveEvents.Words(line) is { } words)
        {
            _log.Add(new LogLine(line.At, line.Kind, words));
            if (_log.Count > 2 * LogKept)
            {
                _log.RemoveRange(0, LogKept);
            }
        }
    }
}
