using Sightline.Cli.Output;
using Sightline.Runs;

namespace Sightline.Cli.Progress;

/// <summary>What a run's events add up to.</summary>
internal sealed record TrainStatus
{
    /// <summary>Epochs that the run is to have.</summary>
    public required int Epochs { get; init; }

    public int Epoch { get; init; }

    public long Step { get; init; }

    public long TotalSteps { get; init; }

    public double? Loss { get; init; }

    public double? ValidationAccuracy { get; init; }

    public double? BestAccuracy { get; init; }

    public double? LearningRate { get; init; }

    public double? ImagesPerSecond { get; init; }

    public double Seconds { get; init; }

    /// <summary>Where this process began: what was done before a resume says nothing about its speed.</summary>
    public (long Step, double Seconds)? Start { get; init; }

    public double Share => TotalSteps > 0 ? Math.Min(1, (double)Step / TotalSteps) : 0;

    /// <summary>Null until some steps are done.</summary>
    public double? SecondsLeft => Start is { } start && Step > start.Step
        ? (Seconds - start.Seconds) / (Step - start.Step) * Math.Max(0, TotalSteps - Step)
        : null;

    public TrainStatus Next(RunEvent seen) => this with
    {
        Epochs = seen.Control is { Phase: ControlPhase.Applied, Settings.Epochs: { } epochs } ? epochs : Epochs,
        Epoch = seen.Epoch > 0 ? seen.Epoch : Epoch,
        Step = seen.Step,
        TotalSteps = seen.TotalSteps > 0 ? seen.TotalSteps : TotalSteps,
        Loss = seen.TrainLoss ?? Loss,
        ValidationAccuracy = seen.ValidationAccuracy ?? ValidationAccuracy,
        BestAccuracy = seen.ValidationAccuracy is { } accuracy ? Math.Max(accuracy, BestAccuracy ?? 0) : BestAccuracy,
        LearningRate = seen.LearningRate ?? LearningRate,
        ImagesPerSecond = seen.ImagesPerSecond ?? ImagesPerSecond,
        Seconds = seen.Seconds,
        Start = Start ?? (seen.Step, seen.Seconds),
    };

    /// <summary>One line.</summary>
    public string Line() => string.Join("  ", Parts());

    private IEnumerable<string> Parts()
    {
        yield return $"epoch {Epoch}/{Epochs}";
        yield return TotalSteps > 0 ? $"step {Step}/{TotalSteps}" : $"step {Step}";
        if (Loss is { } loss)
        {
            yield return $"loss {loss:0.0000}";
        }

        if (ValidationAccuracy is { } accuracy)
        {
            yield return $"validation {Readable.Percent(accuracy)} (best {Readable.Percent(BestAccuracy)})";
        }

        if (LearningRate is { } rate)
        {
            yield return $"lr {rate:0.####e+0}";
        }

        if (ImagesPerSecond is { } speed)
        {
            yield return $"{speed:0} img/s";
        }

        yield return $"elapsed {Readable.Duration(Seconds)}";
        if (SecondsLeft is { } left)
        {
            yield return $"left {Readable.Duration(left)}";
        }
    }
}
