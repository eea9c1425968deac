namespace Sightline.Training;

/// <summary>How the learning rate moves over the run.</summary>
public enum ScheduleKind
{
    /// <summary>Linear warm-up, then a half cosine to the final share (Loshchilov and Hutter 2017).</summary>
    Cosine,

    /// <summary>Up then down in one cycle (Smith and Topin 2018; fastai's cosine form).</summary>
    OneCycle,

    /// <summary>Multiplied by the decay every so many epochs, or at the given shares of the run.</summary>
    Step,

    /// <summary>Warm-up, then constant.</summary>
    Constant,

    /// <summary>Multiplied by the decay at the given epochs.</summary>
    MultiStep,

    /// <summary>By the same factor at each step, from the peak to the final share.</summary>
    Exponential,

    /// <summary>From the peak to the final share along a power of what is left of the run; power 1 is a straight line.</summary>
    Polynomial,

    /// <summary>Multiplied by the decay when validation has not improved for a while. The rest of the run need not be planned.</summary>
    Plateau,

    /// <summary>One cycle up to the first unfreezing, then another at half the peak (fastai's <c>fine_tune</c>).</summary>
    FineTune,
}

/// <summary>The validation figure that a plateau is judged by.</summary>
public enum PlateauFigure
{
    /// <summary>Validation loss; better is lower.</summary>
    Loss,

    /// <summary>Validation accuracy; better is higher.</summary>
    Accuracy,
}

/// <summary>Learning-rate schedule settings.</summary>
public sealed record ScheduleOptions
{
    /// <summary>Cosine by default: no milestone to choose.</summary>
    public ScheduleKind Kind { get; init; } = ScheduleKind.Cosine;

    /// <summary>Epochs of linear warm-up from a hundredth of the peak rate; may be a fraction; not used by one-cycle.</summary>
    public double WarmupEpochs { get; init; } = 1;

    /// <summary>Share of the peak rate at the end of cosine, exponential and polynomial, and the lowest of plateau; 0 to 1.</summary>
    public double FinalShare { get; init; } = 0.001;

    /// <summary>One-cycle: share of the run on the way up; above 0, below 1.</summary>
    public double PeakAt { get; init; } = 0.25;

    /// <summary>Step: shares of the run at which the rate is multiplied by the decay.</summary>
    public IReadOnlyList<double> Milestones { get; init; } = [0.5, 0.75];

    /// <summary>Step: epochs between two decays, instead of the milestones; above 0; null uses those.</summary>
    public double? StepEpochs { get; init; }

    /// <summary>Multi-step: epochs after which the rate is multiplied by the decay.</summary>
    public IReadOnlyList<double> MilestoneEpochs { get; init; } = [30, 60, 80];

    /// <summary>Step, multi-step and plateau: what the rate is multiplied by; above 0, below 1.</summary>
    public double Decay { get; init; } = 0.1;

    /// <summary>Polynomial: the power; above 0, at most 10.</summary>
    public double Power { get; init; } = 1;

    /// <summary>Plateau: the figure that must improve.</summary>
    public PlateauFigure PlateauFigure { get; init; }

    /// <summary>Plateau: epochs without improvement that are borne; 0 or more.</summary>
    public int PatienceEpochs { get; init; } = 10;

    /// <summary>Plateau: epochs after a decay that are not judged; 0 or more.</summary>
    public int CooldownEpochs { get; init; }

    /// <summary>Plateau: an improvement must exceed this share of the best figure; 0 to below 1.</summary>
    public double PlateauThreshold { get; init; } = 1e-4;

    /// <summary>
    /// Pictures per step that the learning rate is meant for; other batches scale it in proportion, or with Adam, AdamW and LAMB by the square root (Goyal et
    /// al. 2017; Krizhevsky 2014). null takes the rate as it is; 256 is common. 1 to 65,536.
    /// </summary>
    public int? ReferenceBatch { get; init; }

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (WarmupEpochs is not (>= 0 and <= 1000))
        {
            yield return $"WarmupEpochs is {WarmupEpochs}; it must be from 0 to 1000. Pass --set schedule.warmupEpochs=1.";
        }

        if (FinalShare is not (>= 0 and <= 1))
        {
            yield return $"FinalShare is {FinalShare}; it must be from 0 to 1. Pass --set schedule.finalShare=0.001.";
        }

        if (FinalShare == 0 && Kind == ScheduleKind.Exponential)
        {
            yield return "FinalShare is 0, which no exponential reaches. Pass --set schedule.finalShare=0.001.";
        }

        if (PeakAt is not (> 0 and < 1))
        {
            yield return $"PeakAt is {PeakAt}; it must be above 0 and below 1. Pass --set schedule.peakAt=0.25.";
        }

        if (Milestones.Any(m => m is not (> 0 and < 1)) || Milestones.Zip(Milestones.Skip(1)).Any(pair => pair.First >= pair.Second))
        {
            yield return $"Milestones are [{string.Join(", ", Milestones)}]; they must rise and lie between 0 and 1. Pass --set schedule.milestones=[0.5,0.75].";
        }

        if (StepEpochs is <= 0 or double.NaN)
        {
            yield return $"StepEpochs is {StepEpochs}; it must be above 0. Pass --set schedule.stepEpochs=30, or null to use the milestones.";
        }

        if (MilestoneEpochs.Any(m => m is not (> 0 and <= 10_000)) || MilestoneEpochs.Zip(MilestoneEpochs.Skip(1)).Any(pair => pair.First >= pair.Second))
        {
            yield return $"MilestoneEpochs are [{string.Join(", ", MilestoneEpochs)}]; they must rise, from above 0 to 10000. Pass --set schedule.milestoneEpochs=[30,60,80].";
        }

        if (Decay is not (> 0 and < 1))
        {
            yield return $"Decay is {Decay}; it must be above 0 and below 1. Pass --set schedule.decay=0.1.";
        }

        if (Power is not (> 0 and <= 10))
        {
            yield return $"Power is {Power}; it must be above 0 and at most 10. Pass --set schedule.power=1.";
        }

        if (PatienceEpochs < 0 || CooldownEpochs < 0 || PlateauThreshold is not (>= 0 and < 1))
        {
            yield return $"PatienceEpochs, CooldownEpochs and PlateauThreshold are {PatienceEpochs}, {CooldownEpochs} and {PlateauThreshold}; the first two must be 0 or " +
                "more, the threshold at least 0 and below 1. Pass --set schedule.patienceEpochs=10.";
        }

        if (ReferenceBatch is < 1 or > 65_536)
        {
            yield return $"ReferenceBatch is {ReferenceBatch}; it must be from 1 to 65536. Pass --set schedule.referenceBatch=256, or null to take the rate as it is.";
        }
    }
}
