using Sightline.Augment;
using Sightline.Compute.Monitoring;
using Sightline.Data;

namespace Sightline.Training;

/// <summary>In which type the forward and backward pass compute; weights, their updates and evaluation are float32 always.</summary>
public enum Precision
{
    /// <summary>float32 throughout.</summary>
    Fp32,

    /// <summary>Convolutions and matrix products in bfloat16 (Kalamkar et al. 2019): float32's range, so no loss scaling.</summary>
    Bf16,

    /// <summary>
    /// The faster of fp32 and bf16 for this model, size and batch, by measurement when the run begins, on processors that compute in bf16 (AVX-512 bf16, AMX);
    /// else fp32.
    /// </summary>
    Auto,

    /// <summary>Convolutions and matrix products in float16, with dynamic loss scaling (Micikevicius et al. 2018): for GPUs before A100.</summary>
    Fp16,
}

/// <summary>All settings of one training run; written to <c>run.json</c>, read back to resume.</summary>
public sealed record TrainOptions
{
    /// <summary>Catalogue name; null chooses by picture size: <c>resnet18_small</c> up to 64 px, else <c>resnet18</c>.</summary>
    public string? Model { get; init; }

    /// <summary>Side of the input in pixels; null takes the model's, or the data's own size for small pictures.</summary>
    public int? Size { get; init; }

    /// <summary>Weights to start from (safetensors or .pth); null trains from scratch.</summary>
    public string? Weights { get; init; }

    /// <summary>
    /// Published weights to start from, by their name in <c>model list</c>; <c>default</c> takes the model's own. They must be in the cache (the
    /// command line fetches them) and are then what <see cref="Weights"/> names. null: none.
    /// </summary>
    public string? Pretrained { get; init; }

    /// <summary>Passes over the training split; 1 to 10,000.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Pictures in a batch; 1 to 65,536.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>
    /// Batches per optimiser step: their gradients are averaged, so memory is that of one batch and the step that of all. The last step of an
    /// epoch takes what is left. Schedules, checkpoints and progress count optimiser steps. 1 to 65,536.
    /// </summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>Seed of everything random in the run.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Share of the training split set aside for validation where the data has no validation split; above 0, below 1.</summary>
    public double ValidationShare { get; init; } = 0.1;

    /// <summary>Share set aside for test where the data has no splits at all; 0 to below 1.</summary>
    public double TestShare { get; init; } = 0.1;

    /// <summary>Optimiser.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>Averaging of weights.</summary>
    public AveragingOptions Averaging { get; init; } = new();

    /// <summary>Learning-rate schedule.</summary>
    public ScheduleOptions Schedule { get; init; } = new();

    /// <summary>Augmentation of training pictures; null takes the defaults: flip and padded crop up to 64 px, else flip and random resized crop.</summary>
    public AugmentOptions? Augment { get; init; }

    /// <summary>What of a pre-trained model learns, when, and how fast.</summary>
    public TransferOptions Transfer { get; init; } = new();

    /// <summary>Loss.</summary>
    public LossOptions Loss { get; init; } = new();

    /// <summary>Label smoothing (Szegedy et al. 2016, section 7); 0 to below 1; null takes 0 with focal and asymmetric loss, else 0.1.</summary>
    public double? LabelSmoothing { get; init; }

    /// <summary>Weigh classes by the inverse of their frequency in the loss.</summary>
    public bool BalanceClasses { get; init; }

    /// <summary>How often each class is drawn: as it is, or rare ones more often.</summary>
    public Sampling Sampling { get; init; }

    /// <summary>Balanced sampling: each class is drawn in proportion to its count to this power; 0 draws all alike, 0.5 by the root, 1 as they are.</summary>
    public double SamplingPower { get; init; }

    /// <summary>
    /// Times that each picture appears in its batch, changed differently each time (Hoffer et al. 2020); an epoch keeps its length and sees fewer pictures. 1
    /// to 64; must divide the batch size.
    /// </summary>
    public int Repeats { get; init; } = 1;

    /// <summary>Regularisation inside the model, and progressive resizing.</summary>
    public RegularisationOptions Regularisation { get; init; } = new();

    /// <summary>Learning from another run.</summary>
    public DistillOptions Distill { get; init; } = new();

    /// <summary>Type of the forward and backward pass. bf16 pays on processors with AVX-512 bf16 or AMX and on GPUs from A100 on; auto measures.</summary>
    public Precision Precision { get; init; }

    /// <summary>Order of pictures and weights in memory. Auto measures both when the run begins, for seconds, and remembers the result.</summary>
    public MemoryLayout Layout { get; init; }

    /// <summary>What the run may do to fit into memory.</summary>
    public MemoryOptions Memory { get; init; } = new();

    /// <summary>Epochs without a better validation accuracy before the run ends; 0 is off.</summary>
    public int EarlyStopEpochs { get; init; }

    /// <summary>Optimiser steps between checkpoints within an epoch; 0 writes them at the end of epochs only.</summary>
    public int CheckpointSteps { get; init; }

    /// <summary>What is recorded of the layers, and what follows from NaN, spikes, exploding and vanishing gradients.</summary>
    public StabilityOptions Stability { get; init; } = new();

    /// <summary>From when on the watch over the run speaks.</summary>
    public AlertOptions Alerts { get; init; } = new();

    /// <summary>Also write the curves as TensorBoard event files, in <c>tensorboard</c> in the run's folder; 'sightline run export' does so later.</summary>
    public bool TensorBoard { get; init; }

