using System.Runtime.InteropServices;

namespace Sightline.Cli.CommandLine;

/// <summary>
/// Ctrl-C and SIGTERM. A command that can leave a checkpoint asks for <see cref="Stop"/>: the first signal cancels it, the second
/// ends the process. Any other command ends at the first. The exit code is then 130.
/// </summary>
internal sealed partial class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private volatile bool _isStoppable;
    private volatile string _stopping = "Stopping; a checkpoint is written first.";
    private int _signals;

    public Interrupts() =>
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];

    /// <summary>Cancelled by the first signal; from now on the command is trusted to end soon after.</summary>
    public CancellationToken Stop
    {
        get
        {
            _isStoppable = true;
            return _stop.Token;
        }
    }

    /// <summary>As <see cref="Stop"/>, for a command that leaves something else than a checkpoint.</summary>
    public CancellationToken StopSaying(string line)
    {
        _stopping = line;
        return Stop;
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_isStoppable && Interlocked.Increment(ref _signals) == 1)
        {
            Console.Error.WriteLine($"{_stopping} Press Ctrl-C again to end at once.");
            _stop.Cancel();
            return;
        }

        if (Terminal.IsWatched)
        {
            Console.Error.WriteLine("\e[?25h"); // A live block hides the cursor.
        }

        End((int)ExitCode.Interrupted);
    }

    // Environment.Exit would run LibTorch's destructors while another thread is inside LibTorch.
    private static void End(int code)
    {
        if (!OperatingSystem.IsWindows())
        {
            _exit(code);
        }

        Environment.Exit(code);
    }

    [LibraryImport("libc")]
    private static partial void _exit(int code);
}
