using Sightline.Runs;

namespace Sightline.Training.Stability;

/// <summary>Asks for the last good checkpoint and half the rate; caught by <see cref="Trainer"/>, which begins a new session.</summary>
internal sealed class RollBackException(Trouble trouble, long step) : Exception(trouble.Seen)
{
    /// <summary>The event of the roll-back, once it is done.</summary>
    /// <param name="blank">An event of now.</param>
    /// <param name="state">Where the run goes on.</param>
    /// <param name="options">The run's.</param>
    public RunEvent Told(RunEvent blank, TrainState state, StabilityOptions options) => blank with
    {
        Detector = trouble.Detector,
        Action = StabilityPolicy.RollBack,
        Message = FormattableString.Invariant(
            $"{trouble.Seen} in step {step}; back to step {state.Step}, with {state.RateFactor:g3} of the scheduled learning rate from here on ") +
            $"(roll-back {state.RollBacks} of at most {options.MaximumRollBacks}). {trouble.Remedy}",
    };
}
