using System.Diagnostics;

namespace Sightline.Compute.Jobs;

/// <summary>Commands on this machine.</summary>
/// <param name="environment">Variables that the commands get besides this process's; null for none.</param>
internal sealed class LocalShell(IReadOnlyDictionary<string, string>? environment = null) : IShell
{
    private const string Program = "/bin/sh";

    public string Address => "local";

    public async Task<ShellResult> RunAsync(string command, Func<Stream, CancellationToken, Task>? input, Stream? output, CancellationToken cancellationToken)
    {
        if (!File.Exists(Program))
        {
            throw new ComputeException(ComputeTrouble.Usage, $"Jobs need {Program}, which this machine does not have. Run the command on Linux, or in WSL.");
        }

        var start = new ProcessStartInfo(Program, ["-c", command]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw new HostLostException($"{Program} could not be started.");
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        var text = output is null ? process.StandardOutput.ReadToEndAsync(cancellationToken) : null;
        var copy = output is null ? Task.CompletedTask : process.StandardOutput.BaseStream.CopyToAsync(output, cancellationToken);
        if (input is not null)
        {
            try
            {
                await input(process.StandardInput.BaseStream, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException)
            {
                // The command ended before it had read all; its exit code says why.
            }
        }

        process.StandardInput.Close();
        await copy.ConfigureAwait(false);
        var read = text is null ? "" : await text.ConfigureAwait(false);
        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        return new ShellResult(process.ExitCode, read, await error.ConfigureAwait(false));
    }

    public void Reset()
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
