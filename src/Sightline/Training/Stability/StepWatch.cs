using Sightline.Runs;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training.Stability;

/// <summary>Watches a run's steps: judges each before the weights change, reads the layers now and then, and says what follows.</summary>
/// <remarks>
/// On a CPU a step's figures are read at once, since they are there. A GPU would have to be waited for at each step; there they are read every
/// <see cref="Lag"/> steps, when it is too late to leave a step out: skip then means to roll back.
/// </remarks>
internal sealed class StepWatch : IDisposable
{
    // Between two messages of one detector that only warns or leaves steps out.
    private const int QuietSteps = 50;
    private const int UsualInterval = 100;
    private const int ReadingsPerRun = 200;

    private readonly StabilityOptions _options;
    private readonly StepGuard _guard;
    private readonly LayerWatch _layers;
    private readonly Snapshot? _snapshot;
    private readonly List<Parameter> _parameters;
    private readonly bool _judges;
    private readonly long _interval;
    private readonly Dictionary<string, (long Step, int Since, int Length)> _told = [];
    private readonly List<Tensor> _unread = [];
    private long _step;
    private bool _isReading;
    private Trouble? _trouble;
    private IReadOnlyList<LayerReading>? _readings;

    /// <param name="model">On its device.</param>
    /// <param name="options">What to look for.</param>
    /// <param name="state">Of a checkpoint, or new.</param>
    /// <param name="step">Steps taken before.</param>
    /// <param name="totalSteps">Of the whole run.</param>
    /// <param name="lag">Steps between two readings of the figures; null: by the device.</param>
    public StepWatch(nn.Module<Tensor, Tensor> model, StabilityOptions options, GuardState state, long step, long totalSteps, int? lag = null)
    {
        _step = step;
        _options = options;
        _guard = new StepGuard(options, state);
        _layers = new LayerWatch(model, state.Silent);
        _parameters = model.parameters().ToList();
        Lag = lag ?? (_parameters[0].device_type == DeviceType.CUDA ? 10 : 1);
        StabilityPolicy[] policies = [options.NotFinite, options.Spike, options.Exploding];
        _judges = policies.Any(policy => policy != StabilityPolicy.Off);
        _snapshot = Lag == 1 && policies.Contains(StabilityPolicy.Skip) ? new Snapshot(model) : null;
        _interval = options.DiagnosticsSteps ?? Math.Max(UsualInterval, totalSteps / ReadingsPerRun);
    }

    /// <summary>Steps between two readings of loss and gradient norm.</summary>
    public int Lag { get; }

    /// <summary>The gradient's norm before clipping, a scalar of the scope in which <see cref="Allows"/> was called; null where nothing is judged.</summary>
    public Tensor? Norm { get; private set; }

    /// <summary>To be kept in checkpoints.</summary>
    public GuardState State => _guard.State with { Silent = _layers.Silent };

    /// <summary>Whether the last step was in trouble; a checkpoint of this moment would not be a good one.</summary>
    public bool IsInTrouble => _trouble is not null;

    /// <summary>Before the forward pass.</summary>
    /// <remarks>May come twice for a step: one that ran out of memory is taken again.</remarks>
    public void Begin()
    {
        _layers.Forget();
        _snapshot?.Take();

        // After a step with NaN the next one is read too: it tells in which layer they begin.
        _isReading = _interval > 0 && (_step % _interval == 0 || _trouble?.Detector == StepGuard.NotFinite);
        (_trouble, _readings, Norm) = (null, null, null);
        if (_isReading)
        {
            _layers.Begin();
        }
    }

    /// <summary>After the backward pass: whether the weights may change. Where they may not, running statistics are as before the step.</summary>
    /// <param name="loss">float32 scalar: mean over the step.</param>
    public bool Allows(Tensor loss)
    {
        _step++;
        if (_judges)
        {
            using var noGrad = no_grad();
            using var scope = NewDisposeScope();
            var gradients = _parameters.Where(parameter => parameter.grad is not null).Select(parameter => linalg.vector_norm(parameter.grad!, 2)).ToList();
            var norm = gradients.Count == 0 ? zeros([], device: loss.device) : linalg.vector_norm(stack(gradients), 2);
            _unread.Add(stack([loss.detach().to(ScalarType.Float32), norm.to(ScalarType.Float32)]).DetachFromDisposeScope());
            Norm = norm.MoveToOuterDisposeScope();
            if (_unread.Count >= Lag)
            {
                Judge();
            }
        }

        if (_isReading)
        {
            _layers.BeforeUpdate();
        }

        if (Lag > 1 || _trouble?.Action is null or StabilityPolicy.Warn)
        {
            return true;
        }

        _snapshot?.Restore();
        if (_isReading)
        {
            _readings = _layers.AfterUpdate();
            var begin = _readings.FirstOrDefault(layer => layer.Activation is { } activation && !double.IsFinite(activation))?.Name;
            _trouble = begin is null ? _trouble : _trouble with { Seen = $"{_trouble.Seen} (it begins in the layer '{begin}')" };
        }

        return false;
    }

