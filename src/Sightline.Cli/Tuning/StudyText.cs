using System.Globalization;
using Sightline.Tuning;

namespace Sightline.Cli.Tuning;

/// <summary>A study as lines for people.</summary>
internal static class StudyText
{
    public static IEnumerable<string> Lines(StudyDocument study)
    {
        var trials = study.Trials;
        yield return $"{study.Name}: {trials.Total} trials{(study.Budget.Trials is { } budget ? $" of {budget}" : "")}, {study.Sampler}, {study.Pruner.ToLowerInvariant()}{(study.Closed is { } closed ? $". {closed}" : "")}";
        yield return $"complete {trials.Complete}   pruned {trials.Pruned}   running {trials.Running}   paused {trials.Paused}   waiting {trials.Waiting}   failed {trials.Failed}   infeasible {trials.Infeasible}";
        if (study.SpentUsd > 0 || study.Budget.CostUsd is not null)
        {
            yield return Invariant($"cost {study.SpentUsd:0.00} USD{(study.Budget.CostUsd is { } most ? Invariant($" of {most:0.00}") : "")}");
        }

        if (study.Best is { } best)
        {
            yield return $"best {Number(best.Values[0])}, trial {best.Number}: {Text(best.Configuration)}";
        }

        foreach (var trial in study.Front.Take(10))
        {
            yield return $"front {string.Join(", ", trial.Values.Select(Number))}, trial {trial.Number}: {Text(trial.Configuration)}";
        }

        foreach (var trial in study.Running.Take(16))
        {
            yield return $"running trial {trial.Number}{(trial.Step is { } step ? $", step {step}, {Number(trial.LastValue ?? double.NaN)}" : "")}: {Text(trial.Configuration)}";
        }

        foreach (var trial in study.Troubles)
        {
            yield return $"{trial.State.ToString().ToLowerInvariant()} trial {trial.Number}: {trial.Reason}";
        }
    }

    /// <summary>One line on a trial that a worker has done with.</summary>
    public static string Line(Trial trial) => trial.State switch
    {
        TrialState.Complete => $"trial {trial.Number}: {string.Join(", ", trial.Values.Select(Number))} ({trial.Configuration})",
        TrialState.Failed or TrialState.Infeasible => $"trial {trial.Number} {trial.State.ToString().ToLowerInvariant()}: {trial.Reason}",
        TrialState.Pruned or TrialState.Paused => $"trial {trial.Number} {trial.State.ToString().ToLowerInvariant()} at step {trial.LastStep}",
        TrialState.Waiting => $"trial {trial.Number} given back",
        _ => $"trial {trial.Number} is at another worker",
    };

    public static string Text(IReadOnlyDictionary<string, object> configuration) =>
        string.Join(", ", configuration.Select(pair => $"{pair.Key}={(pair.Value is double number ? Number(number) : pair.Value)}"));

    private static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
