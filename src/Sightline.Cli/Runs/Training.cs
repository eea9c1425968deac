using Sightline.Cli.CommandLine;
using Sightline.Cli.Memory;
using Sightline.Cli.Output;
using Sightline.Cli.Progress;
using Sightline.Cli.Settings;
using Sightline.Data;
using Sightline.Runs;
using Sightline.Training;

namespace Sightline.Cli.Runs;

/// <summary>What <c>quickstart</c>, <c>train</c> and <c>train resume</c> have in common.</summary>
internal static class Training
{
    private const int NoticesShown = 10;

    /// <summary>Trains a new run and prints its result.</summary>
    public static void Start(Invocation invocation, TrainSource.Choice choice, string runs, string? name, ProgressMode mode)
    {
        WeightsPull.Ensure(choice.Options, invocation);
        var data = ImageDatasets.Open(choice.Location, Trainer.Split(choice.Options));
        invocation.Say($"{data.Train.Count} training, {data.Validation.Count} validation and {data.Test.Count} test pictures of {data.Classes.Count} classes.");
        ShowNotices(data.Notices, invocation);
        var options = BatchChoice.Of(choice, data, runs, invocation);
        Finish(invocation, Watch(invocation, options.Epochs, mode, progress => Trainer.Run(options, data, runs, progress, invocation.Interrupts.Stop, name)));
    }

    /// <summary>Goes on with a run and prints its result.</summary>
    public static void Resume(Invocation invocation, RunFolder run, ProgressMode mode) =>
        Finish(invocation, Watch(invocation, run.Settings.Adjusted.Epochs, mode, progress => Trainer.Resume(run.Path, progress, invocation.Interrupts.Stop)));

    /// <summary>Does the training with its progress on show.</summary>
    public static TrainResult Watch(Invocation invocation, int epochs, ProgressMode mode, Func<IProgress<RunEvent>, TrainResult> work)
    {
        var progress = TrainProgress.Create(mode, epochs, invocation.Terminal);
        return progress.Around(() => work(progress));
    }

    private static void ShowNotices(IReadOnlyList<DataNotice> notices, Invocation invocation)
    {
        foreach (var notice in notices.Take(NoticesShown))
        {
            invocation.Say($"{notice.Kind}: {notice.Subject}: {notice.Reason}");
        }

        if (notices.Count > NoticesShown)
        {
            invocation.Say($"... and {notices.Count - NoticesShown} more notices; the report lists all.");
        }
    }

    /// <summary>Prints the result.</summary>
    public static void Finish(Invocation invocation, TrainResult result, Reproduced? reproduced = null) => invocation.Result(Document(result, reproduced), text =>
    {
        text.WriteLine($"Model       {result.Model}");
        text.WriteLine($"Validation  {Readable.Percent(result.ValidationAccuracy)}");
        if (result.TestAccuracy is { } test)
        {
            text.WriteLine($"Test        {Readable.Percent(test)}");
        }

        var run = Path.GetRelativePath(Environment.CurrentDirectory, result.Run);
        text.WriteLine($"Time        {Readable.Duration(result.Seconds)} for {result.Epochs} epochs");
        text.WriteLine($"Run         {run}");
        text.WriteLine($"Report      {Path.Combine(run, "report.html")}");
        if (reproduced is not null)
        {
            text.WriteLine($"Reproduces  {reproduced.Run}: {Reproducing.Words(reproduced)}");
        }

        text.WriteLine();
        text.WriteLine("Next:");
        text.WriteLine($"  sightline run show {run}         how it went, epoch by epoch");
        text.WriteLine($"  sightline eval run {run}         accuracy, F1 and confusion on the test pictures");
        text.WriteLine($"  sightline predict {run} FOLDER   classes of your own pictures");
    });

    // Names of the contract; a figure that does not exist is left out.
    private static Dictionary<string, object> Document(TrainResult result, Reproduced? reproduced)
    {
        var document = new Dictionary<string, object>
        {
            ["run"] = result.Run,
            ["model"] = result.Model,
            ["validationAccuracy"] = result.ValidationAccuracy,
        };
        if (result.TestAccuracy is { } test)
        {
            document["testAccuracy"] = test;
        }

        document["seconds"] = result.Seconds;
        document["epochs"] = result.Epochs;
        document["bestWeightsSha256"] = result.BestWeightsSha256;
        document["lastWeightsSha256"] = result.LastWeightsSha256;
        if (reproduced is not null)
        {
            document["reproduction"] = reproduced;
        }

        return document;
    }
}
