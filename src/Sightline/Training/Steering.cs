using Sightline.Runs;

namespace Sightline.Training;

/// <summary>What was asked of a run while it runs: the settings in force, and whether it is to hold or to stop.</summary>
/// <remarks>
/// Adjustments stand in <c>run.json</c> with the step after which they came. A process that goes on from a checkpoint takes those of the steps
/// before it at once and the later ones at their steps, so that it takes the same way.
/// </remarks>
internal sealed class Steering
{
    private static readonly TimeSpan HoldInterval = TimeSpan.FromMilliseconds(250);

    private readonly RunFolder _run;
    private readonly RunControl _control;
    private readonly Func<string, RunEvent> _blank;
    private readonly Action<RunEvent> _record;
    private readonly Queue<RunAdjustment> _toCome = new();
    private readonly Queue<ControlRequest> _heard = new();
    private ControlRequest? _pauseAsked;
    private bool _isHeld;

    /// <param name="run">Holds the adjustments.</param>
    /// <param name="control">Borrowed.</param>
    /// <param name="step">Steps taken.</param>
    /// <param name="blank">Makes an event of a kind, of now.</param>
    /// <param name="record">Writes an event down.</param>
    public Steering(RunFolder run, RunControl control, long step, Func<string, RunEvent> blank, Action<RunEvent> record)
    {
        (_run, _control, _blank, _record) = (run, control, blank, record);
        Options = run.Settings.Options;
        foreach (var adjustment in run.Settings.Adjustments)
        {
            if (adjustment.Step <= step)
            {
                Options = adjustment.Settings.Changed(Options);
            }
            else
            {
                _toCome.Enqueue(adjustment);
            }
        }
    }

    /// <summary>The settings in force.</summary>
    public TrainOptions Options { get; private set; }

    /// <summary>The run's sign of life.</summary>
    public RunPulse Pulse => _control.Pulse;

    /// <summary>Whether the run is to hold.</summary>
    public bool IsPauseAsked => _pauseAsked is not null;

    /// <summary>The request to stop, if there is one.</summary>
    public ControlRequest? StopAsked { get; private set; }

    /// <summary>Whether the run is to hold or to stop.</summary>
    public bool IsWaiting => IsPauseAsked || StopAsked is not null;

    /// <summary>Acknowledges what was asked since the last look, while nothing can be changed: the next <see cref="Look"/> decides it.</summary>
    public void Hear()
    {
        foreach (var request in _control.Look())
        {
            Acknowledge(request);
            _heard.Enqueue(request);
        }
    }

    /// <summary>Takes what was asked since the last look.</summary>
    /// <param name="state">Where the run stands.</param>
    /// <returns>Whether there is anything to adopt or obey.</returns>
    public bool Look(TrainState state)
    {
        var before = Options;
        while (_toCome.TryPeek(out var next) && next.Step <= state.Step)
        {
            Replay(_toCome.Dequeue());
        }

        Hear();
        while (_heard.TryDequeue(out var request))
        {
            Take(request, state);
        }

        return Options != before || IsWaiting;
    }

    /// <summary>Holds until somebody asks to go on or to stop; adjustments are taken meanwhile.</summary>
    /// <param name="state">Where the run stands; its checkpoint is written.</param>
    /// <param name="cancel">Ends the wait.</param>
    public void Hold(TrainState state, CancellationToken cancel)
    {
        if (_pauseAsked is null)
        {
            return;
        }

        _isHeld = true;
        Pulse.Enter(RunPhase.Paused);
        Tell(_pauseAsked, ControlPhase.Applied, $"Paused after step {state.Step}; the checkpoint is written.");
        while (_pauseAsked is not null && StopAsked is null && !cancel.WaitHandle.WaitOne(HoldInterval))
        {
            Look(state);
        }

        (_pauseAsked, _isHeld) = (null, false);
        Pulse.Enter(RunPhase.Starting);
    }

    /// <summary>Tells that the run stops as asked; its checkpoint is written.</summary>
    public void Stopped()
    {
        if (StopAsked is { } asked)
        {
            Tell(asked, ControlPhase.Applied, "Stopped; the checkpoint is written.");
        }
    }

    private void Acknowledge(ControlRequest request)
    {
        _record(_blank("control") with { At = request.At, Control = Event(request, ControlPhase.Requested), Message = Words(request) });
        Tell(request, ControlPhase.Acknowledged);
    }

    private void Take(ControlRequest request, TrainState state)
    {
        var problem = request.Problem ?? request.Action switch
        {
            ControlAction.Pause when IsPauseAsked => "The run is paused already.",
            ControlAction.Resume when !IsPauseAsked => "The run is not paused.",
            ControlAction.Adjust => Problem(request.Settings ?? new AdjustableSettings(), state),
            _ => null,
        };
        if (problem is not null)
        {
            Tell(request, ControlPhase.Refused, problem);
            return;
        }

        switch (request.Action)
        {
            case ControlAction.Pause:
                _pauseAsked = request; // Applied when the checkpoint is written.
                break;
            case ControlAction.Stop:
                StopAsked ??= request;
                break;
            case ControlAction.Resume:
                if (!_isHeld && _pauseAsked is { } withdrawn)
                {
                    Tell(withdrawn, ControlPhase.Refused, "It was withdrawn before the run held.");
                }

                _pauseAsked = null;
                Tell(request, ControlPhase.Applied);
                break;
            case ControlAction.Adjust when request.Settings is { } settings:
                Apply(request, settings, state.Step);
                break;
        }
    }

    private string? Problem(AdjustableSettings settings, TrainState state)
    {
        var problems = settings.Check(Options, state.Epoch + (state.Batch > 0 ? 1 : 0)).ToList();
        return problems.Count == 0 ? null : string.Join(' ', problems);
    }

    private void Apply(ControlRequest request, AdjustableSettings settings, long step)
    {
        // What a checkpoint lost of a killed run's adjustments is older than this one, though of later steps: it comes first, now.
        var rest = _toCome.Select(adjustment => adjustment with { Step = step }).ToList();
        var past = _run.Settings.Adjustments.Take(_run.Settings.Adjustments.Count - rest.Count);
        var added = new RunAdjustment { Id = request.Id, At = _blank("control").At, By = request.By, Step = step, Settings = settings };
        _run.Write([.. past, .. rest, added]);
        while (_toCome.TryDequeue(out var next))
        {
            Replay(next);
        }

        Options = settings.Changed(Options);
        Tell(request, ControlPhase.Applied);
    }

    private void Replay(RunAdjustment adjustment)
    {
        Options = adjustment.Settings.Changed(Options);
        var request = new ControlRequest(adjustment.Id, adjustment.At, adjustment.By, ControlAction.Adjust, adjustment.Settings);
        Tell(request, ControlPhase.Applied, "Again, as before the run went back to a checkpoint, or as in the run that this one repeats.");
    }

    private void Tell(ControlRequest request, ControlPhase phase, string? reason = null) => _record(_blank("control") with
    {
        Control = Event(request, phase, reason),
        Message = $"{Words(request)}: {phase.ToString().ToLowerInvariant()}.{(reason is null ? "" : $" {reason}")}",
    });

    private static RunControlEvent Event(ControlRequest request, ControlPhase phase, string? reason = null) =>
        new() { Id = request.Id, Action = request.Action, Phase = phase, By = request.By, Settings = request.Settings, Reason = reason };

    private static string Words(ControlRequest request) =>
        $"{request.By} asked to {request.Action.ToString().ToLowerInvariant()}{(request.Settings is { } settings ? $" {settings}" : "")}";
}
