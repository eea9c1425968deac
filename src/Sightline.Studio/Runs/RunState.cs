namespace Sightline.Studio.Runs;

/// <summary>How a run is.</summary>
internal enum RunState
{
    /// <summary>It ended by itself.</summary>
    Finished,

    /// <summary>It gave a sign of life lately.</summary>
    Running,

    /// <summary>Neither: it was stopped or killed, or its machine was lost.</summary>
    Unfinished,
}
