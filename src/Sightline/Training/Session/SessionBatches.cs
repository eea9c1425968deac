using Sightline.Augment;
using Sightline.Data;
using Sightline.Runs;

namespace Sightline.Training;

/// <summary>The batches that a session trains on and is judged by.</summary>
internal sealed class SessionBatches : IDisposable
{
    private readonly RunSettings _settings;
    private readonly ImageDataset _data;

    public SessionBatches(RunSettings settings, ImageDataset data)
    {
        (_settings, _data) = (settings, data);
        Train = ForTraining();
        Validation = Judged(data.Validation);
    }

    /// <summary>What is learned; another after <see cref="Reopen"/>.</summary>
    public BatchLoader Train { get; private set; }

    public BatchLoader Validation { get; }

    /// <summary>Optimiser steps in an epoch; the last may have fewer batches.</summary>
    public int StepsPerEpoch => (Train.BatchesPerEpoch + _settings.Options.Accumulation - 1) / _settings.Options.Accumulation;

    /// <summary>Pictures, plain and in their order. The caller disposes it.</summary>
    public BatchLoader Judged(IReadOnlyList<Example> examples) => Loader(examples, null, isTraining: false);

    /// <summary>Lets go of the training pictures and their threads until <see cref="Reopen"/>.</summary>
    public void Release() => Train.Dispose();

    /// <summary>Makes the training pictures' threads again.</summary>
    public void Reopen() => Train = ForTraining();

    public void Dispose()
    {
        Train.Dispose();
        Validation.Dispose();
    }

    private BatchLoader ForTraining() => Loader(_data.Train, _settings.Options.Augment, isTraining: true);

    private BatchLoader Loader(IReadOnlyList<Example> examples, AugmentOptions? augment, bool isTraining)
    {
        var options = _settings.Options;
        return new BatchLoader(_data.Images, examples, _settings.Preprocessing, augment, new LoaderOptions
        {
            BatchSize = Math.Min(options.BatchSize, examples.Count),
            Workers = options.Workers ?? Environment.ProcessorCount,
            Shuffle = isTraining,
            DropLast = isTraining,
            Seed = options.Seed,
            Sampling = isTraining ? options.Sampling : Sampling.Natural,
            SamplingPower = options.SamplingPower,
            Repeats = isTraining ? options.Repeats : 1,
        });
    }
}
