using System.ComponentModel;
using System.Diagnostics;
using Sightline.Compute.Storage;

namespace Sightline.Cli.Tuning;

/// <summary>Workers as an array of a Slurm cluster, one task each. They reach the store by SIGHTLINE_DATABASE, which Slurm passes on.</summary>
internal sealed class SlurmWorkers : IWorkers
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(2);

    private readonly string _study;
    private readonly string _place;
    private readonly string _folder;
    private readonly IReadOnlyList<string> _options;
    private readonly Action<string> _say;
    private readonly List<string> _jobs = [];
    private int _replacements;
    private int _alive;
    private bool _isStopping;
    private long _asked;

    /// <summary>Submits the array.</summary>
    /// <param name="study">The study's name.</param>
    /// <param name="place">The store, a server.</param>
    /// <param name="count">How many workers.</param>
    /// <param name="folder">A folder that all nodes share, for the trials and the workers' logs.</param>
    /// <param name="options">More options of sbatch, such as --partition=gpu or --gres=gpu:1.</param>
    /// <param name="say">Where lines go.</param>
    /// <exception cref="SightlineException">Slurm is not there or refuses.</exception>
    public SlurmWorkers(string study, string place, int count, string folder, IReadOnlyList<string> options, Action<string> say)
    {
        (_study, _place, _folder, _options, _say, _replacements) = (study, place, folder, options, say, 3 * count);
        Submit(count);
    }

    public SightlineException? Trouble => null;

    /// <summary>The numbers of the arrays, the first one first.</summary>
    public IReadOnlyList<string> Jobs => _jobs;

    public int Poll(int unfinished)
    {
        if (TimeProvider.System.GetElapsedTime(_asked) < _interval)
        {
            return _alive;
        }

        _asked = TimeProvider.System.GetTimestamp();
        _alive = Alive();
        if (_alive == 0 && unfinished > 0 && !_isStopping && _replacements > 0)
        {
            // The last workers were lost, and nobody is there to go on with their trials.
            var count = Math.Min(unfinished, _replacements);
            _replacements -= count;
            _say($"All workers are gone and {unfinished} trials are not over; {count} more are submitted.");
            Submit(count);
            _alive = count;
        }

        return _alive;
    }

    public void Stop()
    {
        _isStopping = true;
        foreach (var job in _jobs)
        {
            // Waiting tasks leave at once; running ones get SIGTERM, on which a worker gives its trial back and ends.
            Run("scancel", "--state=PENDING", job);
            Run("scancel", "--batch", "--signal=TERM", job);
        }

        _asked = 0;
    }

    public void Dispose()
    {
        // The array is Slurm's: it goes on without this process.
    }

    private void Submit(int count)
    {
        Directory.CreateDirectory(_folder);
        var worker = LocalWorkers.Self("tune", "worker", _study, "--json");
        // exec, so that Slurm's signals reach the worker itself; a minute before a time limit it gives its trial back.
        var script = $"#!/bin/sh\nexec {string.Join(' ', worker.ArgumentList.Prepend(worker.FileName).Select(Quoted))}\n";
        var (code, output, error) = Run("sbatch", [
            "--parsable", $"--job-name=sightline-{_study}", $"--array=1-{count}", "--export=ALL", "--signal=B:TERM@60", "--no-requeue",
            $"--chdir={Environment.CurrentDirectory}", $"--output={Path.Combine(_folder, "worker-%A-%a.log")}", .. _options], script);
        if (code != 0)
        {
            throw new SightlineException(ExitCode.Provider, $"Slurm refused the workers: {error.Trim()} Check the options given with --slurm-option.");
        }

        var job = output.Trim().Split(';')[0];
        _jobs.Add(job);
        _say($"Slurm has {count} workers as array {job}; their logs are in '{_folder}'.");
        (_alive, _asked) = (count, TimeProvider.System.GetTimestamp());
    }

    private int Alive()
    {
        var alive = 0;
        foreach (var job in _jobs)
        {
            var (code, output, error) = Run("squeue", "--noheader", "--array", $"--jobs={job}", "--format=%T");
            if (code != 0 && !error.Contains("Invalid job id", StringComparison.Ordinal))
            {
                return Math.Max(1, _alive); // The controller does not answer now; that says nothing of the workers.
            }

            alive += output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(state => state.Trim() is "PENDING" or "RUNNING" or "CONFIGURING" or "COMPLETING" or "SUSPENDED");
        }

        return alive;
    }

    private (int Code, string Output, string Error) Run(string program, params IReadOnlyList<string> arguments) => Run(program, arguments, "");

    private (int Code, string Output, string Error) Run(string program, IReadOnlyList<string> arguments, string input)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[Database.Variable] = _place;
        start.Environment.Remove(LocalWorkers.Tied);
        try
        {
            using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} could not be started.");
            process.StandardInput.Write(input);
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            process.WaitForExit();
            return (process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
        }
        catch (Win32Exception)
        {
            throw new SightlineException(ExitCode.Provider, $"'{program}' is not on this machine. Run 'sightline tune start --slurm' on a node where Slurm's commands are.");
        }
    }

    private static string Quoted(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
