using Sightline.Augment;

namespace Sightline.Training;

/// <summary>The optimiser's kind.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent with momentum (Nesterov by default).</summary>
    Sgd,

    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019).</summary>
    AdamW,
}

/// <summary>How the learning rate moves over the run.</summary>
public enum ScheduleKind
{
    /// <summary>Linear warm-up, then a half cosine to the final share (Loshchilov and Hutter 2017).</summary>
    Cosine,

    /// <summary>Up then down in one cycle (Smith and Topin 2018; fastai's cosine form).</summary>
    OneCycle,

    /// <summary>Divided by ten at the given shares of the run.</summary>
    Step,

    /// <summary>Warm-up, then constant.</summary>
    Constant,
}

/// <summary>Optimiser settings.</summary>
public sealed record OptimizerOptions
{
    /// <summary>SGD by default: on images trained from scratch it generalises best.</summary>
    public OptimizerKind Kind { get; init; } = OptimizerKind.Sgd;

    /// <summary>Peak learning rate; above 0, at most 10. Default 0.05, for batches of 64.</summary>
    public double LearningRate { get; init; } = 0.05;

    /// <summary>Momentum of SGD; 0 to below 1.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Nesterov's form of momentum.</summary>
    public bool Nesterov { get; init; } = true;

    /// <summary>Weight decay of weights of two or more dimensions; norms and biases have none. 0 to 1.</summary>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>AdamW's decay of the gradient's mean.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>AdamW's decay of the squared gradient's mean.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>AdamW's epsilon.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Largest norm of the whole gradient; larger ones are scaled down. 0 is off.</summary>
    public double ClipNorm { get; init; }

    /// <summary>Largest absolute value of a gradient element; 0 is off. Applied before <see cref="ClipNorm"/>.</summary>
    public double ClipValue { get; init; }
}

/// <summary>Learning-rate schedule settings.</summary>
public sealed record ScheduleOptions
{
    /// <summary>Cosine by default: no milestone to choose.</summary>
    public ScheduleKind Kind { get; init; } = ScheduleKind.Cosine;

    /// <summary>Epochs of linear warm-up from a hundredth of the peak rate; may be a fraction; not used by one-cycle.</summary>
    public double WarmupEpochs { get; init; } = 1;

    /// <summary>Share of the peak rate at the end of cosine; 0 to 1.</summary>
    public double FinalShare { get; init; } = 0.001;

    /// <summary>One-cycle: share of the run on the way up; above 0, below 1.</summary>
    public double PeakAt { get; init; } = 0.25;

    /// <summary>Step: shares of the run at which the rate is divided by ten.</summary>
    public IReadOnlyList<double> Milestones { get; init; } = [0.5, 0.75];
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

    /// <summary>Passes over the training split; 1 to 10,000.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Pictures per optimiser step; 1 to 65,536.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Seed of everything random in the run.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Share of the training split set aside for validation where the data has no validation split; above 0, below 1.</summary>
    public double ValidationShare { get; init; } = 0.1;

    /// <summary>Share set aside for test where the data has no splits at all; 0 to below 1.</summary>
    public double TestShare { get; init; } = 0.1;

    /// <summary>Optimiser.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>Learning-rate schedule.</summary>
    public ScheduleOptions Schedule { get; init; } = new();

    /// <summary>Augmentation of training pictures.</summary>
    public AugmentOptions Augment { get; init; } = new();

    /// <summary>Label smoothing (Szegedy et al. 2016, section 7); 0 to below 1.</summary>
    public double LabelSmoothing { get; init; } = 0.1;

    /// <summary>Weigh classes by the inverse of their frequency in the loss.</summary>
    public bool BalanceClasses { get; init; }

    /// <summary>Epochs without a better validation accuracy before the run ends; 0 is off.</summary>
    public int EarlyStopEpochs { get; init; }

    /// <summary>Optimiser steps between checkpoints within an epoch; 0 writes them at the end of epochs only.</summary>
    public int CheckpointSteps { get; init; }

    /// <summary>Loader threads; null takes the number of processors.</summary>
    public int? Workers { get; init; }

    /// <summary>LibTorch's threads; null takes the number of processors. Results are bit-identical only for the same number.</summary>
    public int? Threads { get; init; }

    /// <summary><c>auto</c>, <c>cpu</c> or <c>cuda[:n]</c>.</summary>
    public string Device { get; init; } = "auto";
}
