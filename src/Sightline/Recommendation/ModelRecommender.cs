using Sightline.Data;
using Sightline.Models;
using Sightline.Native;
using Sightline.Runs;
using Sightline.Training;

namespace Sightline.Recommendation;

/// <summary>Weighs accuracy against memory and time for one data set on this machine.</summary>
public static class ModelRecommender
{
    private const int SmallPicture = 64;
    private const int ProbeBatch = 16;

    // A model is measured with a batch that takes no more of the memory limit than this.
    private const double ProbeMemoryShare = 0.6;

    // Validation is a forward pass, a third of a step.
    private const double ValidationShare = 1.0 / 3;

    /// <summary>Measures and recommends. Nothing is written.</summary>
    /// <param name="data">The data: its picture size decides the candidates, its counts the times.</param>
    /// <param name="options">Limits and the training planned.</param>
    /// <param name="progress">Told in words; null for silence.</param>
    /// <param name="cancel">Stops the measuring.</param>
    /// <exception cref="SettingsException">An option is out of its range; the message lists all.</exception>
    public static ModelRecommendation Run(ImageDataset data, RecommendOptions options, IProgress<string>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        var problems = options.Check().ToList();
        if (problems.Count > 0)
        {
            throw new SettingsException(string.Join(Environment.NewLine, problems));
        }

        NativeRuntime.EnsureLoaded();
        var first = data.Images.Decode(data.Train[0].Index, 0);
        var isSmall = (options.Training.Size ?? Math.Min(first.Width, first.Height)) <= SmallPicture;

        // Small pictures need a small stem: the usual one makes 7 x 7 of 28 x 28 before the first block.
        var settings = ModelCatalog.All
            .Where(variant => variant.Preprocessing.CropSize <= SmallPicture == isSmall)
            .Select(variant => Trainer.Resolve(options.Training with { Model = variant.Name, Weights = null, Pretrained = null }, data))
            .ToList();
        var profiles = settings.ConvertAll(entry =>
        {
            cancel.ThrowIfCancellationRequested();
            return ModelProfile.Measure(ModelCatalog.Find(entry.Model), entry.Preprocessing.CropSize, data.Classes.Count, options.Training.BatchSize);
        });
        var bytes = settings.ConvertAll(entry =>
        {
            cancel.ThrowIfCancellationRequested();
            var plan = MemoryPlan.Of(entry, MemoryPlan.PictureBytesOf(entry, data));
            return plan.PeakBytes - plan.ProgramBytes;
        });
        var limit = options.MaxMemoryBytes ?? (long)(0.9 * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        var speeds = Measure(settings, profiles, limit, options.ProbeSeconds, progress, cancel);
        var candidates = profiles.Select((profile, i) => Candidate(profile, bytes[i], speeds[i], data, options, limit)).ToList();
        var marked = candidates.ConvertAll(one => one with { IsPareto = !candidates.Any(other => Beats(other, one)) });
        var chosen = Choice.Of(marked, options, data);
        return new ModelRecommendation
        {
            Data = data.Location,
            TrainPictures = data.Train.Count,
            Classes = data.Classes.Count,
            Batch = options.Training.BatchSize,
            Epochs = options.Training.Epochs,
            Precision = settings[0].Options.Precision.ToString().ToLowerInvariant(),
            MaxMemoryBytes = limit,
            MaxMinutes = options.MaxMinutes,
            Candidates = [.. marked.OrderByDescending(one => one.PriorTop1)],
            Recommended = chosen.Name,
            Reason = chosen.Reason,
        };
    }

    // Cheap models first: what they take tells what the dear ones would take, and whether the time allows to measure them.
    private static (double Seconds, bool IsMeasured)[] Measure(
        List<RunSettings> settings, List<ModelProfile> profiles, long memory, double budget, IProgress<string>? progress, CancellationToken cancel)
    {
        var times = new StepTimes();
        var measured = new double?[profiles.Count];
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var order = Enumerable.Range(0, profiles.Count).OrderBy(i => times.Of(Family(profiles[i]), profiles[i].Macs, profiles[i].Activations)).ToList();
        for (var place = 0; place < order.Count; place++)
        {
            cancel.ThrowIfCancellationRequested();
            var (profile, left) = (profiles[order[place]], budget - clock.Elapsed.TotalSeconds);
            var batch = Batch(profile, memory, ProbeBatch);
            var expected = times.Of(Family(profile), profile.Macs, profile.Activations);

            // Two steps at least; a smaller batch where the usual one would eat what is left for the others.
            while (batch > 1 && 2.5 * batch * expected > left / 2)
            {
                batch /= 2;
            }

            if (batch == 0 || left <= 0 || 2.5 * batch * expected > left)
            {
                continue;
            }

            var seconds = SpeedProbe.Run(settings[order[place]], batch, left / (order.Count - place), cancel);
            times.Add(Family(profile), profile.Macs, profile.Activations, seconds);
            measured[order[place]] = seconds;
            progress?.Report(FormattableString.Invariant($"{profile.Name}: {1 / seconds:0.0} pictures per second"));
        }

        return [.. profiles.Select((profile, i) => (measured[i] ?? times.Of(Family(profile), profile.Macs, profile.Activations), measured[i] is not null))];
    }

    private static string Family(ModelProfile profile) => ModelCatalog.Find(profile.Name).Family;

    // The largest of the halves of a batch whose step fits into a share of the memory; 0 where none does.
    private static int Batch(ModelProfile profile, long memory, int most)
    {
        var fixedBytes = profile.TrainingBytes() - profile.KeptBytes - profile.WidestLayerBytes;
        var perPicture = (double)(profile.KeptBytes + profile.WidestLayerBytes) / profile.Batch;
        var batch = Math.Min(most, profile.Batch);
        while (batch > 0 && fixedBytes + (batch * perPicture) > ProbeMemoryShare * memory)
        {
            batch /= 2;
        }

        return batch;
    }

    private static ModelCandidate Candidate(
        ModelProfile profile, long bytes, (double Seconds, bool IsMeasured) speed, ImageDataset data, RecommendOptions options, long limit)
    {
        var variant = ModelCatalog.Find(profile.Name);
        var prior = AccuracyPrior.Of(variant);
        var minutes = options.Training.Epochs * (data.Train.Count + (ValidationShare * data.Validation.Count)) * speed.Seconds / 60;
        return new ModelCandidate
        {
            Name = profile.Name,
            Family = variant.Family,
            Size = profile.Size,
            Parameters = profile.Parameters,
            Macs = profile.Macs,
            MemoryBytes = bytes,
            ImagesPerSecond = 1 / speed.Seconds,
            SpeedSource = speed.IsMeasured ? "measured" : "estimated",
            Minutes = minutes,
            PriorTop1 = prior.Top1,
            PriorSource = prior.Source,
            AccuracyClass = prior.Class,
            IsPareto = false,
            Fits = bytes <= limit && minutes <= (options.MaxMinutes ?? double.PositiveInfinity),
        };
    }

    private static bool Beats(ModelCandidate one, ModelCandidate other) =>
        one.PriorTop1 >= other.PriorTop1 && one.Minutes <= other.Minutes && one.MemoryBytes <= other.MemoryBytes
        && (one.PriorTop1 > other.PriorTop1 || one.Minutes < other.Minutes || one.MemoryBytes < other.MemoryBytes);
}