    /// <summary>Instead of <see cref="Allows"/>, where a step is left out for another reason: gives running statistics back.</summary>
    public void LeaveOut()
    {
        _step++;
        _snapshot?.Restore();
        _layers.Forget();
        _isReading = false;
    }

    /// <summary>After the update.</summary>
    public void Updated()
    {
        if (_isReading)
        {
            _readings = _layers.AfterUpdate();
            _trouble ??= Vanishing.Find(_options, _readings) ?? DeadUnits.Find(_options, _readings);
        }
    }

    /// <summary>What the step just taken has to say.</summary>
    /// <param name="blank">An event of now.</param>
    public IEnumerable<RunEvent> Told(RunEvent blank)
    {
        if (_readings is { } layers)
        {
            yield return blank with { Kind = "layers", Layers = layers };
        }

        if (_trouble is not { Action: StabilityPolicy.Warn or StabilityPolicy.Skip } trouble)
        {
            yield break;
        }

        // Said again sooner where it says more, such as the layer.
        var (last, since, seen) = _told.GetValueOrDefault(trouble.Detector, (-QuietSteps, 0, 0));
        if (blank.Step - last < QuietSteps && (trouble.Detector != StepGuard.NotFinite || trouble.Seen.Length <= seen))
        {
            _told[trouble.Detector] = (last, since + 1, seen);
            yield break;
        }

        _told[trouble.Detector] = (blank.Step, 0, trouble.Seen.Length);
        yield return blank with
        {
            Kind = "stability",
            Detector = trouble.Detector,
            Action = trouble.Action,
            Message = $"{trouble.Seen} in step {blank.Step}"
                + $"{(trouble.Action == StabilityPolicy.Skip ? "; the step was left out" : "")}{(since > 0 ? $" ({since} more like it since step {last})" : "")}. {trouble.Remedy}",
        };
    }

    /// <summary>Does what the trouble of the step just taken asks for, beyond leaving it out.</summary>
    /// <param name="step">Steps taken.</param>
    /// <param name="rollBacks">Roll-backs so far.</param>
    /// <exception cref="RollBackException">The run is to go back to its last checkpoint.</exception>
    /// <exception cref="DivergedException">The run is to stop.</exception>
    public void Act(long step, int rollBacks)
    {
        if (_trouble is not { } trouble || trouble.Action is StabilityPolicy.Warn || (trouble.Action is StabilityPolicy.Skip && Lag == 1))
        {
            return;
        }

        if (trouble.Action != StabilityPolicy.Stop && rollBacks < _options.MaximumRollBacks)
        {
            throw new RollBackException(trouble, step);
        }

        var tried = trouble.Action == StabilityPolicy.Stop ? "" : $" after {rollBacks} roll-backs (stability.maximumRollBacks is {_options.MaximumRollBacks})";
        throw new DivergedException($"{trouble.Seen} in step {step}; the run stops{tried}, as stability.{trouble.Detector} asks. {trouble.Remedy} Checkpoints before it are kept.");
    }

    public void Dispose()
    {
        _layers.Dispose();
        _snapshot?.Dispose();
        _unread.ForEach(tensor => tensor.Dispose());
    }

    private void Judge()
    {
        foreach (var pair in _unread)
        {
            // The one wait for the device. On a CPU both numbers are there.
            var figures = pair.cpu().data<float>();
            var found = _guard.Judge(figures[0], figures[1]);
            _trouble = found is not null && (_trouble is null || found.Action > _trouble.Action) ? found : _trouble;
            pair.Dispose();
        }

        _unread.Clear();
    }
}
