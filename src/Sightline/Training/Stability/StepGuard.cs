namespace Sightline.Training.Stability;

/// <summary>Judges each step by its loss and gradient norm before the weights change.</summary>
/// <remarks>
/// The norm is one figure that tells about every element of every gradient: a single NaN or infinity makes it so. On the CPU both figures are
/// there already when the step asks, so reading them costs nothing.
/// </remarks>
internal sealed class StepGuard
{
    public const string NotFinite = "notFinite";
    public const string Spike = "spike";
    public const string Exploding = "exploding";

    // A spike is also this share above the usual loss, and above it by this share of the first losses.
    private const double SpikeShare = 0.5;
    private const double SpikeOfFirst = 0.1;

    private readonly StabilityOptions _options;
    private readonly Recent _losses;
    private readonly Recent _norms;
    private long _skips;
    private int _skipsInARow;

    public StepGuard(StabilityOptions options, GuardState state)
    {
        _options = options;
        _losses = new Recent(state.Losses, state.FirstLoss);
        _norms = new Recent(state.Norms, state.FirstNorm);
        (_skips, _skipsInARow) = (state.Skips, state.SkipsInARow);
    }

    /// <summary>To be kept in checkpoints.</summary>
    public GuardState State => new()
    {
        Losses = _losses.Values, Norms = _norms.Values, FirstLoss = _losses.First, FirstNorm = _norms.First, Skips = _skips, SkipsInARow = _skipsInARow,
    };

    /// <summary>Judges a step and remembers its figures.</summary>
    /// <param name="loss">Mean loss of the step.</param>
    /// <param name="norm">Norm of the whole gradient before clipping.</param>
    /// <returns>The gravest trouble, whose action decides; null where all is well.</returns>
    public Trouble? Judge(double loss, double norm)
    {
        var trouble = Find(loss, norm);
        var isTaken = trouble?.Action is null or StabilityPolicy.Warn;
        if (isTaken)
        {
            // A figure that raised an alarm is remembered too: where it stays high it is the new usual, and the alarm ends.
            if (double.IsFinite(loss) && double.IsFinite(norm))
            {
                _losses.Add(loss);
                _norms.Add(norm);
            }

            _skipsInARow = 0;
            return trouble;
        }

        _skips++;
        _skipsInARow++;
        return trouble!.Action == StabilityPolicy.Skip && _skipsInARow >= _options.SkipsInARow // Not taken, so there is one.
            ? trouble with { Action = StabilityPolicy.RollBack, Seen = $"{trouble.Seen}, and {_skipsInARow} steps in a row were left out" }
            : trouble;
    }

    private Trouble? Find(double loss, double norm)
    {
        if (!double.IsFinite(loss) || !double.IsFinite(norm))
        {
            return _options.NotFinite == StabilityPolicy.Off ? null : new Trouble(
                NotFinite, _options.NotFinite,
                double.IsFinite(loss) ? $"The gradient's norm is {Word(norm)}" : $"The loss is {Word(loss)}",
                "Lower the learning rate (--learning-rate), clip gradients (--set optimizer.clipNorm=1), or compute in float32 (--set precision=fp32).");
        }

        var spike = IsSpike(loss);
        var explosion = IsExploding(norm);
        return (spike, explosion) switch
        {
            (null, null) => null,
            (null, _) => explosion,
            (_, null) => spike,
            _ => spike.Action >= explosion.Action ? spike : explosion,
        };
    }

    private Trouble? IsSpike(double loss)
    {
        if (_options.Spike == StabilityPolicy.Off || !_losses.IsEnough || _losses.First is not { } first)
        {
            return null;
        }

        var (median, deviation) = _losses.Usual();
        var limit = median + Math.Max(_options.SpikeDeviations * deviation, Math.Max(SpikeShare * median, SpikeOfFirst * first));
        return loss <= limit ? null : new Trouble(
            Spike, _options.Spike, FormattableString.Invariant($"The loss jumped to {loss:0.###}, where {median:0.###} was usual"),
            "If it does not come down again, lower the learning rate, lengthen the warm-up (--set schedule.warmupEpochs=3) or clip gradients " +
            "(--set optimizer.clipNorm=1).");
    }

    private Trouble? IsExploding(double norm)
    {
        if (_options.Exploding == StabilityPolicy.Off || !_norms.IsEnough || _norms.First is not { } first)
        {
            return null;
        }

        var (median, _) = _norms.Usual();
        return norm <= _options.ExplodingRatio * Math.Max(median, first) ? null : new Trouble(
            Exploding, _options.Exploding, FormattableString.Invariant($"The gradient's norm jumped to {norm:g3}, where {median:g3} was usual"),
            "Clip gradients (--set optimizer.clipNorm=1) or lower the learning rate.");
    }

    private static string Word(double value) => double.IsNaN(value) ? "NaN" : value > 0 ? "infinite" : "minus infinite";
}
