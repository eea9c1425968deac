using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Output;
using Sightline.Cli.Runs;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline run list</c>.</summary>
internal static class RunListCommand
{
    public static Command Create()
    {
        var runs = CommonOptions.Runs();
        return new Command("list", "All runs below a folder, oldest first.") { runs }.Does(invocation =>
        {
            var folder = invocation.Arguments.GetRequiredValue(runs);
            var all = RunLocator.All(folder).OrderBy(run => run.Settings.CreatedAt).Select(run => RunSummary.Of(run, run.ReadEvents())).ToList();
            invocation.Result(all, text =>
            {
                if (all.Count == 0)
                {
                    text.WriteLine($"No runs in '{folder}'.");
                    return;
                }

                var table = new TextTable("RUN", "MODEL", "STARTED (UTC)", "STATE", "EPOCHS", "VALIDATION", "TIME") { RightAligned = [4, 5, 6] };
                foreach (var run in all)
                {
                    table.Add(run.Name, run.Model, $"{run.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm}", run.StateWords, $"{run.Epochs}/{run.EpochsPlanned}",
                        Readable.Percent(run.ValidationAccuracy), Readable.Duration(run.Seconds));
                }

                table.Write(text);
            });
        });
    }
}
