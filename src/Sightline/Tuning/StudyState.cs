namespace Sightline.Tuning;

/// <summary>Whether a study gives out trials.</summary>
public enum StudyState
{
    /// <summary>It does, within its budget.</summary>
    Open,
    /// <summary>It was stopped: workers release their trials, and none begins until it is opened again.</summary>
    Stopped,
}
