using Sightline.Cli.CommandLine;
using Sightline.Runs;

namespace Sightline.Cli.Progress;

/// <summary>Shows a run's events on standard error.</summary>
internal abstract class TrainProgress : IProgress<RunEvent>
{
    /// <summary>The way that fits the mode and the terminal.</summary>
    public static TrainProgress Create(ProgressMode mode, int epochs, Terminal terminal) => mode switch
    {
        ProgressMode.Never => new NoticesOnly(terminal.Error),
        ProgressMode.Always => new LiveBlock(epochs),
        _ when Terminal.IsWatched => new LiveBlock(epochs),
        _ => new ProgressLines(epochs, terminal.Error, TimeProvider.System),
    };

    /// <summary>Does the work with the progress on show.</summary>
    public virtual T Around<T>(Func<T> work) => work();

    public abstract void Report(RunEvent value);

    /// <summary>The line of an event that a person should read, or null.</summary>
    protected static string? Notice(RunEvent value) => value.Message is { } message
        && (value.Kind is "notice" or "resume" or "memory" or "stability" || value.Control?.Phase is ControlPhase.Applied or ControlPhase.Refused) ? message : null;

    private sealed class NoticesOnly(TextWriter target) : TrainProgress
    {
        public override void Report(RunEvent value)
        {
            if (Notice(value) is { } line)
            {
                target.WriteLine(line);
            }
        }
    }
}
