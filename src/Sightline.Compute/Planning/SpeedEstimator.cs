using System.Globalization;
using Sightline.Compute.Gpus;

namespace Sightline.Compute.Planning;

/// <summary>Training speed: a model's time on one well-measured GPU, times what ResNet-50 shows of another GPU against it.</summary>
/// <remarks>Convolutional networks are bound by memory traffic in training: activations and bandwidth count for more than peak arithmetic.</remarks>
public static class SpeedEstimator
{
    private const string ReferenceGpu = "rtx3090";
    // Leave-one-out over the measured GPUs: the largest error of the fit is 12 %, of another model's ratio about 20 %.
    private const double FormulaSpread = 1.15;
    // How far one model's ratio of two measured GPUs lies from ResNet-50's: at most 17 % for the four networks that NVIDIA gives for V100 and A100.
    private const double RatioSpread = 1.2;
    // FP32 against mixed where only the mixed speed is estimated: medians of the measured cards, with and without TF32.
    private const double SingleShareTf32 = 0.62;
    private const double SingleShareFp32 = 0.43;
    private const double CheckpointedTime = 4.0 / 3;

    /// <summary>Estimates images per second.</summary>
    /// <param name="model">The model's costs.</param>
    /// <param name="gpu">The GPU.</param>
    /// <param name="setup">Precision and checkpointing; the batch is taken to be large enough to fill the GPU.</param>
    /// <exception cref="ComputeException">The GPU is one that LibTorch cannot use.</exception>
    public static SpeedEstimate Estimate(ModelCosts model, Gpu gpu, TrainingSetup setup)
    {
        if (gpu.Refusal is { } refusal)
        {
            throw new ComputeException(ComputeTrouble.Usage, refusal);
        }

        var fit = Calibration.Current.Speed;
        var isKnown = fit.FamilyFactors.TryGetValue(model.Family, out var factor);
        var range = isKnown ? fit.TimeRangeKnownFamily : fit.TimeRangeOtherFamily;
        var milliseconds = Milliseconds(model, fit) * (isKnown ? factor : 1) * (setup.IsCheckpointed ? CheckpointedTime : 1);
        var (ratio, isMeasured) = RelativeSpeed(gpu, setup.IsMixed);
        var speed = 1000 / milliseconds * ratio;
        var spread = isMeasured ? 1 : FormulaSpread;
        return new SpeedEstimate
        {
            ImagesPerSecond = speed,
            LowImagesPerSecond = speed / (range[1] * spread),
            HighImagesPerSecond = speed / range[0] * spread,
            IsCalibrated = isKnown && isMeasured,
            Basis = Basis(model, gpu, setup, isKnown, isMeasured, fit),
        };
    }

    /// <summary>
    /// As <see cref="Estimate(ModelCosts, Gpu, TrainingSetup)"/>, from a measurement where it was made on a GPU in the same kind of precision: on that GPU it stands, to others
    /// it is carried over by what ResNet-50 shows of both.
    /// </summary>
    internal static SpeedEstimate Estimate(ModelCosts model, Gpu gpu, TrainingSetup setup, StepMeasurement? measured)
    {
        if (measured is not { IsGpu: true, GpuId: { } id } || measured.IsMixed != setup.IsMixed || gpu.Refusal is not null)
        {
            return Estimate(model, gpu, setup);
        }

        var share = setup.IsCheckpointed ? 1 / CheckpointedTime : 1;
        var basis = measured.Words + (setup.IsCheckpointed ? "; checkpointing taken as a third more time" : "");
        if (id == gpu.Id)
        {
            return new SpeedEstimate
            {
                ImagesPerSecond = measured.ImagesPerSecond * share,
                LowImagesPerSecond = measured.LowImagesPerSecond * share,
                HighImagesPerSecond = measured.HighImagesPerSecond * share,
                IsCalibrated = true,
                Basis = basis,
            };
        }

        var (from, isFromMeasured) = RelativeSpeed(GpuCatalog.Find(id), setup.IsMixed);
        var (to, isToMeasured) = RelativeSpeed(gpu, setup.IsMixed);
        var spread = RatioSpread * (isFromMeasured ? 1 : FormulaSpread) * (isToMeasured ? 1 : FormulaSpread);
        var speed = measured.ImagesPerSecond * share * to / from;
        return new SpeedEstimate
        {
            ImagesPerSecond = speed,
            LowImagesPerSecond = speed / spread,
            HighImagesPerSecond = speed * spread,
            IsCalibrated = isFromMeasured && isToMeasured,
            Basis = string.Create(CultureInfo.InvariantCulture, $"{basis}; carried over by ResNet-50's ratio ({(isFromMeasured && isToMeasured ? "measured on both GPUs" : "by bandwidth and FP32 peak")}), within a factor of {spread:0.00}"),
        };
    }

    /// <summary>Milliseconds per picture on the reference GPU, without the family's factor.</summary>
    internal static double Milliseconds(ModelCosts model, SpeedFit fit) => (fit.MillisecondsPerGigaMac * model.Macs / 1e9)
        + ((fit.MillisecondsPerMegaActivation + (model.IsGated ? fit.ExtraGated : 0) + (model.IsSmooth ? fit.ExtraSmooth : 0)) * model.Activations / 1e6);

    // The reference is always mixed precision: that is what the models' times were measured with.
    private static (double Ratio, bool IsMeasured) RelativeSpeed(Gpu gpu, bool isMixed)
    {
        var fit = Calibration.Current.Gpus;
        var reference = fit.Resnet50.First(row => row.Gpu == ReferenceGpu).Mixed;
        // The two sizes of V100 have the same chip and the same bandwidth.
        var rows = fit.Resnet50.Where(row => row.Gpu == gpu.Id || (row.Gpu == "v100-16" && gpu.Id == "v100-32")).ToList();
        if (rows.Count > 0)
        {
            return (rows.Average(row => isMixed ? row.Mixed : row.Single) / reference, true);
        }

        var mixed = Math.Exp(fit.Intercept + (fit.BandwidthExponent * Math.Log(gpu.BandwidthGBps)) + (fit.Fp32Exponent * Math.Log(gpu.Fp32Tflops)));
        return (mixed * (isMixed ? 1 : gpu.HasTf32 ? SingleShareTf32 : SingleShareFp32) / reference, false);
    }

    private static string Basis(ModelCosts model, Gpu gpu, TrainingSetup setup, bool isKnown, bool isMeasured, SpeedFit fit)
    {
        var family = isKnown
            ? string.Create(CultureInfo.InvariantCulture, $"{fit.Rows} timm models on an RTX 3090, family '{model.Family}'")
            : $"{fit.Rows} timm models on an RTX 3090; the family '{model.Family}' is uncalibrated";
        var card = isMeasured
            ? "ResNet-50 measured on this GPU (Lambda)"
            : $"uncalibrated GPU: no training figure of the {gpu.Model}, by bandwidth and FP32 peak of 13 measured rows";
        return $"{family}; {card}{(setup.IsCheckpointed ? "; checkpointing taken as a third more time" : "")}";
    }
}
