using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>Sums of loss and hits, kept on the device: nothing waits for it until somebody reads.</summary>
internal sealed class TrainingMeter : IDisposable
{
    // loss x count, hits, gradient norm: float64, so that the sums of a long epoch stay exact enough.
    private readonly Tensor _sums;
    private long _seen;
    private long _steps;

    public TrainingMeter(Device device) => _sums = zeros(3, ScalarType.Float64, device).DetachFromDisposeScope();

    /// <summary>Adds a batch. Tensors are borrowed.</summary>
    /// <param name="loss">Mean over the batch.</param>
    /// <param name="logits">float32 [N,K].</param>
    /// <param name="labels">int64 [N].</param>
    /// <param name="ownShare">
    /// Where the batch is mixed: how much of each picture is its own. A hit then counts by the share of the class that was met, so the
    /// accuracy's ceiling is the mean of the larger shares, not 1.
    /// </param>
    public void Add(Tensor loss, Tensor logits, Tensor labels, double? ownShare)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var count = labels.shape[0];
        var predicted = logits.argmax(1);
        var hits = predicted.eq(labels).sum().to(ScalarType.Float64);
        if (ownShare is { } share)
        {
            hits = (hits * share) + (predicted.eq(labels.roll(1, 0)).sum().to(ScalarType.Float64) * (1 - share));
        }

        _sums.add_(stack([loss.to(ScalarType.Float64) * count, hits, zeros([], ScalarType.Float64, _sums.device)]));
        _seen += count;
    }

    /// <summary>Counts an optimiser step.</summary>
    /// <param name="gradientNorm">Null where it was not measured.</param>
    public void AddStep(Tensor? gradientNorm)
    {
        if (gradientNorm is not null)
        {
            using var scope = NewDisposeScope();
            using var noGrad = no_grad();
            _sums[2].add_(gradientNorm.to(ScalarType.Float64));
        }

        _steps++;
    }

    /// <summary>Reads the sums; waits for the device.</summary>
    public MeterReading Read()
    {
        using var scope = NewDisposeScope();
        var sums = _sums.cpu().data<double>().ToArray();
        return new MeterReading { LossSum = sums[0], Hits = sums[1], NormSum = sums[2], Seen = _seen, Steps = _steps };
    }

    /// <summary>Starts from the given sums; the default starts anew.</summary>
    public void Set(MeterReading reading)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        _sums.copy_(tensor(new[] { reading.LossSum, reading.Hits, reading.NormSum }));
        _seen = reading.Seen;
        _steps = reading.Steps;
    }

    public void Dispose() => _sums.Dispose();
}

/// <summary>Sums over a stretch of training.</summary>
internal readonly record struct MeterReading
{
    public double LossSum { get; init; }

    public double Hits { get; init; }

    public double NormSum { get; init; }

    public long Seen { get; init; }

    public long Steps { get; init; }

    public double Loss => LossSum / Seen;

    public double Accuracy => Hits / Seen;

    public double GradientNorm => NormSum / Steps;

    public static MeterReading operator -(MeterReading later, MeterReading earlier) => new()
    {
        LossSum = later.LossSum - earlier.LossSum,
        Hits = later.Hits - earlier.Hits,
        NormSum = later.NormSum - earlier.NormSum,
        Seen = later.Seen - earlier.Seen,
        Steps = later.Steps - earlier.Steps,
    };
}
