namespace Sightline.Tuning;

/// <summary>Where a trial stands.</summary>
public enum TrialState
{
    /// <summary>Queued, not begun.</summary>
    Waiting,
    /// <summary>Someone works on it.</summary>
    Running,
    /// <summary>Held at a rung or after its worker was lost; it goes on under the same number.</summary>
    Paused,
    /// <summary>Finished with values.</summary>
    Complete,
    /// <summary>Stopped early because others were better.</summary>
    Pruned,
    /// <summary>The objective failed.</summary>
    Failed,
    /// <summary>It cannot be run, for example for lack of memory.</summary>
    Infeasible,
}
