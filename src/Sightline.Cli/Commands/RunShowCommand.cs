using System.CommandLine;
using Sightline.Advice;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Output;
using Sightline.Cli.Runs;
using Sightline.Runs;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline run show RUN</c>.</summary>
internal static class RunShowCommand
{
    public static Command Create()
    {
        var run = RunLocator.Argument();
        var runs = CommonOptions.Runs();
        var advise = new Option<bool>("--advice") { Description = "Say what limits the run, with the evidence and what to try next." };
        return new Command("show", "One run: settings, epochs, state.") { run, runs, advise }.Does(invocation =>
        {
            var found = RunLocator.Find(invocation.Arguments.GetRequiredValue(run), invocation.Arguments.GetRequiredValue(runs));
            var events = found.ReadEvents();
            var summary = RunSummary.Of(found, events);
            var epochs = events.Where(seen => seen.Kind == "epoch").ToList();
            var troubles = events.Where(seen => seen.Kind == "stability").ToList();
            var layers = events.LastOrDefault(seen => seen.Kind == "layers");
            var advice = invocation.Arguments.GetValue(advise) ? RunAdvisor.Look(found, TimeProvider.System) : null;
            invocation.Result(new { summary, settings = found.Settings, history = epochs, troubles, layers, advice }, text =>
            {
                Write(summary, found.Settings, epochs, text);
                LayerLines.Write(troubles, layers, text);
                AdviceLines.Write(advice, text);
            });
        });
    }

    private static void Write(RunSummary summary, RunSettings settings, IReadOnlyList<RunEvent> epochs, TextWriter text)
    {
        var options = settings.Options;
        text.WriteLine($"Run         {summary.Run}");
        text.WriteLine($"State       {summary.StateWords}, {summary.Epochs} of {summary.EpochsPlanned} epochs, {Readable.Duration(summary.Seconds)}");
        if (summary.StateReason is { } reason)
        {
            text.WriteLine($"            {reason}");
        }

        text.WriteLine($"Model       {settings.Model}, {settings.Preprocessing.CropSize} pixels, {settings.Classes.Count} classes");
        text.WriteLine($"Data        {settings.DataLocation} (version {settings.DataVersion[..Math.Min(12, settings.DataVersion.Length)]})");
        text.WriteLine($"Settings    {options.Optimizer.Kind} at {options.Optimizer.LearningRate}, {options.Schedule.Kind} schedule, batch {options.BatchSize}{(options.Accumulation > 1 ? $" x {options.Accumulation}" : "")}, seed {options.Seed}");
        foreach (var adjustment in settings.Adjustments)
        {
            text.WriteLine($"Adjusted    {adjustment.Settings}, after step {adjustment.Step}, by {adjustment.By} at {adjustment.At.UtcDateTime:yyyy-MM-dd HH:mm:ss}");
        }

        text.WriteLine($"Best        {Readable.Percent(summary.ValidationAccuracy)} on validation");
        if (epochs.Count == 0)
        {
            return;
        }

        text.WriteLine();
        var table = new TextTable("EPOCH", "TRAIN LOSS", "TRAIN", "VALIDATION LOSS", "VALIDATION", "TIME") { RightAligned = [0, 1, 2, 3, 4, 5] };
        foreach (var epoch in epochs)
        {
            table.Add($"{epoch.Epoch}", $"{epoch.TrainLoss:0.0000}", Readable.Percent(epoch.TrainAccuracy), $"{epoch.ValidationLoss:0.0000}",
                Readable.Percent(epoch.ValidationAccuracy), Readable.Duration(epoch.Seconds));
        }

        table.Write(text);
    }
}
