namespace Sightline.Training;

/// <summary>The learning rate as a function of the step alone, so that nothing of it needs to be saved or restored.</summary>
public sealed class LearningRateSchedule
{
    private const double WarmupStart = 0.01;
    private const double OneCycleStart = 1.0 / 25;
    private const double OneCycleEnd = 1e-5;

    private readonly ScheduleOptions _options;
    private readonly double _peak;
    private readonly long _totalSteps;
    private readonly long _warmupSteps;

    /// <summary>Lays the schedule over a run.</summary>
    /// <param name="options">Its kind and shape.</param>
    /// <param name="peak">Highest learning rate.</param>
    /// <param name="epochs">Epochs of the run.</param>
    /// <param name="stepsPerEpoch">Optimiser steps in each.</param>
    public LearningRateSchedule(ScheduleOptions options, double peak, int epochs, int stepsPerEpoch)
    {
        _options = options;
        _peak = peak;
        _totalSteps = (long)epochs * stepsPerEpoch;

        // A run shorter than its warm-up spends at most half of itself on it.
        _warmupSteps = Math.Min((long)Math.Round(options.WarmupEpochs * stepsPerEpoch), _totalSteps / 2);
    }

    /// <summary>The rate of a step.</summary>
    /// <param name="step">Steps taken before it, 0 to epochs x steps per epoch - 1.</param>
    public double At(long step)
    {
        if (_options.Kind == ScheduleKind.OneCycle)
        {
            return OneCycle(step);
        }

        if (step < _warmupSteps)
        {
            return _peak * (WarmupStart + (1 - WarmupStart) * step / _warmupSteps);
        }

        return _options.Kind switch
        {
            ScheduleKind.Cosine => Cosine(_peak, _peak * _options.FinalShare, (double)(step - _warmupSteps) / (_totalSteps - _warmupSteps)),
            ScheduleKind.Step => _peak * Math.Pow(0.1, _options.Milestones.Count(share => step >= share * _totalSteps)),
            ScheduleKind.Constant => _peak,
            _ => throw new ArgumentOutOfRangeException(nameof(step), _options.Kind, "The schedule has no formula for this kind."),
        };
    }

    // Smith and Topin 2018 with fastai's cosine arcs and divisors (25 at the start, 1e5 at the end). The arcs meet at step
    // PeakAt x total - 1, as in torch.optim.lr_scheduler.OneCycleLR.
    private double OneCycle(long step)
    {
        var top = Math.Max(_options.PeakAt * _totalSteps - 1, 1e-9);
        var last = _totalSteps - 1;
        return step <= top
            ? Cosine(_peak * OneCycleStart, _peak, step / top)
            : Cosine(_peak, _peak * OneCycleEnd, (step - top) / (last - top));
    }

    private static double Cosine(double from, double to, double share) => to + (from - to) * (1 + Math.Cos(Math.PI * share)) / 2;
}
