namespace Sightline;

/// <summary>How a command ends. The numbers are a contract with scripts.</summary>
public enum ExitCode
{
    /// <summary>Done.</summary>
    Done = 0,
    /// <summary>An error nobody foresaw.</summary>
    Unexpected = 1,
    /// <summary>Wrong arguments or settings.</summary>
    Usage = 2,
    /// <summary>A file, run, model or data set that is not there.</summary>
    NotFound = 3,
    /// <summary>Data or weights that cannot be used.</summary>
    BadData = 4,
    /// <summary>A gate was not passed: of the data, of the evaluation, or of the training's stability.</summary>
    GateFailed = 5,
    /// <summary>Out of memory after all fallbacks.</summary>
    OutOfMemory = 6,
    /// <summary>No device, or a driver or library that does not fit.</summary>
    Device = 7,
    /// <summary>A provider, the network or a log-in failed.</summary>
    Provider = 8,
    /// <summary>A budget or limit is reached.</summary>
    LimitReached = 9,
    /// <summary>Stopped by the user, with a checkpoint.</summary>
    Stopped = 10,
    /// <summary>Interrupted, without a checkpoint.</summary>
    Interrupted = 130,
}

/// <summary>A trouble that a user can mend. The message says what was seen, what is allowed and what to do.</summary>
public class SightlineException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="exitCode">How a command ends that meets it.</param>
    /// <param name="message">What was wrong with the value seen, what is allowed, what to do next.</param>
    /// <param name="inner">The error behind it, if any.</param>
    public SightlineException(ExitCode exitCode, string message, Exception? inner = null)
        : base(message, inner) => ExitCode = exitCode;

    /// <summary>How a command ends that meets this trouble.</summary>
    public ExitCode ExitCode { get; }
}

/// <summary>A setting is unknown or out of its range.</summary>
public sealed class SettingsException(string message) : SightlineException(ExitCode.Usage, message);

/// <summary>A file, run, model or data set is not there.</summary>
public sealed class NotFoundException(string message) : SightlineException(ExitCode.NotFound, message);

/// <summary>The data set cannot be used.</summary>
public sealed class DataException(string message, Exception? inner = null) : SightlineException(ExitCode.BadData, message, inner);

/// <summary>An address cannot be reached, or its server refuses.</summary>
public sealed class NetworkException(string message, Exception? inner = null) : SightlineException(ExitCode.Provider, message, inner);

/// <summary>A weights or checkpoint file cannot be used.</summary>
public sealed class WeightsException(string message, Exception? inner = null) : SightlineException(ExitCode.BadData, message, inner);

/// <summary>No usable device, or a native library that does not fit this system.</summary>
public sealed class DeviceException(string message, Exception? inner = null) : SightlineException(ExitCode.Device, message, inner);

/// <summary>The memory is used up, or would be; the message says what would fit.</summary>
public sealed class MemoryException(string message, Exception? inner = null) : SightlineException(ExitCode.OutOfMemory, message, inner);

/// <summary>The training diverged: not finite, exploding or vanishing, and it could not or should not be saved.</summary>
public sealed class DivergedException(string message) : SightlineException(ExitCode.GateFailed, message);

/// <summary>The user stopped the run; a checkpoint was written.</summary>
public sealed class StoppedException(string message) : SightlineException(ExitCode.Stopped, message);
