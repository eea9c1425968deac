using Sightline.Compute.Monitoring;
using Sightline.Compute.Offers;
using Sightline.Compute.Providers;
using Sightline.Native;
using Sightline.Planning;
using Sightline.Runs;

namespace Sightline.Advice;

/// <summary>A GPU that is larger than its training, by the rules of <c>run watch</c> over the whole run.</summary>
internal static class WastedCard
{
    // Of the run's stretches of five minutes; fewer may be the start, or another program on the card.
    private const double MostOfTheRun = 0.5;

    private static readonly AlertOptions Rules = new();

    /// <summary>Null where the run has less than five minutes of samples, no GPU, or uses it.</summary>
    public static RunAdvice? Find(RunFacts facts)
    {
        var stretches = Stretches(facts.Samples);
        var waits = facts.Events.Where(seen => seen is { Kind: "step", DataWaitShare: not null }).Select(seen => seen.DataWaitShare ?? 0).DefaultIfEmpty().Average();
        var large = stretches.Count(stretch => Compute.Monitoring.Rules.IsWasteful(stretch.Samples, stretch.End, Rules, out _));
        var idle = stretches.Count(stretch => Compute.Monitoring.Rules.IsUnderused(stretch.Samples, waits, stretch.End, Rules));
        if (large <= MostOfTheRun * stretches.Count && idle <= MostOfTheRun * stretches.Count)
        {
            return null;
        }

        var gpus = facts.Samples.SelectMany(sample => sample.Gpus).ToList();
        var busy = gpus.Select(gpu => gpu.GpuPercent?.Mean).Average() ?? 0;
        var filled = gpus.Select(gpu => gpu.MemoryUsedBytes?.Max / gpu.MemoryTotalBytes).Max();
        var name = gpus.Select(gpu => gpu.Name).FirstOrDefault(known => known is not null) ?? "GPU";
        var options = facts.Settings.Options;
        return new RunAdvice
        {
            Condition = RunCondition.GpuWasted,
            Title = "The GPU is larger than this training needs",
            Explanation = (idle >= large
                ? "Pictures are ready in time, but the steps are too small to keep the card busy: a smaller card takes hardly longer. "
                : "The card works, but most of its memory stays empty: a card with less of it does the same. ")
                + (facts.Cheaper() is { } cheaper ? $"The same training again: {cheaper}" : "A larger batch would use it better."),
            Evidence = FormattableString.Invariant($"Over {stretches.Count * Rules.AdviceMinutes:0} minutes the {name} was busy {busy:0} % of the time{(filled is { } share ? FormattableString.Invariant($", at most {100 * share:0} % of its memory was in use") : "")}, and {100 * waits:0} % of the time went into waiting for pictures."),
            Remedy = FormattableString.Invariant($"sightline gpu plan --model {facts.Settings.Model} --data {Math.Max(1, facts.TrainingPictures)} --epochs {options.Epochs}"),
            Page = "docs/gpus-and-prices.md",
        };
    }

    /// <summary>The cheapest card for the same training by the prices shipped and refreshed on this machine; null where card, price or time are not known, or it is on the cheapest.</summary>
    public static string? Cheaper(RunFolder run, IReadOnlyList<RunEvent> events)
    {
        var samples = new LineTail(SystemRecorder.FileIn(run)).New().Select(SystemRecorder.Read).OfType<SystemSample>();
        var job = RunJob.Read(run);
        var seen = samples.SelectMany(sample => sample.Gpus).FirstOrDefault(gpu => gpu.Name is not null);
        var offers = OfferBook.From(new PriceStore(Path.Combine(NativeRuntime.CacheFolder, "prices"), "").Read([])).Offers;
        var last = events.LastOrDefault(known => known is { TotalSteps: > 0, Step: > 0 });
        if (CheaperRun.Card(job, seen) is not { } card || (job.PricePerHourUsd ?? CheaperRun.PriceOf(card, offers)) is not { } price || last is null)
        {
            return null;
        }

        // The whole training, at the pace so far.
        var hours = last.Seconds / 3600 * last.TotalSteps / last.Step;
        return CheaperRun.Name(run, run.Settings.Adjusted.Epochs, card, price, hours, offers);
    }

    // One after the other, each as long as the rules look back; the rest at the end is left out.
    private static List<(IReadOnlyList<SystemSample> Samples, DateTimeOffset End)> Stretches(IReadOnlyList<SystemSample> samples)
    {
        var found = new List<(IReadOnlyList<SystemSample>, DateTimeOffset)>();
        for (var first = 0; first < samples.Count;)
        {
            var end = samples[first].At.AddSeconds(-samples[first].Seconds).AddMinutes(Rules.AdviceMinutes);
            var after = first + 1;
            while (after < samples.Count && samples[after].At <= end)
            {
                after++;
            }

            if ((end - samples[after - 1].At).TotalSeconds < 60)
            {
                found.Add(([.. samples.Skip(first).Take(after - first)], end));
            }

            first = after;
        }

        return found;
    }
}
