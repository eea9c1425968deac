using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Sightline.Tuning;

/// <summary>Runs a program for each trial, in any language. It tells how it stands by lines of JSON on its standard output.</summary>
/// <remarks>
/// Lines: <c>{"step":3,"value":0.41}</c>, <c>{"checkpoint":3}</c>, at the end <c>{"value":0.4}</c> or <c>{"values":[..],"constraints":[..],"costUsd":..}</c>,
/// <c>{"infeasible":"why"}</c> or <c>{"failed":"why"}</c>. Without any such end, a last line that is a number is the value. Other lines are passed over.
/// Exit code 6 means out of memory, any other but 0 failure. To be stopped it gets SIGTERM, and SIGKILL after the grace.
/// </remarks>
internal sealed partial class CommandObjective : ITrialObjective
{
    private const int SigTerm = 15;

    private readonly IReadOnlyList<string> _words;
    private readonly TimeSpan _grace;

    /// <summary>Prepares the command.</summary>
    /// <param name="command">A program and its arguments; <c>{name}</c> stands for a parameter's value, and {trial}, {attempt}, {seed}, {study}, {checkpoints}, {step} for the trial's.</param>
    /// <param name="space">The names that may stand in it.</param>
    /// <param name="grace">How long it may take to end after SIGTERM.</param>
    /// <exception cref="SettingsException">The command cannot be used.</exception>
    public CommandObjective(string command, SearchSpace space, TimeSpan grace)
    {
        (_words, _grace) = (CommandLineWords.Of(command), grace);
        var known = space.Parameters.Select(parameter => parameter.Name).Concat(Facts(null).Keys).ToHashSet(StringComparer.Ordinal);
        var unknown = _words.SelectMany(word => Place().Matches(word)).Select(match => match.Groups[1].Value).Where(name => !known.Contains(name)).Distinct().ToList();
        if (unknown.Count > 0)
        {
            throw new SettingsException($"The command has {string.Join(", ", unknown.Select(name => $"{{{name}}}"))}; it may have {string.Join(", ", known.Select(name => $"{{{name}}}"))}.");
        }
    }

    /// <inheritdoc/>
    public TrialOutcome Run(TrialContext context, CancellationToken cancellationToken)
    {
        using var process = Start(context);
        process.StandardInput.Close();
        var troubles = new Queue<string>();
        process.ErrorDataReceived += (_, line) =>
        {
            lock (troubles)
            {
                if (!string.IsNullOrWhiteSpace(line.Data))
                {
                    troubles.Enqueue(line.Data);
                }

                if (troubles.Count > 5)
                {
                    troubles.Dequeue();
                }
            }
        };
        process.BeginErrorReadLine();
        using var registration = cancellationToken.Register(() => Stop(process));
        TrialOutcome? outcome = null;
        string? last = null;
        try
        {
            while (process.StandardOutput.ReadLine() is { } line)
            {
                last = string.IsNullOrWhiteSpace(line) ? last : line.Trim();
                if (CommandLine.Read(line) is not { } told)
                {
                    continue;
                }

                outcome = told.Outcome ?? outcome;
                if (told.Checkpoint is { } checkpoint)
                {
                    context.KeepCheckpoint(checkpoint);
                }

                if (told is { Step: { } step, Value: { } value } && context.Report(step, value) != Verdict.Continue)
                {
                    Stop(process);
                    return TrialOutcome.Stopped;
                }
            }

            process.WaitForExit();
        }
        finally
        {
            Stop(process); // Whatever went wrong, no program is left behind.
        }

        cancellationToken.ThrowIfCancellationRequested();
        string trouble;
        lock (troubles)
        {
            trouble = troubles.Count > 0 ? $" It said: {string.Join(" / ", troubles)}" : "";
        }

        return process.ExitCode switch
        {
            (int)ExitCode.OutOfMemory => TrialOutcome.Infeasible($"The command ran out of memory.{trouble}"),
            0 => outcome ?? (double.TryParse(last, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? TrialOutcome.Complete(number)
                : TrialOutcome.Failed($"The command told no value. Its last line must be a number or {{\"value\":...}}; it was '{last}'.{trouble}")),
            _ => TrialOutcome.Failed($"The command ended with exit code {process.ExitCode}.{trouble}"),
        };
    }

    private static Dictionary<string, string> Facts(TrialContext? context) => new(StringComparer.Ordinal)
    {
        ["study"] = context?.Study ?? "",
        ["trial"] = Text(context?.Number),
        ["attempt"] = Text(context?.Attempt),
        ["seed"] = Text(context is null ? null : (long)(Seeds.Mix(context.Seed, context.Number) >> 33)), // 31 bits: every language has them.
        ["checkpoints"] = context?.CheckpointFolder ?? "",
        ["step"] = Text(context?.CheckpointStep),
    };

    private static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    private Process Start(TrialContext context)
    {
        var facts = Facts(context);
        string Filled(string word) => Place().Replace(word, match => context.Configuration.Values.TryGetValue(match.Groups[1].Value, out var value) ? value.ToString()
            : facts.GetValueOrDefault(match.Groups[1].Value, ""));
        var start = new ProcessStartInfo(Filled(_words[0])) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var word in _words.Skip(1))
        {
            start.ArgumentList.Add(Filled(word));
        }

        foreach (var (name, value) in facts)
        {
            start.Environment[$"SIGHTLINE_{name.ToUpperInvariant()}"] = value;
        }

        start.Environment["SIGHTLINE_CONFIGURATION"] = context.Configuration.Key;
        try
        {
            return Process.Start(start) ?? throw new SettingsException($"The command '{start.FileName}' did not start.");
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new SettingsException($"The command '{start.FileName}' cannot be run: {error.Message}. Give the program's full path, or one that PATH has.");
        }
    }

