using Sightline.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>An average of a model's weights and running statistics over the steps of a run.</summary>
/// <remarks>
/// Running statistics are averaged as the weights are, so that no pass over the data is needed afterwards (timm's ModelEmaV3;
/// PyTorch's AveragedModel with use_buffers=True). Counters are copied.
/// </remarks>
internal sealed class WeightAverage : ICheckpointPart, IDisposable
{
    private const string CountsKey = "counts";

    private readonly nn.Module _model;
    private readonly AveragingOptions _options;
    private readonly long _firstStep;
    private readonly int _stepsPerEpoch;
    private readonly bool _fused;
    private readonly IReadOnlyList<(string Name, Tensor Average)> _averages;
    private long _steps;
    private long _averaged;

    private WeightAverage(nn.Module model, AveragingOptions options, int epochs, int stepsPerEpoch, bool fused)
    {
        _model = model;
        _options = options;
        _firstStep = (long)Math.Floor(options.StartAt * epochs) * stepsPerEpoch;
        _stepsPerEpoch = stepsPerEpoch;
        _fused = fused;
        using var noGrad = no_grad();
        _averages = model.state_dict().Select(pair => (pair.Key, pair.Value.detach().clone().DetachFromDisposeScope())).ToList();
    }

    /// <summary>Begins an average at the model's weights; null where none is asked for.</summary>
    /// <param name="model">Borrowed.</param>
    /// <param name="options">Kind and figures.</param>
    /// <param name="epochs">Of the run.</param>
    /// <param name="stepsPerEpoch">Optimiser steps in each.</param>
    /// <param name="fused">Null: one native call for all tensors where LibTorch can be asked.</param>
    public static WeightAverage? Create(nn.Module model, AveragingOptions options, int epochs, int stepsPerEpoch, bool? fused = null) =>
        options.Kind == AveragingKind.None ? null : new WeightAverage(model, options, epochs, stepsPerEpoch, fused ?? Operators.IsAvailable);

    public string Name => "average";

    /// <summary>Counts a step of the optimiser and takes the weights in, when it is their time.</summary>
    public void Update()
    {
        _steps++;
        if (_options.Kind == AveragingKind.Swa && (_steps <= _firstStep || _steps % _stepsPerEpoch != 0))
        {
            return;
        }

        // SWA: the running mean of n + 1 values moves by 1 / (n + 1).
        _averaged++;
        Move(_options.Kind == AveragingKind.Swa ? 1.0 / _averaged : 1 - Decay(_averaged));
    }

    /// <summary>Puts the average into the model until disposed, and the model's own weights back then. Before there is an average, nothing changes.</summary>
    public IDisposable Use()
    {
        if (_averaged > 0)
        {
            Swap();
        }

        return new Return(_averaged > 0 ? this : null);
    }

    public IEnumerable<(string Name, Tensor Tensor)> State() =>
        _averages.Select(pair => (pair.Name, pair.Average)).Append((CountsKey, tensor(new[] { _steps, _averaged })));

    public void Restore(IReadOnlyDictionary<string, Tensor> saved)
    {
        using var noGrad = no_grad();
        foreach (var (name, average) in _averages)
        {
            if (!saved.TryGetValue(name, out var value) || !value.shape.SequenceEqual(average.shape))
            {
                throw new WeightsException($"The checkpoint's averaged weight '{name}' is missing or has another shape; it belongs to another model or to a run without averaging.");
            }

            average.copy_(value);
        }

        if (!saved.TryGetValue(CountsKey, out var counts) || counts.numel() != 2)
        {
            throw new WeightsException("The checkpoint's averaged weights have no counts; it is damaged.");
        }

        (_steps, _averaged) = (counts.data<long>()[0], counts.data<long>()[1]);
    }

    public void Dispose()
    {
        foreach (var (_, average) in _averages)
        {
            average.Dispose();
        }
    }

    // timm/utils/model_ema.py, ModelEmaV3.get_decay: the first weights are copied, then the warm-up counts from 1.
    private double Decay(long update)
    {
        var step = update - 1;
        if (step <= 0)
        {
            return 0;
        }

        return _options.WarmupPower == 0
            ? _options.Decay
            : Math.Min(_options.Decay, 1 - Math.Pow(1 + (step / _options.WarmupGamma), -_options.WarmupPower));
    }

    private void Move(double share)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var weights = _model.state_dict();
        var moved = new List<(Tensor Average, Tensor Weight)>();
        foreach (var (name, average) in _averages)
        {
            if (average.is_floating_point())
            {
                moved.Add((average, weights[name]));
            }
            else
            {
                average.copy_(weights[name]);
            }
        }

        if (_fused)
        {
            Operators.Lerp(moved.ConvertAll(pair => pair.Average), moved.ConvertAll(pair => pair.Weight), full([], (float)share));
            return;
        }

        foreach (var (average, weight) in moved)
        {
            average.lerp_(weight, share);
        }
    }

    // In place and one tensor at a time, so that no third copy of the weights is needed.
    private void Swap()
    {
        using var noGrad = no_grad();
        var weights = _model.state_dict();
        foreach (var (name, average) in _averages)
        {
            using var scope = NewDisposeScope();
            var own = weights[name].detach().clone();
            weights[name].copy_(average);
            average.copy_(own);
        }
    }

    private sealed class Return(WeightAverage? average) : IDisposable
    {
        public void Dispose() => average?.Swap();
    }
}
