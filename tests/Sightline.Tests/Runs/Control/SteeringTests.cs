using Sightline.Runs;
using Sightline.Training;
using Xunit;

namespace Sightline.Tests.Runs.Control;

/// <summary>What becomes of requests between steps and within validation.</summary>
public sealed class SteeringTests : IDisposable
{
    private readonly RunSample _sample = new();
    private readonly List<RunEvent> _events = [];

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void A_request_that_is_heard_within_validation_is_acknowledged_at_once_and_applied_at_the_next_look()
    {
        using var control = new RunControl(_sample.Run, TimeProvider.System);
        var steering = new Steering(_sample.Run, control, 0, kind => new RunEvent { Kind = kind, At = TimeProvider.System.GetUtcNow(), Epoch = 1, Step = 7, TotalSteps = 10, Seconds = 1 }, _events.Add);
        var asked = ControlFile.Ask(_sample.Run, ControlAction.Adjust, new AdjustableSettings { Epochs = 20 }, TimeProvider.System);

        // A look within 250 ms of the last one sees nothing.
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                steering.Hear();
                return _events.Count > 0;
            },
            TimeSpan.FromMinutes(1)));
        var heard = Phases();
        var before = steering.Options.Epochs;
        var isChanged = steering.Look(new TrainState { Step = 7 });

        Assert.Equal([ControlPhase.Requested, ControlPhase.Acknowledged], heard);
        Assert.Equal(10, before);
        Assert.True(isChanged);
        Assert.Equal([ControlPhase.Requested, ControlPhase.Acknowledged, ControlPhase.Applied], Phases());
        Assert.Equal(20, steering.Options.Epochs);
        var adjustment = Assert.Single(RunFolder.Open(_sample.Run.Path).Settings.Adjustments);
        Assert.Equal((asked.Id, 7L), (adjustment.Id, adjustment.Step));
    }

    private List<ControlPhase> Phases() => [.. _events.Select(seen => seen.Control!.Phase)]; // Only requests are told here.
}
