using Sightline.Compute.Monitoring;
using Sightline.Training.Stability;

namespace Sightline.Runs;

/// <summary>Writes a run's heartbeat from a thread of its own, so that it beats while the training is within a long step, and how it ended.</summary>
internal sealed class RunPulse : IDisposable
{
    private const int StepsRemembered = 31;

    private readonly RunFolder _run;
    private readonly TimeProvider _time;
    private readonly Thread _thread;
    private readonly ManualResetEvent _isOver = new(false);
    private readonly Lock _gate = new();
    private readonly Queue<double> _stepSeconds = new();
    private Heartbeat _beat;
    private long _steppedAt;
    private double? _dataWait;
    private string? _notFinite;

    /// <summary>Begins to beat.</summary>
    public RunPulse(RunFolder run, TimeProvider time)
    {
        (_run, _time) = (run, time);
        _beat = new Heartbeat { Process = ProcessIdentity.Own, At = time.GetUtcNow(), Phase = RunPhase.Starting, PhaseSince = time.GetUtcNow() };
        Beat();
        _thread = new Thread(Work) { IsBackground = true, Name = "Sightline heartbeat" };
        _thread.Start();
    }

    /// <summary>Tells what the training does from now on.</summary>
    public void Enter(RunPhase phase)
    {
        lock (_gate)
        {
            _steppedAt = _time.GetTimestamp(); // What was between two phases is no part of a step.
            _beat = _beat with { Phase = phase, PhaseSince = _time.GetUtcNow() };
        }

        if (phase == RunPhase.Paused)
        {
            Beat(); // Who asked for it looks for it.
        }
    }

    /// <summary>Tells that a step is done.</summary>
    public void Stepped(long step, long totalSteps, int epoch)
    {
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            _stepSeconds.Enqueue(_time.GetElapsedTime(_steppedAt, now).TotalSeconds);
            if (_stepSeconds.Count > StepsRemembered)
            {
                _stepSeconds.Dequeue();
            }

            _steppedAt = now;
            _beat = _beat with { Step = step, TotalSteps = totalSteps, Epoch = epoch, StepAt = _time.GetUtcNow() };
        }
    }

    /// <summary>Takes what the rules look at from the run's events.</summary>
    public void Told(RunEvent value)
    {
        lock (_gate)
        {
            _dataWait = value.DataWaitShare ?? _dataWait;
            _notFinite = value.Detector == StepGuard.NotFinite ? value.Message : value.Kind == "epoch" ? null : _notFinite;
        }
    }

    /// <summary>The job as the rules see it.</summary>
    public JobReading Reading()
    {
        lock (_gate)
        {
            return new JobReading
            {
                IsRunning = true,
                MovedAt = _beat.Phase != RunPhase.Training ? null : _beat.StepAt > _beat.PhaseSince ? _beat.StepAt : _beat.PhaseSince,
                StepSeconds = Median(),
                DataWaitShare = _dataWait,
                NotFinite = _notFinite,
            };
        }
    }

    /// <summary>Tells how this process's share of the run ended; the last beat.</summary>
    public void End(int exitCode, string? message)
    {
        lock (_gate)
        {
            _beat = _beat with { Phase = RunPhase.Ended, PhaseSince = _time.GetUtcNow(), ExitCode = exitCode, Message = message };
        }

        Dispose();
        Beat();
    }

    public void Dispose()
    {
        _isOver.Set();
        _thread.Join();
    }

    private void Work()
    {
        while (!_isOver.WaitOne(Heartbeat.Interval))
        {
            Beat();
        }
    }

    private void Beat()
    {
        lock (_gate)
        {
            var beat = _beat with { At = _time.GetUtcNow(), StepSeconds = Median() };
            try
            {
                beat.Write(_run);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // A full disk must not end a training; the missing heartbeat is seen by who looks.
            }
        }
    }

    private double? Median()
    {
        var sorted = _stepSeconds.Order().ToList();
        return sorted.Count == 0 ? null : Math.Round(sorted[sorted.Count / 2], 6);
    }
}
