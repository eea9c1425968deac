using Sightline.Cli.CommandLine;
using Sightline.Cli.Progress;
using Sightline.Cli.Settings;
using Sightline.Data;
using Sightline.Runs;
using Sightline.Training;

namespace Sightline.Cli.Runs;

/// <summary>How a repeated run compares.</summary>
/// <param name="Run">The run that was repeated.</param>
/// <param name="Identical">Whether the best weights, and the last ones where they are known, have the same bits.</param>
/// <param name="Differences">What differs in settings, versions, machine, in words.</param>
internal sealed record Reproduced(string Run, bool Identical, IReadOnlyList<string> Differences);

/// <summary><c>train --reproduce</c>: the same training again, and whether it gives the same weights.</summary>
internal static class Reproducing
{
    /// <summary>Trains again with a run's settings and compares the weights.</summary>
    /// <exception cref="DataException">The data are not those of the run.</exception>
    /// <exception cref="SettingsException">The run is not finished, or its splits are its own.</exception>
    public static ExitCode Run(Invocation invocation, RunFolder original, TrainSource.Choice choice, string runs, string? name, ProgressMode mode)
    {
        var expected = Reproduction.Weights(original);
        if (original.Settings.HasOwnSplit)
        {
            throw new SettingsException($"The run '{original.Path}' is a fold of another command, which divided the data; repeat that command.");
        }

        var data = ImageDatasets.Open(choice.Location, Trainer.Split(choice.Options));
        if (data.Version != original.Settings.DataVersion)
        {
            throw new DataException(
                $"The data in '{choice.Location}' are not those of the run (version {data.Version[..12]}, then {original.Settings.DataVersion[..12]}), so the weights " +
                "cannot come out the same. Restore the data, or pass the folder of a copy as DATA.");
        }

        var differences = Reproduction.Differences(original.Settings, Trainer.Resolve(choice.Options, data) with { Adjustments = original.Settings.Adjustments });
        foreach (var difference in differences)
        {
            invocation.Say($"Differs: {difference}");
        }

        var result = Training.Watch(invocation, choice.Options.Epochs, mode, progress => 
            Trainer.Repeat(choice.Options, original.Settings.Adjustments, data, runs, progress, invocation.Interrupts.Stop, name));
        var isIdentical = result.BestWeightsSha256 == expected.Best && (expected.Last is null || result.LastWeightsSha256 == expected.Last);
        Training.Finish(invocation, result, new Reproduced(original.Path, isIdentical, differences));
        return isIdentical ? ExitCode.Done : ExitCode.GateFailed;
    }

    /// <summary>The outcome in words.</summary>
    public static string Words(Reproduced outcome) => outcome switch
    {
        { Identical: true, Differences.Count: 0 } => "the weights are bit-identical",
        { Identical: true } => $"the weights are bit-identical, though there are differences: {string.Join("; ", outcome.Differences)}",
        { Differences.Count: > 0 } => $"the weights differ. So does: {string.Join("; ", outcome.Differences)}",
        _ => "the weights differ, though settings, versions and machine are the same. A GPU's sums have no fixed order; on a CPU a run that was stopped and then " +
            "rolled back, or that memory ran out in, depends on when that was",
    };
}
