using System.Diagnostics;
using Sightline.Cli.CommandLine;
using Sightline.Compute.Storage;

namespace Sightline.Cli.Tuning;

/// <summary>Workers as processes on this machine. One that was killed is replaced; one that ended with a trouble is not.</summary>
internal sealed class LocalWorkers : IWorkers
{
    /// <summary>The variable that tells a worker to end when its standard input is closed: so it ends with the process that started it, and Ctrl-C,
    /// which a terminal sends to both, counts once.</summary>
    public const string Tied = "SIGHTLINE_TIED";

    // A killed worker ends with 128 + signal; a native library ends with 134 (SIGABRT).
    private const int Killed = 129;

    private readonly string _study;
    private readonly string _place;
    private readonly Action<string> _say;
    private readonly List<Worker> _workers = [];
    private int _replacements;
    private bool _isStopping;

    public LocalWorkers(string study, string place, int count, Action<string> say)
    {
        (_study, _place, _say, _replacements) = (study, place, say, 3 * count);
        for (var i = 0; i < count; i++)
        {
            _workers.Add(new Worker(Start()));
        }
    }

    public SightlineException? Trouble { get; private set; }

    public int Poll(int unfinished)
    {
        foreach (var worker in _workers.Where(worker => worker.Process.HasExited).ToList())
        {
            _workers.Remove(worker);
            var code = worker.Process.ExitCode;
            var last = worker.Last;
            worker.Process.Dispose();
            if (code >= Killed && code != (int)ExitCode.Interrupted && !_isStopping && _replacements > 0)
            {
                _replacements--;
                _say($"A worker was killed (exit code {code}); another takes its place, and its trial goes on when the lease runs out.");
                _workers.Add(new Worker(Start()));
            }
            else if (code is not ((int)ExitCode.Done or (int)ExitCode.Stopped or (int)ExitCode.Interrupted))
            {
                Trouble ??= new SightlineException(code >= Killed ? ExitCode.Unexpected : (ExitCode)code, last ?? $"A worker ended with exit code {code}.");
            }
        }

        return _workers.Count;
    }

    public void Stop()
    {
        _isStopping = true;
        foreach (var worker in _workers)
        {
            worker.Process.StandardInput.Close();
        }
    }

    public void Dispose()
    {
        foreach (var worker in _workers)
        {
            worker.Process.StandardInput.Close();
            worker.Process.Dispose();
        }
    }

    /// <summary>This program again, with other arguments.</summary>
    public static ProcessStartInfo Self(params IEnumerable<string> arguments) => new(ToolProcess.Program, [.. ToolProcess.First, .. arguments]);

    private Process Start()
    {
        var start = Self("tune", "worker", _study, "--json");
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        // Not as an argument: it may hold a password, and arguments can be seen by all.
        start.Environment[Database.Variable] = _place;
        start.Environment[Tied] = "1";
        return Process.Start(start) ?? throw new InvalidOperationException("A worker's process could not be started.");
    }

    private sealed class Worker
    {
        public Worker(Process process)
        {
            Process = process;
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, line) => Last = string.IsNullOrWhiteSpace(line.Data) ? Last : line.Data;
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        public Process Process { get; }

        /// <summary>The last line it wrote to standard error.</summary>
        public string? Last { get; private set; }
    }
}
