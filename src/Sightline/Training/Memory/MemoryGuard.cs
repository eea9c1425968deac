using System.Globalization;
using Sightline.Data;
using Sightline.Models;
using Sightline.Native;
using Sightline.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>Keeps a run within its memory: by a plan before it begins, and by going down the <see cref="MemoryLadder"/> when memory runs out.</summary>
internal sealed class MemoryGuard : IDisposable
{
    private const double Margin = 0.9;

    private readonly nn.Module<Tensor, Tensor> _model;
    private readonly ParameterOptimizer _optimizer;
    private readonly RunSettings _settings;
    private readonly MemoryLadder _ladder;
    private readonly Action<string> _tell;
    private readonly long _pictureBytes;
    private readonly bool _isGpu;
    private Ballast? _ballast;
    private MemorySimulation? _simulation;
    private ModelPass? _pass;

    /// <summary>Makes the guard; nothing is decided before <see cref="Begin"/>.</summary>
    /// <param name="model">Borrowed; the run's model.</param>
    /// <param name="optimizer">Borrowed; its gradients are dropped when a step fails.</param>
    /// <param name="settings">The run's settings.</param>
    /// <param name="pictureBytes">What the loaders hold at most.</param>
    /// <param name="tell">Told each decision in plain words.</param>
    public MemoryGuard(nn.Module<Tensor, Tensor> model, ParameterOptimizer optimizer, RunSettings settings, long pictureBytes, Action<string> tell)
    {
        _model = model;
        _optimizer = optimizer;
        _settings = settings;
        _pictureBytes = pictureBytes;
        _tell = tell;
        _isGpu = Devices.Choose(settings.Options.Device).type == DeviceType.CUDA;
        _ladder = new MemoryLadder(settings);
        State = _ladder.Start;
    }

    /// <summary>What was decided.</summary>
    public MemoryState State { get; private set; }

    /// <summary>How the model is to be run; changes with <see cref="State"/>.</summary>
    public ModelPass Pass => _pass ??= ModelPass.Create(_model, _settings, State);

    /// <summary>Takes over what a checkpoint says, or plans the run and goes down until the plan fits.</summary>
    /// <param name="restored">Of the checkpoint; null for a new run.</param>
    /// <exception cref="MemoryException">Nothing fits.</exception>
    public void Begin(MemoryState? restored)
    {
        Change(restored ?? State, null);
        if (_isGpu)
        {
            return; // The plan is of this process's memory; a GPU's own is met by the ladder.
        }

        Allocator.Trim(); // What a probe of the layout left is free, and no part of the program.
        _ballast = Ballast.Take();
        if (_ballast is not null && _settings.Options.Memory.Adapt)
        {
            // Kept blocks would fill the limit, and what fails next need not be an allocation that can be caught.
            Change(State with { IsCompact = true }, "Under a limit of the process (ulimit)");
        }

        _simulation = new MemorySimulation(_settings, isMade: true);
        var limit = MemoryPlan.Limit(_settings);
        var plan = _simulation.Plan(_settings.Options.BatchSize, State, _pictureBytes);
        _tell($"Planned memory: {plan.Summary}{(limit is null ? "" : $"; there are {MemoryText.Of(limit.Bytes)} ({limit.Source})")}.");
        if (restored is not null || limit is null)
        {
            return;
        }

        var fitting = _ladder.Fitting(_simulation, State, limit.Room, _pictureBytes);
        if (fitting is null || (fitting != State && !_settings.Options.Memory.Adapt))
        {
            throw new MemoryException(
                $"The run needs {MemoryText.Of(_ladder.Needed(_simulation, State, _pictureBytes))} and there are {MemoryText.Of(limit.Bytes)} ({limit.Source}{(limit.Kills ? ", of which the plan leaves 15 % free" : "")}). " +
                Advice(limit.Room));
        }

        Change(fitting, "To fit into the memory");
    }

    public void Dispose() => _ballast?.Dispose();

