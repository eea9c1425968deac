namespace Sightline.Training;

/// <summary>What a run does when one of its detectors finds trouble.</summary>
public enum StabilityPolicy
{
    /// <summary>Does not look.</summary>
    Off,

    /// <summary>Says so, in the progress, in <c>metrics.jsonl</c> and in the report, and goes on.</summary>
    Warn,

    /// <summary>Says so and leaves the step out: weights, optimiser state and running statistics stay as they were.</summary>
    Skip,

    /// <summary>Goes back to the last good checkpoint and goes on with half the learning rate for the rest of the run.</summary>
    RollBack,

    /// <summary>Ends the run with exit code 11; its checkpoints stay.</summary>
    Stop,
}

/// <summary>Watching over a run: what is recorded of each layer, which troubles are looked for, and what follows.</summary>
public sealed record StabilityOptions
{
    /// <summary>
    /// Optimiser steps between two readings of every layer (activation, gradient, update, dead units); 0 is off; null takes 100, or more in
    /// long runs, so that a run has about 200 readings at most. Readings of the first step are always taken, unless off.
    /// </summary>
    public int? DiagnosticsSteps { get; init; }

    /// <summary>
    /// NaN or infinity in loss or gradient. Default skip: one bad batch does no harm then. With warn the step is taken, which ruins the weights.
    /// </summary>
    public StabilityPolicy NotFinite { get; init; } = StabilityPolicy.Skip;

    /// <summary>Skipped steps in a row after which the run rolls back, since it does not recover by itself; 1 to 1,000. Default 10.</summary>
    public int SkipsInARow { get; init; } = 10;

    /// <summary>A loss far above those of the last 64 steps. Default warn: most spikes heal by themselves.</summary>
    public StabilityPolicy Spike { get; init; } = StabilityPolicy.Warn;

    /// <summary>
    /// Standard deviations (of the last 64 losses, by their median deviation) above the median from which a loss is a spike; 2 to 100.
    /// Default 8. It must also be half above the median, and above it by a tenth of the first losses, so that small losses do not alarm.
    /// </summary>
    public double SpikeDeviations { get; init; } = 8;

    /// <summary>A gradient whose norm, before clipping, is far above those of the last 64 steps. Default warn.</summary>
    public StabilityPolicy Exploding { get; init; } = StabilityPolicy.Warn;

    /// <summary>How many times the median norm of the last 64 steps, and of the first ones, counts as exploding; 2 to 1,000,000. Default 30.</summary>
    public double ExplodingRatio { get; init; } = 30;

    /// <summary>
    /// A gradient that fades on its way to the first layers, or vanishes throughout; judged at the readings of the layers. Default warn; skip
    /// is not possible, as such a step does no harm.
    /// </summary>
    public StabilityPolicy Vanishing { get; init; } = StabilityPolicy.Warn;

    /// <summary>
    /// Gradient norm over weight norm in the first third of the layers as a share of that in the last third; below it the gradient counts as
    /// vanishing. Above 0, below 1. Default 1e-4: healthy networks lie between 0.1 and 100.
    /// </summary>
    public double VanishingRatio { get; init; } = 1e-4;

    /// <summary>
    /// Units (channels, after an activation in place) that gave zero for every picture of the batch at two readings of the layers in a row. Default warn; skip
    /// is not possible, as such a step does no harm.
    /// </summary>
    public StabilityPolicy Dead { get; init; } = StabilityPolicy.Warn;

    /// <summary>Share of a layer's units from which dead ones are trouble; above 0, at most 1. Default 0.5: in healthy runs no layer comes near it.</summary>
    public double DeadShare { get; init; } = 0.5;

    /// <summary>Roll-backs after which the run stops instead; 0 to 20. Default 3: an eighth of the learning rate.</summary>
    public int MaximumRollBacks { get; init; } = 3;

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (DiagnosticsSteps < 0)
        {
            yield return $"DiagnosticsSteps is {DiagnosticsSteps}; it must be 0 (off) or above. Pass --set stability.diagnosticsSteps=100.";
        }

        if (SkipsInARow is < 1 or > 1000)
        {
            yield return $"SkipsInARow is {SkipsInARow}; it must be from 1 to 1000. Pass --set stability.skipsInARow=10.";
        }

        if (SpikeDeviations is not (>= 2 and <= 100))
        {
            yield return $"SpikeDeviations is {SpikeDeviations}; it must be from 2 to 100. Pass --set stability.spikeDeviations=8.";
        }

        if (ExplodingRatio is not (>= 2 and <= 1e6))
        {
            yield return $"ExplodingRatio is {ExplodingRatio}; it must be from 2 to 1000000. Pass --set stability.explodingRatio=30.";
        }

        if (VanishingRatio is not (> 0 and < 1))
        {
            yield return $"VanishingRatio is {VanishingRatio}; it must be above 0 and below 1. Pass --set stability.vanishingRatio=0.0001.";
        }

        if (Vanishing == StabilityPolicy.Skip)
        {
            yield return "Vanishing is skip; a step with a vanishing gradient does no harm, so it must be off, warn, rollBack or stop. Pass --set stability.vanishing=warn.";
        }

        if (Dead == StabilityPolicy.Skip)
        {
            yield return "Dead is skip; a step with dead units does no harm, so it must be off, warn, rollBack or stop. Pass --set stability.dead=warn.";
        }

        if (DeadShare is not (> 0 and <= 1))
        {
            yield return $"DeadShare is {DeadShare}; it must be above 0 and at most 1. Pass --set stability.deadShare=0.5.";
        }

        if (MaximumRollBacks is < 0 or > 20)
        {
            yield return $"MaximumRollBacks is {MaximumRollBacks}; it must be from 0 to 20. Pass --set stability.maximumRollBacks=3.";
        }
    }
}
