namespace Sightline.Compute;

/// <summary>What kind of trouble a <see cref="ComputeException"/> is; the command line turns it into an exit code.</summary>
public enum ComputeTrouble
{
    /// <summary>A value that the caller gave is out of its range or unknown.</summary>
    Usage,
    /// <summary>A file or name is not there.</summary>
    NotFound,
    /// <summary>A price sheet or other file cannot be used.</summary>
    BadData,
    /// <summary>A provider, the network or a log-in failed.</summary>
    Provider,
    /// <summary>A budget or limit is reached, or would be.</summary>
    LimitReached,
}

/// <summary>A trouble that a user can mend. The message says what was seen, what is allowed and what to do.</summary>
/// <param name="trouble">Its kind.</param>
/// <param name="message">What was wrong with the value seen, what is allowed, what to do next.</param>
/// <param name="inner">The error behind it, if any.</param>
public class ComputeException(ComputeTrouble trouble, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The kind of trouble.</summary>
    public ComputeTrouble Trouble { get; } = trouble;
}
