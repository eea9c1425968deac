namespace Sightline.Tuning;

/// <summary>A trial was told of by a worker that no longer has it: its lease ran out and another worker went on with it, or it is over.</summary>
/// <param name="number">The trial's number.</param>
/// <param name="message">What was refused and why.</param>
public sealed class TrialLostException(int number, string message) : SightlineException(ExitCode.Unexpected, message)
{
    /// <summary>The trial's number.</summary>
    public int Number { get; } = number;
}
