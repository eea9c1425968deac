using Sightline.Training;
using Sightline.Tuning;

namespace Sightline.Search;

/// <summary>What a trial has done when it is compared before its end.</summary>
public enum FidelityMode
{
    /// <summary>The beginning of the full training: the learning rate is where the full schedule has it. Nothing is trained twice.</summary>
    Prefix,

    /// <summary>A whole short training at each rung, its schedule run to the end, on fewer epochs and a part of the pictures; then the next, longer one from the
    /// beginning. Fairer where a schedule ends low, and about half as much again to compute.</summary>
    Restart,
}

/// <summary>A short training that stands for the full one.</summary>
/// <param name="Step">Training pictures seen at its end: the step at which trials are compared.</param>
/// <param name="Epochs">Its epochs.</param>
/// <param name="Share">The share of the training pictures; parts lie in one another.</param>
internal sealed record FidelityStage(long Step, int Epochs, double Share);

/// <summary>Steps of trials in training pictures seen, so that rungs may lie within the first epoch and batch sizes can be compared.</summary>
internal static class Fidelity
{
    /// <summary>Pictures that a full trial sees.</summary>
    public static long Full(int epochs, int trainPictures) => (long)epochs * trainPictures;

    /// <summary>Where a trial in prefix mode is looked at: evenly, the end left out.</summary>
    /// <param name="full">Pictures of a full trial.</param>
    /// <param name="looks">How many places, the end included; 25 puts one at each of ASHA's rungs (8, 24 and 72 %).</param>
    public static IReadOnlyList<long> Places(long full, int looks) => [.. Enumerable.Range(1, looks - 1).Select(i => full * i / looks).Where(place => place > 0).Distinct()];

    /// <summary>The trainings of restart mode, the full one last.</summary>
    /// <param name="pruner">Gives first rung and factor.</param>
    /// <param name="epochs">Of the full training.</param>
    /// <param name="trainPictures">Of the full training split.</param>
    /// <remarks>A share q of the pictures seen is the root of q in epochs and in pictures each, so that neither shrinks to nothing.</remarks>
    public static IReadOnlyList<FidelityStage> Stages(PrunerOptions pruner, int epochs, int trainPictures)
    {
        var full = Full(epochs, trainPictures);
        var stages = new List<FidelityStage>();
        for (var share = pruner.FirstRungStep is { } step ? (double)step / full : pruner.FirstRung; share < 1 - 1e-9; share *= pruner.Eta)
        {
            var shorter = Math.Clamp((int)Math.Round(epochs * Math.Sqrt(share)), 1, epochs);
            var part = Math.Min(1, share * epochs / shorter);
            stages.Add(new FidelityStage(Math.Max(1, (long)Math.Round(share * full)), shorter, part));
        }

        stages.Add(new FidelityStage(full, epochs, 1));
        return stages;
    }
}
