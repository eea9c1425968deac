namespace Sightline.Runs;

/// <summary>A training process's side of a run's control: its heartbeat, and the requests that it reads.</summary>
internal sealed class RunControl : IDisposable
{
    private readonly ControlReader _reader;
    private readonly SystemRecorder _recorder;
    private List<ControlRequest> _old;

    /// <summary>Takes the run.</summary>
    public RunControl(RunFolder run, TimeProvider time)
    {
        // Told by the place in the file, not by the time: the asker's clock may be another machine's.
        _reader = new ControlReader(run, time);
        var answered = run.ReadEvents().Where(seen => seen.Control?.Phase is ControlPhase.Applied or ControlPhase.Refused).Select(seen => seen.Control!.Id) // Just looked at.
            .Concat(run.Settings.Adjustments.Select(adjustment => adjustment.Id)).ToHashSet();
        _old = _reader.Look().Where(request => !answered.Contains(request.Id))
            .Select(request => request with { Problem = "It was asked of a process that had ended before it answered. Ask again." }).ToList();
        Pulse = new RunPulse(run, time);
        _recorder = new SystemRecorder(run, time, Pulse.Reading);
    }

    /// <summary>The run's sign of life.</summary>
    public RunPulse Pulse { get; }

    /// <summary>The requests since the last look. Those from before this process began carry a problem.</summary>
    public IReadOnlyList<ControlRequest> Look()
    {
        var found = _reader.Look();
        if (_old.Count > 0)
        {
            found = [.. _old, .. found];
            _old = [];
        }

        return found;
    }

    /// <summary>Does the training's work and writes down how it ended.</summary>
    public T Around<T>(Func<T> work)
    {
        try
        {
            var result = work();
            Pulse.End(0, null);
            return result;
        }
        catch (Exception error)
        {
            Pulse.End((int)(error is SightlineException known ? known.ExitCode : ExitCode.Unexpected), error.Message);
            throw;
        }
    }

    public void Dispose()
    {
        _recorder.Dispose();
        Pulse.Dispose();
    }
}
