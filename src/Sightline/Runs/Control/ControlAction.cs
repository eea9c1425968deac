namespace Sightline.Runs;

/// <summary>What can be asked of a run while it runs.</summary>
public enum ControlAction
{
    /// <summary>Hold after the current step, with a checkpoint.</summary>
    Pause,

    /// <summary>Go on after a pause.</summary>
    Resume,

    /// <summary>End after the current step, with a checkpoint.</summary>
    Stop,

    /// <summary>Change settings from the next step on.</summary>
    Adjust,
}

/// <summary>How far a request to a run has come.</summary>
public enum ControlPhase
{
    /// <summary>It was written into the run's folder.</summary>
    Requested,

    /// <summary>The run has read it.</summary>
    Acknowledged,

    /// <summary>It is done: the next step is the first under it.</summary>
    Applied,

    /// <summary>It was not done; the reason says why.</summary>
    Refused,
}
