using Sightline.Data;
using Sightline.Inference;
using Sightline.Models;
using Sightline.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>Finds a learning rate for given settings and data (Smith 2017; fastai's form): a short sweep from 1e-7 to 10.</summary>
public static class LearningRateFinder
{
    /// <summary>Runs the sweep on a new model, as a run of these settings would begin. No run folder is made.</summary>
    /// <param name="options">The run's settings; its learning rate and schedule are not used.</param>
    /// <param name="data">The training pictures are read.</param>
    /// <param name="steps">Optimiser steps, 20 to 10,000; common is 100.</param>
    /// <param name="progress">Told the share done, 0..1, on the calling thread; null for silence.</param>
    /// <param name="cancel">Ends it after the current step.</param>
    /// <exception cref="SettingsException">A setting is out of its range; the message lists all.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static LearningRateCurve Run(TrainOptions options, ImageDataset data, int steps, IProgress<double>? progress, CancellationToken cancel)
    {
        var problems = options.Check().ToList();
        if (steps is < 20 or > 10_000)
        {
            problems.Add($"Steps is {steps}; it must be from 20 to 10000. Pass --steps 100.");
        }

        if (problems.Count > 0)
        {
            throw new SettingsException(string.Join(Environment.NewLine, problems));
        }

        NativeRuntime.EnsureLoaded();
        var settings = Trainer.ResolvePrecision(options with { Distill = new DistillOptions() }, data, "");
        var chosen = settings.Options;
        var device = Devices.Choose(chosen.Device);
        set_num_threads(chosen.Threads ?? Environment.ProcessorCount);
        manual_seed(chosen.Seed);
        using var model = ModelCatalog.Find(settings.Model).Create(data.Classes.Count);
        StartingWeights.Load(model, chosen);
        model.to(device);
        ModelInput.MatchLayout(model, chosen.Layout);
        using var input = new ModelInput(settings.Preprocessing, device, chosen.Layout);
        var transfer = new Transfer(model, chosen.Transfer, settings.Model);
        using var optimizer = ParameterOptimizer.Create(model, chosen.Optimizer, groups: transfer.Groups());
        using var meter = new TrainingMeter(device);
        using var objective = TrainingObjective.Create(settings, data, device);
        using var step = new TrainStep(model, input, optimizer, chosen, objective, meter) { Pass = ModelPass.Create(model, settings, new MemoryLadder(settings).Start) };
        _ = new Regulariser(model, chosen);
        using var loader = new BatchLoader(data.Images, data.Train, settings.Preprocessing, chosen.Augment, new LoaderOptions
        {
            BatchSize = Math.Min(chosen.BatchSize, data.Train.Count),
            Workers = chosen.Workers ?? Environment.ProcessorCount,
            Shuffle = true,
            DropLast = true,
            Seed = chosen.Seed,
            Sampling = chosen.Sampling,
            SamplingPower = chosen.SamplingPower,
            Repeats = chosen.Repeats,
        });
        using var batches = Endless(loader, chosen.Accumulation).GetEnumerator();
        var taken = 0;
        var swept = LearningRateSweep.Run(model, optimizer, steps, Step, cancel);
        var (valley, steepest) = LearningRateCurve.Suggest(swept.Rates, swept.Smoothed, steps);
        return new LearningRateCurve
        {
            Model = settings.Model,
            Rates = swept.Rates,
            Losses = swept.Losses,
            Smoothed = swept.Smoothed,
            Valley = valley,
            Steepest = steepest,
            Diverged = swept.Diverged,
        };

        double Step(double rate)
        {
            if (taken == 0)
            {
                transfer.Begin(0); // Frozen stages, as in the first epoch; only now is the model in training mode.
            }

            batches.MoveNext();
            using var group = batches.Current;
            meter.Set(default);
            do
            {
                // fp16 passes over steps until its scale has settled.
                step.Run(group.Batches, rate, group.Batches.Select(_ => (Augment.BatchMix?)null).ToList());
            }
            while (meter.Read() is { Seen: 0 } && step.Scaler is { Scale: > 1 });

            progress?.Report((double)++taken / steps);
            return meter.Read().Loss;
        }
    }

    private static IEnumerable<BatchGroup> Endless(BatchLoader loader, int accumulation)
    {
        for (var epoch = 0; ; epoch++)
        {
            foreach (var group in BatchGroup.Of(loader.Epoch(epoch), accumulation))
            {
                yield return group;
            }
        }
    }
}
