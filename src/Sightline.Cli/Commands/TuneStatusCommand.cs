using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Output;
using Sightline.Cli.Tuning;
using Sightline.Tuning;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline tune status</c>.</summary>
internal static class TuneStatusCommand
{
    public static Command Create()
    {
        var name = new Argument<string?>("STUDY") { Description = "The study's name; without it, all studies of the store.", Arity = ArgumentArity.ZeroOrOne };
        var watch = new Option<bool>("--watch") { Description = "Go on showing until the study is over." };
        var report = new Option<string?>("--report") { Description = "Write the study's report as a page: history, cost, importance, slices, parallel coordinates, rungs.", HelpName = "FILE" };
        var store = new StoreArgument();
        var command = new Command("status", "How studies stand.") { name, watch, report };
        store.AddTo(command);
        return command.Does(invocation =>
        {
            var place = store.Existing(invocation.Arguments);
            if (invocation.Arguments.GetValue(name) is null && !invocation.Arguments.GetValue(watch) && invocation.Arguments.GetValue(report) is null)
            {
                All(invocation, place);
                return;
            }

            using var study = Study.Open(place, StoreArgument.Name(place, invocation.Arguments.GetValue(name)));
            if (invocation.Arguments.GetValue(watch))
            {
                StudyWatch.Run(study, invocation.Say, () => study.Late is null && (study.Closed is null || study.Unfinished > 0), invocation.Interrupts.StopSaying("The study goes on."));
            }

            if (invocation.Arguments.GetValue(report) is { } file)
            {
                StudyReportFile.Write(file, study, ObjectiveSpec.Find(place, study.Options.Name));
                invocation.Say($"The report is in {file}.");
            }

            var document = StudyDocument.Of(study);
            invocation.Result(document, text =>
            {
                foreach (var line in StudyText.Lines(document))
                {
                    text.WriteLine(line);
                }
            });
        });
    }

    private static void All(Invocation invocation, string place)
    {
        var studies = DatabaseStudyStore.Names(place).Select(name =>
        {
            using var study = Study.Open(place, name);
            return StudyDocument.Of(study);
        }).ToList();
        invocation.Result(studies, text =>
        {
            if (studies.Count == 0)
            {
                text.WriteLine("The store has no studies.");
                return;
            }

            var table = new TextTable("STUDY", "STATE", "TRIALS", "COMPLETE", "PRUNED", "RUNNING", "BEST") { RightAligned = [2, 3, 4, 5, 6] };
            foreach (var study in studies)
            {
                table.Add(study.Name, study.State.ToString().ToLowerInvariant(), $"{study.Trials.Total}", $"{study.Trials.Complete}", $"{study.Trials.Pruned}", $"{study.Trials.Running}",
                    study.Best is { } best ? FormattableString.Invariant($"{best.Values[0]:G6}") : "-");
            }

            table.Write(text);
        });
    }
}