    /// <summary>Does the work of a training step; when memory runs out, goes a step down and does it again.</summary>
    /// <param name="work">Given how to run the model, and the number of parts. It changes no weight before its end.</param>
    /// <exception cref="MemoryException">The bottom is reached.</exception>
    public void Train(Action<ModelPass, int> work)
    {
        var steps = _optimizer.StepCount;
        Try(isTraining: true, () =>
        {
            if (_optimizer.StepCount != steps)
            {
                // Part of the weights may be updated: doing it again would update them twice.
                throw new MemoryException("The memory ran out within the update of the weights. Go on from the last checkpoint with 'sightline train resume', with more memory.");
            }

            work(Pass, State.Parts);
            return true;
        });
    }

    /// <summary>Divides batches as a user asks from the next step on; when memory runs out, the ladder goes on from there.</summary>
    /// <param name="microBatch">Most pictures that go through the model at once.</param>
    public void Divide(int microBatch)
    {
        var batch = _settings.Options.BatchSize;
        var parts = Math.Max(1, (batch + microBatch - 1) / microBatch);
        Change(State with { Parts = parts, ValidationParts = parts }, "As asked, from here on");
    }

    /// <summary>Does the work of a validation or test; when memory runs out, divides its batches further and does it again.</summary>
    /// <param name="work">Given the number of parts of a batch.</param>
    /// <exception cref="MemoryException">Not even single pictures fit.</exception>
    public T Validate<T>(Func<int, T> work) => Try(isTraining: false, () => work(State.ValidationParts));

    private T Try<T>(bool isTraining, Func<T> work)
    {
        var where = isTraining ? "training" : "validation";
        while (true)
        {
            Exception failure;
            try
            {
                return work();
            }
            catch (Exception error) when (OutOfMemory.Is(error))
            {
                failure = error; // What follows needs memory: first the scopes of the attempt have to end.
            }

            var held = ProcessMemory.Peak;
            _optimizer.ClearGradients();
            Allocator.Trim();
            _ballast?.Release();
            if (!_settings.Options.Memory.Adapt || (isTraining ? _ladder.Below(State) : _ladder.BelowInValidation(State)) is not { } next)
            {
                throw new MemoryException($"The memory ran out in {where}. {Advice(MemoryPlan.Limit(_settings)?.Room)}", failure);
            }

            Change(isTraining ? Far(next, held) : next, $"The memory ran out in {where}; from here on");
        }
    }

    // What this process held when it could get no more is what there is, whatever the system says. To fail again is not free: near the limit a
    // library may meet it where it cannot report it and end the process.
    private MemoryState Far(MemoryState next, long? held)
    {
        if (_simulation is null || held is null)
        {
            return next;
        }

        while (_ladder.Needed(_simulation, next, _pictureBytes) > Margin * held && _ladder.Below(next) is { } further)
        {
            next = further;
        }

        return next;
    }

    private void Change(MemoryState next, string? reason)
    {
        if (next.IsCompact && !Allocator.IsCompact)
        {
            Allocator.Compact();
        }

        if (next != State)
        {
            if (reason is not null)
            {
                _tell($"{reason}: {_ladder.Describe(State, next)}.");
            }

            State = next;
            _pass = null;
        }
    }

    // The largest batch whose plan fits with everything on; where none does, sizes and models are what is left.
    private string Advice(long? limit)
    {
        var simulation = _simulation ?? new MemorySimulation(_settings);
        var bottom = _ladder.Bottom(State);
        for (var batch = _settings.Options.BatchSize; limit is not null && batch >= 1; batch /= 2)
        {
            var parts = Math.Max(1, batch / MemoryLadder.SmallestPart);
            var plan = simulation.Plan(batch, bottom with { Parts = parts, ValidationParts = parts }, _pictureBytes);
            if (plan.PeakBytes <= limit && (batch < _settings.Options.BatchSize || bottom != State))
            {
                return string.Create(CultureInfo.InvariantCulture,
                    $"By the plan this would fit: --batch {batch} --set memory.microBatch={Math.Max(1, batch / parts)} --set memory.checkpointing=balanced " +
                    $"--set memory.allocator=compact --set precision={bottom.Precision.ToString().ToLowerInvariant()} ({MemoryText.Of(plan.PeakBytes)}).");
            }
        }

        return "Take a smaller --size or --model ('sightline train plan' shows what each needs), or give the run more memory.";
    }
}
