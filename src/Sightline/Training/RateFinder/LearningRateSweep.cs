using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>Takes steps at rising learning rates and puts everything back: weights, buffers, optimiser, random state, training mode.</summary>
internal static class LearningRateSweep
{
    public const double Lowest = 1e-7;
    public const double Highest = 10;

    // fastai's AvgSmoothLoss and LRFinder.
    private const double Momentum = 0.98;
    private const double DivergedAt = 4;

    /// <summary>Runs the sweep.</summary>
    /// <param name="model">Trained meanwhile, then restored bit for bit; its gradients are gone.</param>
    /// <param name="optimizer">The same.</param>
    /// <param name="steps">Rates to try, evenly spaced on a logarithmic axis.</param>
    /// <param name="step">Takes a step at a rate and says its loss.</param>
    /// <param name="cancel">Ends it, restored.</param>
    public static (IReadOnlyList<double> Rates, IReadOnlyList<double> Losses, IReadOnlyList<double> Smoothed, bool Diverged) Run(
        nn.Module<Tensor, Tensor> model, ParameterOptimizer optimizer, int steps, Func<double, double> step, CancellationToken cancel)
    {
        var (rates, losses, smoothed) = (new List<double>(), new List<double>(), new List<double>());
        var (mean, best) = (0.0, double.PositiveInfinity);
        using var kept = new Snapshot(model, optimizer);
        model.train();
        for (var i = 0; i < steps; i++)
        {
            cancel.ThrowIfCancellationRequested();
            var rate = Lowest * Math.Pow(Highest / Lowest, (double)i / (steps - 1));
            var loss = step(rate);
            mean = (Momentum * mean) + ((1 - Momentum) * loss);
            var smooth = mean / (1 - Math.Pow(Momentum, i + 1));
            if (!double.IsFinite(smooth))
            {
                return (rates, losses, smoothed, true);
            }

            rates.Add(rate);
            losses.Add(loss);
            smoothed.Add(smooth);
            best = Math.Min(best, smooth);
            if (smooth > DivergedAt * best)
            {
                return (rates, losses, smoothed, true);
            }
        }

        return (rates, losses, smoothed, false);
    }

    private sealed class Snapshot : IDisposable
    {
        private readonly nn.Module<Tensor, Tensor> _model;
        private readonly ParameterOptimizer _optimizer;
        private readonly bool _isTraining;
        private readonly long _stepCount;
        private readonly Dictionary<string, Tensor> _weights;
        private readonly Dictionary<string, Tensor> _state;
        private readonly Tensor _random = get_rng_state().DetachFromDisposeScope();

        public Snapshot(nn.Module<Tensor, Tensor> model, ParameterOptimizer optimizer)
        {
            (_model, _optimizer, _isTraining, _stepCount) = (model, optimizer, model.training, optimizer.StepCount);
            using var noGrad = no_grad();
            _weights = model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone().DetachFromDisposeScope());
            _state = optimizer.State().ToDictionary(entry => entry.Name, entry => entry.Tensor.clone().DetachFromDisposeScope());
        }

        public void Dispose()
        {
            using (no_grad())
            {
                foreach (var (name, tensor) in _model.state_dict())
                {
                    tensor.copy_(_weights[name]);
                }

                _optimizer.Restore(_state, _stepCount);
            }

            _optimizer.ClearGradients();
            _model.train(_isTraining);
            set_rng_state(_random);
            foreach (var tensor in _weights.Values.Concat(_state.Values).Append(_random))
            {
                tensor.Dispose();
            }
        }
    }
}
