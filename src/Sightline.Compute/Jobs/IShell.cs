namespace Sightline.Compute.Jobs;

/// <summary>Runs commands on a machine: this one, or another one by SSH.</summary>
internal interface IShell : IAsyncDisposable
{
    /// <summary>What people call the machine, for messages.</summary>
    string Address { get; }

    /// <summary>Runs a command with <c>sh</c>.</summary>
    /// <param name="command">The command line. Never holds a secret: others on the machine can see it.</param>
    /// <param name="input">Writes the command's standard input; null for none.</param>
    /// <param name="output">Takes its standard output; null returns it as text.</param>
    /// <param name="cancellationToken">Gives up waiting; the command may go on.</param>
    /// <exception cref="HostLostException">The machine cannot be reached or the connection broke; the command may have run.</exception>
    Task<ShellResult> RunAsync(string command, Func<Stream, CancellationToken, Task>? input, Stream? output, CancellationToken cancellationToken);

    /// <summary>Gives up a connection that has gone silent; the next command makes a new one.</summary>
    void Reset();
}

/// <summary>How a command ended.</summary>
/// <param name="ExitCode">Its exit code; 128 + signal where a signal ended it.</param>
/// <param name="Output">Its standard output, empty where that went elsewhere.</param>
/// <param name="Error">Its standard error.</param>
internal sealed record ShellResult(int ExitCode, string Output, string Error);

/// <summary>The machine cannot be asked at the moment. What runs on it goes on.</summary>
internal sealed class HostLostException(string message, Exception? inner = null) : Exception(message, inner);
