using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Tuning;
using Sightline.Search;
using Sightline.Tuning;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline tune start</c>.</summary>
internal static class TuneStartCommand
{
    public static Command Create()
    {
        var study = new StudyArguments();
        var workers = new Option<int>("--workers") { Description = "How many workers, each a process that runs one trial at a time.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var slurm = new Option<bool>("--slurm") { Description = "Submit the workers to Slurm as an array, in place of processes here. Needs a store that all nodes reach." };
        var slurmOption = new Option<string[]>("--slurm-option") { Description = "An option of sbatch, such as --slurm-option=--gres=gpu:1; may be repeated.", HelpName = "OPTION" };
        var detach = new Option<bool>("--detach") { Description = "With --slurm: return when the workers are submitted." };
        var noWinners = new Option<bool>("--no-winners") { Description = "Trainings: do not train the best three and the recipe again with three other seeds at the end." };
        var store = new StoreArgument();
        var command = new Command("start", "Search for the best configuration; go on with a study of the same name.");
        study.AddTo(command);
        foreach (var option in new Option[] { workers, slurm, slurmOption, detach, noWinners })
        {
            command.Add(option);
        }

        store.AddTo(command);
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var count = arguments.GetValue(workers);
            if (count is < 1 or > 1000)
            {
                throw new SettingsException($"--workers is {count}; it must lie between 1 and 1000.");
            }

            var place = store.Place(arguments);
            var isSlurm = arguments.GetValue(slurm);
            if (isSlurm && !StoreArgument.IsServer(place))
            {
                throw new SettingsException($"--slurm needs a store that all nodes reach, and '{place}' is a file: give --store postgresql://USER:PASSWORD@HOST/DATABASE.");
            }

            place = StoreArgument.IsServer(place) ? place : Path.GetFullPath(place);
            using var opened = study.Open(arguments, place, invocation, isSlurm ? 1 : count);
            opened.StoreSaid = invocation.Say;
            var spec = ObjectiveSpec.Of(opened.Options.Name, DatabaseObjective(place, opened.Options.Name));
            var stop = invocation.Interrupts.StopSaying("Stopping; trials are given back.");
            using IWorkers pool = isSlurm
                ? new SlurmWorkers(opened.Options.Name, place, count, Path.Combine(spec.Folder, "workers"), arguments.GetValue(slurmOption) ?? [], invocation.Say)
                : new LocalWorkers(opened.Options.Name, place, count, invocation.Say);
            if (!(isSlurm && arguments.GetValue(detach)))
            {
                Follow(opened, pool, invocation, stop);
            }

            var isOver = !stop.IsCancellationRequested && !(isSlurm && arguments.GetValue(detach)) && opened.State != StudyState.Stopped && pool.Trouble is null;
            if (isOver && spec.Training is { } training && !arguments.GetValue(noWinners) && ImageStudy.Best(opened).Count > 0)
            {
                Winners.Train(opened, training, spec.PricePerHourUsd, spec.Folder, invocation.Say, stop);
            }

            return Finish(opened, Winners.Read(spec.Folder), pool, invocation, stop.IsCancellationRequested, isWaiting: isSlurm && arguments.GetValue(detach));
        });
    }

    private static string? DatabaseObjective(string place, string name)
    {
        using var store = DatabaseStudyStore.Open(place, name);
        return store.ObjectiveJson;
    }

    private static void Follow(Study study, IWorkers pool, Invocation invocation, CancellationToken stop)
    {
        bool AreThere() => pool.Poll(study.Late is null ? study.Unfinished : 0) > 0;
        StudyWatch.Run(study, invocation.Say, AreThere, stop);
        if (!stop.IsCancellationRequested)
        {
            return;
        }

        pool.Stop();
        var begun = TimeProvider.System.GetTimestamp();
        var patience = TuneObjectives.Grace + TimeSpan.FromSeconds(30);
        using var wait = new ManualResetEventSlim();
        while (pool.Poll(0) > 0 && TimeProvider.System.GetElapsedTime(begun) < patience)
        {
            wait.Wait(TimeSpan.FromMilliseconds(200));
        }
    }

    private static ExitCode Finish(Study study, IReadOnlyList<Winner> winners, IWorkers pool, Invocation invocation, bool isStopped, bool isWaiting)
    {
        var document = StudyDocument.Of(study) with { Winners = winners };
        invocation.Result(document, text =>
        {
            foreach (var line in StudyText.Lines(document))
            {
                text.WriteLine(line);
            }

            foreach (var winner in winners)
            {
                text.WriteLine(Winners.Line(winner));
            }
        });
        if (isStopped || document.State == StudyState.Stopped)
        {
            invocation.Say($"The study was stopped. 'sightline tune start --name {document.Name}' goes on with it.");
            return ExitCode.Stopped;
        }

        if (pool.Trouble is { } trouble)
        {
            throw trouble;
        }

        return document.Trials.Complete > 0 || isWaiting ? ExitCode.Done : throw new SightlineException(ExitCode.Unexpected,
            $"No trial of '{document.Name}' is complete." + (document.Troubles is [var last, ..] ? $" Trial {last.Number} {last.State.ToString().ToLowerInvariant()}: {last.Reason}" : ""));
    }
}
