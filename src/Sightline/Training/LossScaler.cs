using Sightline.Native;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>
/// Dynamic loss scaling for fp16: the loss is multiplied so that small gradients do not round to zero; where one overflows, the step is skipped and
/// the scale halved; after many good steps it doubles.
/// </summary>
/// <remarks>Micikevicius et al. 2018, section 3.2; figures of torch.cuda.amp.GradScaler (65536, x 2 every 2,000 steps, x 0.5).</remarks>
internal sealed class LossScaler(bool? fused = null) : ICheckpointPart
{
    private const double Growth = 2;
    private const double Backoff = 0.5;
    private const int StepsPerGrowth = 2000;

    // 40 skips in a row: what overflows at a scale this small is the loss itself.
    private const double LeastScale = 65536 / (double)(1L << 40);

    private readonly bool _fused = fused ?? Operators.IsAvailable;
    private long _goodSteps;

    public string Name => "scaler";

    /// <summary>What the loss is multiplied with.</summary>
    public double Scale { get; private set; } = 65536;

    /// <summary>Steps skipped so far in the run.</summary>
    public long Skipped { get; private set; }

    /// <summary>Divides gradients by the scale, in place, and adapts the scale. Waits for the device.</summary>
    /// <returns>False where a gradient is infinite or not a number: the step must be skipped.</returns>
    /// <exception cref="SightlineException">The gradients overflow whatever the scale.</exception>
    public bool Unscale(IReadOnlyList<Tensor> gradients)
    {
        if (Divide(gradients))
        {
            if (++_goodSteps == StepsPerGrowth)
            {
                (_goodSteps, Scale) = (0, Scale * Growth);
            }

            return true;
        }

        (_goodSteps, Scale) = (0, Scale * Backoff);
        Skipped++;
        return Scale >= LeastScale ? false : throw new SightlineException(
            ExitCode.Unexpected,
            "40 steps in a row had infinite gradients, whatever the loss was scaled by: training diverged, or a layer's values exceed fp16's range " +
            "(65,504). Lower the learning rate (--learning-rate), or pass --set precision=bf16, whose range is float32's.");
    }

    public IEnumerable<(string Name, Tensor Tensor)> State() => [("state", tensor(new[] { Scale, _goodSteps, Skipped }))];

    public void Restore(IReadOnlyDictionary<string, Tensor> saved)
    {
        if (!saved.TryGetValue("state", out var state) || state.numel() != 3)
        {
            throw new WeightsException("The checkpoint has no loss scale; it belongs to a run without fp16.");
        }

        var values = state.data<double>().ToArray();
        (Scale, _goodSteps, Skipped) = (values[0], (long)values[1], (long)values[2]);
    }

    private bool Divide(IReadOnlyList<Tensor> gradients)
    {
        if (gradients.Count == 0)
        {
            return true;
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        if (_fused)
        {
            var device = gradients[0].device;
            var found = zeros(1, ScalarType.Float32, device);
            Operators.Unscale(gradients, found, full(1, (float)(1 / Scale), device: device));
            return found.item<float>() == 0;
        }

        foreach (var gradient in gradients)
        {
            gradient.mul_(1 / Scale);
        }

        return stack(gradients.Select(gradient => gradient.isfinite().all())).all().item<bool>();
    }
}