    private void Stop(Process process)
    {
        try
        {
            if (process.HasExited)
            {
                return;
            }

            if (!OperatingSystem.IsWindows() && Kill(process.Id, SigTerm) == 0 && process.WaitForExit(_grace))
            {
                return;
            }

            process.Kill(entireProcessTree: true);
            process.WaitForExit(_grace);
        }
        catch (InvalidOperationException)
        {
            // It ended in between.
        }
    }

    [GeneratedRegex(@"\{([A-Za-z_][A-Za-z0-9_.\-]*)\}")]
    private static partial Regex Place();

    // What Python's json module writes for numbers that JSON does not have.
    [GeneratedRegex(@"(?<=[:\[,]\s*)(NaN|-?Infinity)(?=\s*[,\]}])")]
    private static partial Regex NotJson();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    /// <summary>One line of the program's output.</summary>
    private sealed record CommandLine(long? Step, double? Value, long? Checkpoint, TrialOutcome? Outcome)
    {
        public static CommandLine? Read(string line)
        {
            if (!line.TrimStart().StartsWith('{'))
            {
                return null;
            }

            try
            {
                using var json = JsonDocument.Parse(NotJson().Replace(line, "\"$0\""));
                var root = json.RootElement;
                var step = root.TryGetProperty("step", out var at) ? at.GetInt64() : (long?)null;
                var value = root.TryGetProperty("value", out var one) ? Number(one) : (double?)null;
                var checkpoint = root.TryGetProperty("checkpoint", out var kept) ? kept.GetInt64() : (long?)null;
                return new CommandLine(step, value, checkpoint, step is null ? End(root, value) : null);
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
            {
                return null; // A log line in braces.
            }
        }

        private static TrialOutcome? End(JsonElement root, double? value)
        {
            if (root.TryGetProperty("infeasible", out var infeasible))
            {
                return TrialOutcome.Infeasible(infeasible.GetString() ?? "");
            }

            if (root.TryGetProperty("failed", out var failed))
            {
                return TrialOutcome.Failed(failed.GetString() ?? "");
            }

            var values = root.TryGetProperty("values", out var many) ? [.. many.EnumerateArray().Select(Number)] : value is { } one ? new[] { one } : null;
            return values is null ? null : TrialOutcome.Complete(values) with
            {
                Constraints = root.TryGetProperty("constraints", out var constraints) ? [.. constraints.EnumerateArray().Select(Number)] : [],
                CostUsd = root.TryGetProperty("costUsd", out var cost) ? cost.GetDecimal() : null,
                PeakMemoryBytes = root.TryGetProperty("peakMemoryBytes", out var peak) ? peak.GetInt64() : null,
            };
        }

        private static double Number(JsonElement value) => value.ValueKind == JsonValueKind.String
            ? value.GetString() switch { "Infinity" or "inf" => double.PositiveInfinity, "-Infinity" or "-inf" => double.NegativeInfinity, _ => double.NaN }
            : value.ValueKind == JsonValueKind.Null ? double.NaN : value.GetDouble();
    }
}
