using Sightline.Cli.CommandLine;
using Sightline.Cli.Output;
using Sightline.Cli.Settings;
using Sightline.Data;
using Sightline.Native;
using Sightline.Training;

namespace Sightline.Cli.Memory;

/// <summary>The settings once the data are known: a batch that they can fill, and for <c>--batch auto</c> one that the memory can hold.</summary>
internal static class BatchChoice
{
    /// <summary>Checks the batch, or measures how many pictures fit at once.</summary>
    /// <exception cref="SettingsException">The batch that was given is larger than the training split.</exception>
    /// <exception cref="MemoryException">Not even one picture survives training and validation.</exception>
    public static TrainOptions Of(TrainSource.Choice choice, ImageDataset data, string runsFolder, Invocation invocation)
    {
        var (options, pictures) = (choice.Options, data.Train.Count);
        if (choice.IsBatchGiven && options.BatchSize > pictures)
        {
            throw new SettingsException($"The batch is {options.BatchSize}, and there are {pictures} training pictures. Pass --batch {pictures} or less, or leave it out.");
        }

        if (options.BatchSize > pictures)
        {
            invocation.Say($"A batch of {options.BatchSize} would be more than the {pictures} training pictures: each step takes all of them.");
        }

        return choice.IsBatchAuto ? Measured(options with { BatchSize = Math.Min(options.BatchSize, pictures) }, data, runsFolder, invocation) : options;
    }

    // timm's steps (timm/utils/decay_batch.py, decay_batch_step): 64, 48, 32, 24, 16, ...
    internal static int Below(int batch)
    {
        var power = 1;
        while (power * 2 < batch)
        {
            power *= 2;
        }

        var step = Math.Max(power / 2, 1);
        return batch <= 1 ? 0 : power + ((batch - power - 1) / step * step);
    }

    private static TrainOptions Measured(TrainOptions options, ImageDataset data, string runsFolder, Invocation invocation)
    {
        NativeRuntime.EnsureLoaded();
        for (var pictures = options.BatchSize; pictures >= 1; pictures = Below(pictures))
        {
            var tried = options with { Memory = options.Memory with { MicroBatch = pictures } };
            var settings = Trainer.ResolvePrecision(tried, data, runsFolder);
            var (ladder, limit) = (new MemoryLadder(settings), MemoryPlan.Limit(settings));
            var held = MemoryPlan.PictureBytesOf(settings, data);
            if (limit is not null && ladder.Needed(new MemorySimulation(settings), ladder.Start, held) is var needed && needed > limit.Room)
            {
                invocation.Say($"{pictures} pictures at once: {Readable.Bytes(needed)} by the plan, and there are {Readable.Bytes(limit.Bytes)} ({limit.Source}).");
                continue;
            }

            var seen = ProbeProcess.Run(settings, ladder.Start.Parts);
            if (seen.Outcome == ProbeOutcome.Failed)
            {
                throw new SightlineException(ExitCode.Unexpected, $"The probe of {pictures} pictures at once failed: {seen.Message}");
            }

            var survived = seen.Outcome == ProbeOutcome.Done && (limit is null || seen.PeakBytes + held <= limit.Room);
            invocation.Say(seen.Outcome == ProbeOutcome.Done
                ? $"{pictures} pictures at once: {Readable.Bytes(seen.PeakBytes)} measured, {(survived ? "which fits" : "which is too much")}."
                : $"{pictures} pictures at once: the memory ran out.");
            if (survived)
            {
                return tried;
            }
        }

        throw new MemoryException("Not even one picture at a time survives training and validation. Take a smaller --size or --model, or give the run more memory.");
    }
}