    /// <summary>
    /// Optimiser steps between two histograms of every weight and gradient in the TensorBoard files, in <c>tensorboard/histograms</c>; 0 writes none. Needs
    /// <see cref="TensorBoard"/>. 100 is common.
    /// </summary>
    public int TensorBoardHistograms { get; init; }

    /// <summary>Loader threads; null takes the number of processors.</summary>
    public int? Workers { get; init; }

    /// <summary>LibTorch's threads; null takes the number of processors. Results are bit-identical only for the same number.</summary>
    public int? Threads { get; init; }

    /// <summary><c>auto</c>, <c>cpu</c> or <c>cuda[:n]</c>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>All problems with these values and those of the parts, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (Size is < 8 or > 4096)
        {
            yield return $"Size is {Size}; it must be from 8 to 4096 pixels. Pass --size 224.";
        }

        if (Epochs is < 1 or > 10_000)
        {
            yield return $"Epochs is {Epochs}; it must be from 1 to 10000. Pass --epochs 20.";
        }

        if (BatchSize is < 1 or > 65_536)
        {
            yield return $"BatchSize is {BatchSize}; it must be from 1 to 65536. Pass --batch 64.";
        }

        if (Accumulation is < 1 or > 65_536)
        {
            yield return $"Accumulation is {Accumulation}; it must be from 1 to 65536 batches per step. Pass --set accumulation=1.";
        }

        if (ValidationShare is not (> 0 and < 1) || TestShare is not (>= 0 and < 1) || ValidationShare + TestShare >= 1)
        {
            yield return $"ValidationShare and TestShare are {ValidationShare} and {TestShare}; validation must be above 0, test at least 0, and together they must " +
                "leave something to train on. Pass --set validationShare=0.1 --set testShare=0.1.";
        }

        if (LabelSmoothing is < 0 or >= 1 or double.NaN)
        {
            yield return $"LabelSmoothing is {LabelSmoothing}; it must be at least 0 and below 1. Pass --set labelSmoothing=0.1.";
        }

        if (EarlyStopEpochs < 0 || CheckpointSteps < 0)
        {
            yield return $"EarlyStopEpochs and CheckpointSteps are {EarlyStopEpochs} and {CheckpointSteps}; both must be 0 (off) or above.";
        }

        if (TensorBoardHistograms < 0 || (TensorBoardHistograms > 0 && !TensorBoard))
        {
            yield return $"TensorBoardHistograms is {TensorBoardHistograms} and TensorBoard {(TensorBoard ? "on" : "off")}; it must be 0 (off) or a number of steps with TensorBoard on. " +
                "Pass --set tensorBoard=true --set tensorBoardHistograms=100.";
        }

        if (Workers is < 1 or > 256 || Threads is < 1 or > 1024)
        {
            yield return $"Workers and Threads are {Workers} and {Threads}; give 1 to 256 workers and 1 to 1024 threads, or leave them out.";
        }

        if (Schedule.Kind == ScheduleKind.FineTune && (Transfer.UnfreezeEpochs.Count == 0 || Transfer.UnfreezeEpochs[0] >= Epochs))
        {
            yield return $"The schedule is fineTune, which has a cycle before and one after the unfreezing; UnfreezeEpochs are [{string.Join(", ", Transfer.UnfreezeEpochs)}] " +
                $"of {Epochs} epochs. Pass --set transfer.unfreezeEpochs=[1] and --freeze backbone, with 2 epochs or more.";
        }

        if (BalanceClasses && Loss.Kind == LossKind.LogitAdjusted)
        {
            yield return "BalanceClasses and the logit-adjusted loss correct the same thing twice. Pass --set balanceClasses=false, or --set loss.kind=crossEntropy.";
        }

        if (Sampling == Sampling.Balanced && (BalanceClasses || Loss.Kind == LossKind.LogitAdjusted))
        {
            yield return $"Balanced sampling and {(BalanceClasses ? "BalanceClasses" : "the logit-adjusted loss")} correct the same thing twice. Pass --set sampling=natural, or " +
                $"--set {(BalanceClasses ? "balanceClasses=false" : "loss.kind=crossEntropy")}.";
        }

        if (SamplingPower is not (>= 0 and <= 1))
        {
            yield return $"SamplingPower is {SamplingPower}; it must be from 0 to 1. Pass --set samplingPower=0.5.";
        }

        if (Repeats is < 1 or > 64 || BatchSize % Repeats != 0)
        {
            yield return $"Repeats is {Repeats} and BatchSize {BatchSize}; repeats must be from 1 to 64 and divide the batch. Pass --set repeats=1.";
        }

        if (Regularisation.StartSize is not null && Distill.Run is not null)
        {
            yield return "Progressive resizing and a teacher do not go together: the teacher would read sizes that it was not trained on. " +
                "Pass --set regularisation.startSize=null or --set distill.run=null.";
        }

        if (Loss.TargetThreshold is { } threshold && threshold <= (LabelSmoothing ?? 0) / 2)
        {
            yield return $"TargetThreshold is {threshold} and LabelSmoothing {LabelSmoothing}: smoothed targets of wrong classes would pass the threshold. " +
                "Pass --set labelSmoothing=0.";
        }

        foreach (var problem in Transfer.Check().Concat(Optimizer.Check()).Concat(Averaging.Check()).Concat(Memory.Check()).Concat(Schedule.Check()).Concat(Loss.Check()).Concat(Distill.Check()).Concat(Regularisation.Check()).Concat(Augment?.Check() ?? []).Concat(Stability.Check()).Concat(Alerts.Check()))
        {
            yield return problem;
        }
    }
}
