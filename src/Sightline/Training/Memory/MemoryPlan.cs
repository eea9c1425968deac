using Sightline.Data;
using Sightline.Native;
using Sightline.Runs;

namespace Sightline.Training;

/// <summary>The memory that a training run needs, term by term, from shapes alone.</summary>
/// <remarks>
/// The forward and backward pass are followed part by part, since not everything lives at the same time: gradients appear as kept results go.
/// A result counts in the type in which it is kept. What is not counted is what the allocator holds without using it (docs/memory.md).
/// </remarks>
internal sealed record MemoryPlan
{
    /// <summary>Pictures in a batch.</summary>
    public required int Batch { get; init; }

    /// <summary>Into how many parts a batch is divided on its way through the model.</summary>
    public required int Parts { get; init; }

    /// <summary>What is computed again.</summary>
    public required Checkpointing Checkpointing { get; init; }

    /// <summary>fp32 or bf16.</summary>
    public required Precision Precision { get; init; }

    /// <summary>Runtime, libraries and their caches: what this process holds before a model is made.</summary>
    public required long ProgramBytes { get; init; }

    /// <summary>Weights and running statistics.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>Gradients of all weights.</summary>
    public required long GradientBytes { get; init; }

    /// <summary>What the optimiser keeps.</summary>
    public required long OptimizerBytes { get; init; }

    /// <summary>Weights and running statistics of the teacher; 0 where there is none.</summary>
    public long TeacherBytes { get; init; }

    /// <summary>Results that the forward pass keeps for the backward pass, at its end.</summary>
    public required long ActivationBytes { get; init; }

    /// <summary>Running gradients and the kernels' room, at the peak.</summary>
    public required long WorkspaceBytes { get; init; }

    /// <summary>Batches of pictures on their way, and decoded pictures kept for the next epoch.</summary>
    public required long PictureBytes { get; init; }

    /// <summary>Most bytes at once. Less than the terms' sum, since gradients appear as kept results go.</summary>
    public required long PeakBytes { get; init; }

    /// <summary>Where in a step the peak is, in words.</summary>
    public required string PeakAt { get; init; }

    /// <summary>Most bytes at once while validating.</summary>
    public required long ValidationBytes { get; init; }

    /// <summary>The plan in a line.</summary>
    public string Summary =>
        $"{MemoryText.Of(PeakBytes)} at most, in {PeakAt} (program {MemoryText.Of(ProgramBytes)}, weights {MemoryText.Of(WeightBytes)}, gradients " +
        $"{MemoryText.Of(GradientBytes)}, optimiser {MemoryText.Of(OptimizerBytes)}, {(TeacherBytes > 0 ? $"teacher {MemoryText.Of(TeacherBytes)}, " : "")}activations {MemoryText.Of(ActivationBytes)}, workspace " +
        $"{MemoryText.Of(WorkspaceBytes)}, pictures {MemoryText.Of(PictureBytes)})";

    /// <summary>Plans a run as its settings say.</summary>
    /// <param name="settings">A run's settings; its data are not opened.</param>
    /// <param name="pictureBytes">What the loaders hold (<see cref="PictureBytesOf"/>).</param>
    public static MemoryPlan Of(RunSettings settings, long pictureBytes = 0) =>
        new MemorySimulation(settings).Plan(settings.Options.BatchSize, new MemoryLadder(settings).Start, pictureBytes);

    /// <summary>What the loaders of a run hold at most: batches ahead, and decoded pictures kept for the next epoch.</summary>
    public static long PictureBytesOf(RunSettings settings, ImageDataset data)
    {
        var loader = new LoaderOptions { BatchSize = settings.Options.BatchSize };
        var (crop, resized) = (settings.Preprocessing.CropSize, settings.Preprocessing.ResizeSize);
        var ahead = 2L * (4 + (loader.Workers / loader.BatchSize)) * loader.BatchSize * crop * crop * 3;
        var room = Math.Min(loader.CacheBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);
        return ahead + Math.Min(room, (long)data.Images.Count * resized * resized * 3);
    }

    /// <summary>What a run may use: the setting, else the tightest limit of the system; null where neither is known.</summary>
    public static MemoryLimit? Limit(RunSettings settings) => settings.Options.Memory.LimitBytes is { } bytes
        ? new MemoryLimit(bytes, "the setting memory.limitBytes")
        : MemoryLimit.Read();
}
