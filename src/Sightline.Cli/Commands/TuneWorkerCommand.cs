using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Tuning;
using Sightline.Tuning;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline tune worker</c>.</summary>
internal static class TuneWorkerCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("STUDY") { Description = "The study's name." };
        var folder = new Option<string?>("--folder") { Description = "Where the trials' folders are, if not where 'tune start' said; shared by all machines.", HelpName = "FOLDER" };
        var price = new Option<decimal?>("--price") { Description = "What this worker costs, US dollars an hour.", HelpName = "USD" };
        var store = new StoreArgument();
        var command = new Command("worker", "Work on a study's trials, here or on any machine that reaches its store.") { name, folder, price };
        store.AddTo(command);
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(invocation.Interrupts.StopSaying("Stopping; the trial is given back."));
            EndWithParent(stop);
            using var opened = DatabaseStudyStore.Open(store.Existing(arguments), arguments.GetRequiredValue(name));
            var spec = ObjectiveSpec.Of(opened.Options.Name, opened.ObjectiveJson);
            var cost = arguments.GetValue(price) ?? spec.PricePerHourUsd;
            var objective = TuneObjectives.Create(spec, opened.Changes(0).Status.Space, opened.Options.Pruner, cost);
            var self = new StudyWorker($"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}") { PricePerHourUsd = cost };
            using var study = new Study(opened, self, objective.Allows) { RelativeCost = objective.RelativeCost, PredictedMemory = objective.PlannedMemory, StoreSaid = invocation.Say };
            var worker = new TuneWorker(study, objective.Objective, new TuneWorkerOptions
            {
                Folder = arguments.GetValue(folder) ?? spec.Folder,
                TrialLimit = spec.TrialSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                PricePerHourUsd = cost,
            });
            var ended = worker.Run(trial => invocation.Say(StudyText.Line(trial)), stop.Token);
            var isStopped = stop.IsCancellationRequested || study.State == StudyState.Stopped;
            invocation.Result(new WorkerDocument(study.Options.Name, ended, isStopped), text => text.WriteLine($"{ended} trials{(isStopped ? "; stopped" : "")}."));
            return isStopped ? ExitCode.Stopped : ExitCode.Done;
        });
    }

    /// <summary>A worker of <c>tune start</c> ends when its standard input is closed, which also happens when that process is killed.</summary>
    private static void EndWithParent(CancellationTokenSource stop)
    {
        if (Environment.GetEnvironmentVariable(LocalWorkers.Tied) is not "1")
        {
            return;
        }

        new Thread(() =>
        {
            while (Console.In.Read() >= 0)
            {
                // Nothing is said on this line.
            }

            try
            {
                stop.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It has ended by itself.
            }
        })
        { IsBackground = true, Name = "parent" }.Start();
    }

    private sealed record WorkerDocument(string Study, int Trials, bool Stopped);
}
