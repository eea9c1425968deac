namespace Sightline.Training;

/// <summary>
/// The learning rate as a function of the step, and for a plateau of the validation figures so far, so that nothing of it needs to be saved or
/// restored.
/// </summary>
public sealed class LearningRateSchedule
{
    private const double WarmupStart = 0.01;
    private const double OneCycleStart = 1.0 / 25;
    private const double OneCycleEnd = 1e-5;

    private readonly ScheduleOptions _options;
    private readonly double _peak;
    private readonly int _stepsPerEpoch;
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
        _stepsPerEpoch = stepsPerEpoch;
        _totalSteps = (long)epochs * stepsPerEpoch;

        // A run shorter than its warm-up spends at most half of itself on it.
        _warmupSteps = Math.Min((long)Math.Round(options.WarmupEpochs * stepsPerEpoch), _totalSteps / 2);
    }

    /// <summary>Epochs before the first unfreezing, for fine-tune; at least 1.</summary>
    internal int FrozenEpochs { get; init; } = 1;

    /// <summary>The peak rate of a run: as set, or scaled from the batch that it was meant for.</summary>
    /// <param name="options">All settings.</param>
    public static double Peak(TrainOptions options)
    {
        if (options.Schedule.ReferenceBatch is not { } reference)
        {
            return options.Optimizer.LearningRate;
        }

        // Adam's steps do not grow with the gradient, so the noise of its mean, not the mean, sets the rate. timm's train.py divides alike.
        var ratio = (double)options.BatchSize * options.Accumulation / reference;
        var isAdaptive = options.Optimizer.Kind is OptimizerKind.Adam or OptimizerKind.AdamW or OptimizerKind.Lamb;
        return options.Optimizer.LearningRate * (isAdaptive ? Math.Sqrt(ratio) : ratio);
    }

    /// <summary>The rate of a step.</summary>
    /// <param name="step">Steps taken before it, 0 to epochs x steps per epoch - 1.</param>
    /// <param name="watched">
    /// For a plateau: the watched validation figure of each finished epoch; those after the step's epoch are not looked at. null: none is finished.
    /// </param>
    public double At(long step, IReadOnlyList<double>? watched = null)
    {
        if (_options.Kind == ScheduleKind.OneCycle)
        {
            return OneCycle(step);
        }

        if (_options.Kind == ScheduleKind.FineTune)
        {
            return FineTuneSchedule.At(step, _peak, (long)FrozenEpochs * _stepsPerEpoch, _totalSteps);
        }

        if (step < _warmupSteps)
        {
            return _peak * (WarmupStart + (1 - WarmupStart) * step / _warmupSteps);
        }

        var share = (double)(step - _warmupSteps) / (_totalSteps - _warmupSteps);
        var last = _peak * _options.FinalShare;
        return _options.Kind switch
        {
            ScheduleKind.Cosine => Cosine(_peak, last, share),
            ScheduleKind.Step => _peak * Math.Pow(_options.Decay, StepsDown(step)),
            ScheduleKind.MultiStep => _peak * Math.Pow(_options.Decay, _options.MilestoneEpochs.Count(epoch => IsPast(step, epoch))),
            ScheduleKind.Exponential => _peak * Math.Pow(_options.FinalShare, share),
            ScheduleKind.Polynomial => last + ((_peak - last) * Math.Pow(1 - share, _options.Power)),
            ScheduleKind.Plateau => Plateau((int)(step / _stepsPerEpoch), watched ?? []),
            ScheduleKind.Constant => _peak,
            _ => throw new ArgumentOutOfRangeException(nameof(step), _options.Kind, "The schedule has no formula for this kind."),
        };
    }

    // Milestones count from the run's start, warm-up included.
    private int StepsDown(long step) => _options.StepEpochs is { } epochs
        ? (int)Math.Floor((step / (epochs * _stepsPerEpoch)) + 1e-9)
        : _options.Milestones.Count(share => step >= share * _totalSteps);

    private bool IsPast(long step, double epoch) => step >= (epoch * _stepsPerEpoch) - 1e-9;

    // torch.optim.lr_scheduler.ReduceLROnPlateau, replayed from the first epoch: some additions per epoch.
    private double Plateau(int finishedEpochs, IReadOnlyList<double> watched)
    {
        var isLoss = _options.PlateauFigure == PlateauFigure.Loss;
        var best = isLoss ? double.PositiveInfinity : double.NegativeInfinity;
        var (rate, lowest) = (_peak, _peak * _options.FinalShare);
        var (bad, cooldown) = (0, 0);
        foreach (var figure in watched.Take(finishedEpochs))
        {
            if (isLoss ? figure < best * (1 - _options.PlateauThreshold) : figure > best * (1 + _options.PlateauThreshold))
            {
                (best, bad) = (figure, 0);
            }
            else
            {
                bad++;
            }

            if (cooldown > 0)
            {
                (cooldown, bad) = (cooldown - 1, 0);
            }

            if (bad > _options.PatienceEpochs)
            {
                rate = Math.Max(rate * _options.Decay, lowest);
                (cooldown, bad) = (_options.CooldownEpochs, 0);
            }
        }

        return rate;
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
