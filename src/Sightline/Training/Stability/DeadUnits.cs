using Sightline.Runs;

namespace Sightline.Training.Stability;

/// <summary>Finds layers of which most units have stopped working.</summary>
/// <remarks>
/// A unit whose ReLU gives zero for every input has no gradient and stays so (Maas et al. 2013, section 2). One batch may leave a rare feature out, so a
/// unit counts as dead where it gave nothing for the whole batch at two readings in a row, and single layers of few units are not judged.
/// </remarks>
internal static class DeadUnits
{
    public const string Detector = "dead";

    public static Trouble? Find(StabilityOptions options, IReadOnlyList<LayerReading> layers)
    {
        if (options.Dead == StabilityPolicy.Off || layers.Where(layer => layer.DeadOverInterval is not null).MaxBy(layer => layer.DeadOverInterval) is not { } worst)
        {
            return null;
        }

        var share = worst.DeadOverInterval!.Value; // Asked for above.
        return share < options.DeadShare ? null : new Trouble(
            Detector, options.Dead,
            FormattableString.Invariant($"{100 * share:0} % of the units of '{worst.Name}' are dead: they gave zero for every picture at two readings in a row"),
            "They do not come back by themselves. Lower the learning rate (--learning-rate), lengthen the warm-up (--set schedule.warmupEpochs=3), or take a model with " +
            "smooth activations (EfficientNet, ConvNeXt).");
    }
}
