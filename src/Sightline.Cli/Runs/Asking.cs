using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Jobs;
using Sightline.Runs;

namespace Sightline.Cli.Runs;

/// <summary>What became of a request.</summary>
internal sealed record Asked(
    string Run, string Id, string Action, AdjustableSettings? Settings, string By, DateTimeOffset RequestedAt, DateTimeOffset? AcknowledgedAt, DateTimeOffset? AppliedAt, long? Step);

/// <summary>What <c>run pause</c>, <c>resume</c>, <c>stop</c> and <c>adjust</c> have in common: to ask a running run, and to wait for the answer.</summary>
internal sealed class Asking
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Argument<string> _run = RunLocator.Argument();
    private readonly Option<string> _runs = CommonOptions.Runs();
    private readonly Option<double> _timeout = new("--timeout")
    {
        Description = "Seconds to wait until the run has done it; 0 asks and returns at once.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 120,
    };

    /// <summary>Adds the arguments to a command.</summary>
    public Command AddTo(Command command)
    {
        command.Add(_run);
        command.Add(_runs);
        command.Add(_timeout);
        return command;
    }

    /// <summary>The run that is meant.</summary>
    public RunFolder Run(Invocation invocation) => JobAttachment.Find(invocation, invocation.Arguments.GetRequiredValue(_run), invocation.Arguments.GetRequiredValue(_runs));

    /// <summary>Asks, waits, and prints what became of it.</summary>
    /// <exception cref="SettingsException">The run is over, or refuses.</exception>
    public ExitCode Ask(Invocation invocation, RunFolder run, ControlAction action, AdjustableSettings? settings = null)
    {
        var patience = invocation.Arguments.GetValue(_timeout);
        if (patience is not (>= 0 and <= 86_400))
        {
            throw new SettingsException($"--timeout is {patience}; it must be from 0 to 86400 seconds.");
        }

        var time = TimeProvider.System;
        using var job = JobAttachment.Of(invocation, run);
        var status = RunStatus.Of(run, run.ReadEvents(), time.GetUtcNow());
        Refuse(run, status, action);
        if (status.State is RunState.Stalled or RunState.Unknown)
        {
            invocation.Say($"The run is {status.Words}. {status.Why} The request waits for it.");
        }

        var request = ControlFile.Ask(run, action, settings, time);
        var began = time.GetTimestamp();
        var told = new Asked(run.Path, request.Id, action.ToString().ToLowerInvariant(), settings, request.By, request.At, null, null, null);
        while (told.AppliedAt is null && time.GetElapsedTime(began).TotalSeconds < patience)
        {
            invocation.Interrupts.StopSaying("The request stays with the run.").WaitHandle.WaitOne(Interval);
            if (invocation.Interrupts.Stop.IsCancellationRequested)
            {
                return ExitCode.Interrupted;
            }

            told = Answer(run, told, request, time, isElsewhere: job is not null);
        }

        invocation.Result(told, text => Write(text, told, run));
        return told.AppliedAt is null && patience > 0 ? ExitCode.LimitReached : ExitCode.Done;
    }

    private static Asked Answer(RunFolder run, Asked told, ControlRequest request, TimeProvider time, bool isElsewhere)
    {
        var events = run.ReadEvents();
        var answers = events.Where(seen => seen.Control?.Id == request.Id).ToList();
        if (answers.FirstOrDefault(seen => seen.Control?.Phase == ControlPhase.Refused) is { } refused)
        {
            throw new SettingsException($"The run refused: {refused.Control?.Reason}");
        }

        told = told with { AcknowledgedAt = answers.FirstOrDefault(seen => seen.Control?.Phase == ControlPhase.Acknowledged)?.At };
        if (answers.FirstOrDefault(seen => seen.Control?.Phase == ControlPhase.Applied) is { } applied)
        {
            return told with { AppliedAt = applied.At, Step = applied.Step };
        }

        // It may have ended before it looked.
        var status = RunStatus.Of(run, events, time.GetUtcNow());
        // The files of a run elsewhere come one after the other: its end may be here before its answer.
        if (!isElsewhere || status.State is RunState.Finished)
        {
            Refuse(run, status, request.Action);
        }

        return told;
    }

    private static void Refuse(RunFolder run, RunStatus status, ControlAction action)
    {
        var name = Path.GetFileName(run.Path);
        switch (status.State)
        {
            case RunState.Finished:
                throw new SettingsException($"The run '{name}' is finished, so there is nothing to {action.ToString().ToLowerInvariant()}. Start another with 'sightline train'.");
            case RunState.Stopped or RunState.Failed:
                throw new SettingsException($"No process trains the run '{name}' (it is {status.Words}). Go on with it first: 'sightline train resume {name}'.");
        }
    }

    private static void Write(TextWriter text, Asked told, RunFolder run)
    {
        text.WriteLine($"Run           {run.Path}");
        text.WriteLine($"Request       {told.Action}{(told.Settings is { } settings ? $" {settings}" : "")} ({told.Id}, by {told.By})");
        text.WriteLine($"Requested     {Time(told.RequestedAt)}");
        text.WriteLine($"Acknowledged  {Time(told.AcknowledgedAt)}");
        text.WriteLine($"Applied       {Time(told.AppliedAt)}{(told.Step is { } step ? $", after step {step}" : ". The run will come to it at its next step: 'sightline run watch' shows it")}");
    }

    private static string Time(DateTimeOffset? time) => time is { } at ? $"{at.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff} UTC" : "not yet";
}
