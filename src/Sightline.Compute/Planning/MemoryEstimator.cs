using System.Globalization;

namespace Sightline.Compute.Planning;

/// <summary>GPU memory of a training step: context, weights, gradients, optimiser, activations.</summary>
public static class MemoryEstimator
{
    // A model whose blocks were never measured: the extremes of all kinds of block that were.
    private const double UnknownLow = 0.65;
    private const double UnknownHigh = 2.4;
    // What is measured on one card varies with the driver and the allocator's rounding on another.
    private const double MeasuredMargin = 0.1;
    // Segments of equal cost leave their borders and one segment; half is on the safe side of what blocks of unequal size leave.
    private const double CheckpointedShare = 0.5;

    /// <summary>Estimates the memory of a step.</summary>
    /// <param name="model">The model's costs.</param>
    /// <param name="setup">Batch, precision, optimiser, checkpointing.</param>
    /// <exception cref="ComputeException">The batch is below 1.</exception>
    public static MemoryEstimate Estimate(ModelCosts model, TrainingSetup setup)
    {
        if (setup.Batch < 1)
        {
            throw new ComputeException(ComputeTrouble.Usage, $"The batch is {setup.Batch}; it must be at least 1.");
        }

        var fit = Calibration.Current.Memory;
        var isCalibrated = fit.BytesPerActivation.TryGetValue(model.Family, out var perElement);
        perElement = isCalibrated ? perElement : fit.Median;
        var perPicture = model.Activations * perElement * (setup.IsMixed ? 1 : 2) * (setup.IsCheckpointed ? CheckpointedShare : 1);
        var terms = Fixed(model, setup, fit.ContextBytes).Append(new MemoryTerm("activations", perPicture * setup.Batch, string.Create(CultureInfo.InvariantCulture,
            $"{setup.Batch} x {model.Activations / 1e6:0.00} M convolution outputs x {perPicture / model.Activations:0.00} B{(setup.IsCheckpointed ? ", half kept by checkpointing" : "")}"))).ToList();
        var activations = perPicture * setup.Batch;
        var constant = terms.Sum(term => term.Bytes) - activations;
        return new MemoryEstimate
        {
            Terms = terms,
            BytesPerPicture = perPicture,
            LowBytes = constant + (activations * (isCalibrated ? fit.RangeLow : UnknownLow) * (setup.IsCheckpointed ? 0.5 : 1)),
            HighBytes = isCalibrated ? (constant + activations) * MemoryFit.Margin(fit.RowsOf[model.Family]) : constant + (activations * UnknownHigh),
            IsCalibrated = isCalibrated && setup.IsMixed && !setup.IsCheckpointed,
            Basis = Basis(model, setup, isCalibrated, fit.Rows),
        };
    }

    /// <summary>As <see cref="Estimate(ModelCosts, TrainingSetup)"/>, by a measurement where it was made on a GPU in the same kind of precision.</summary>
    internal static MemoryEstimate Estimate(ModelCosts model, TrainingSetup setup, StepMeasurement? measured)
    {
        if (measured is not { IsGpu: true, BytesPerPicture: { } perPicture, FixedBytes: { } rest } || measured.IsMixed != setup.IsMixed)
        {
            return Estimate(model, setup);
        }

        perPicture *= setup.IsCheckpointed ? CheckpointedShare : 1;
        var bytes = rest + (perPicture * setup.Batch);
        return new MemoryEstimate
        {
            Terms =
            [
                new("without pictures", rest, "context, kernels, weights, gradients, optimizer: what two batches have in common"),
                new("activations", perPicture * setup.Batch, string.Create(CultureInfo.InvariantCulture, $"{setup.Batch} x {perPicture / (1 << 20):0.00} MiB{(setup.IsCheckpointed ? ", half kept by checkpointing" : "")}")),
            ],
            BytesPerPicture = perPicture,
            LowBytes = bytes * (1 - MeasuredMargin),
            HighBytes = bytes * (1 + MeasuredMargin),
            IsCalibrated = !setup.IsCheckpointed,
            Basis = measured.Words + (setup.IsCheckpointed ? "; checkpointing by rule, not measured" : ""),
        };
    }

    /// <summary>The largest batch whose high end fits.</summary>
    /// <param name="model">The model's costs.</param>
    /// <param name="setup">As in <see cref="Estimate(ModelCosts, TrainingSetup)"/>; its batch does not matter.</param>
    /// <param name="usableBytes">Memory that the process can have.</param>
    /// <returns>0 when not even one picture fits.</returns>
    public static int LargestBatch(ModelCosts model, TrainingSetup setup, double usableBytes) => LargestBatch(model, setup, usableBytes, null);

    /// <summary>The same by a measurement.</summary>
    internal static int LargestBatch(ModelCosts model, TrainingSetup setup, double usableBytes, StepMeasurement? measured)
    {
        var one = Estimate(model, setup with { Batch = 1 }, measured).HighBytes;
        var perPicture = Estimate(model, setup with { Batch = 2 }, measured).HighBytes - one;
        return one > usableBytes ? 0 : 1 + (int)Math.Min(1_000_000, (usableBytes - one) / perPicture);
    }

    private static IEnumerable<MemoryTerm> Fixed(ModelCosts model, TrainingSetup setup, double context)
    {
        yield return new("context", context, "CUDA context, kernels, work space: a fixed allowance, not measured per driver");
        yield return new("weights", 4.0 * model.Parameters, "4 B per parameter (FP32)");
        if (setup.IsMixed)
        {
            yield return new("half copies", 2.0 * model.Parameters, "2 B per parameter: the casts that autocast keeps for a step");
        }

        yield return new("gradients", 4.0 * model.Parameters, "4 B per parameter");
        if (setup.OptimizerValues > 0)
        {
            yield return new("optimizer", 4.0 * setup.OptimizerValues * model.Parameters, $"{4 * setup.OptimizerValues} B per parameter");
        }

        if (setup.HasAveragedWeights)
        {
            yield return new("averaged weights", 4.0 * model.Parameters, "4 B per parameter");
        }
    }

    private static string Basis(ModelCosts model, TrainingSetup setup, bool isCalibrated, int rows)
    {
        var ground = isCalibrated
            ? $"{rows} timm training rows on a 24 GiB card (PyTorch 1.12, mixed precision)"
            : $"uncalibrated: no measurement of the family '{model.Family}'";
        return ground + (setup.IsMixed ? "" : "; FP32 taken as twice the activations") + (setup.IsCheckpointed ? "; checkpointing by rule, not measured" : "");
    }
}
