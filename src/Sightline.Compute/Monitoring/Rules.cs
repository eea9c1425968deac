using System.Globalization;

namespace Sightline.Compute.Monitoring;

/// <summary>Judges samples, pure and each by itself: what is wrong, in plain words, and what to do.</summary>
internal static class Rules
{
    /// <summary>A GPU that nobody uses: no job runs or waits, nobody works there, and nothing is computed.</summary>
    /// <param name="samples">Oldest first.</param>
    /// <param name="job">The job.</param>
    /// <param name="isLeased">Whether the machine is paid by the hour.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="options">Thresholds.</param>
    public static Alert? Idle(IReadOnlyList<SystemSample> samples, JobReading job, bool isLeased, DateTimeOffset now, AlertOptions options)
    {
        if (job.IsRunning || job.IsExpected || samples.Count == 0 || samples[^1].Gpus.Count == 0)
        {
            return null;
        }

        bool IsIdle(SystemSample sample) => sample.Gpus.All(gpu => gpu.GpuPercent?.Max < options.IdlePercent && (gpu.MemoryControllerPercent?.Max ?? 0) < options.IdlePercent);
        if (IsCovered(samples, options.IdleEndMinutes, now) && Window(samples, options.IdleEndMinutes, now).All(IsIdle) && isLeased && !job.IsMovingData)
        {
            return new Alert("idle", Severity.Critical, now, "idle.end", Text($"The GPU has done nothing for {options.IdleEndMinutes:0} minutes and no job waits: the lease should end ('sightline gpu end')."));
        }

        return IsCovered(samples, options.IdleWarnMinutes, now) && Window(samples, options.IdleWarnMinutes, now).All(IsIdle)
            ? new Alert("idle", Severity.Warning, now, "idle.warn", Text($"The GPU has done nothing for {options.IdleWarnMinutes:0} minutes and no job runs or waits.") +
                (isLeased ? Text($" It is paid by the hour: start a job, or end the lease ('sightline gpu end'); after {options.IdleEndMinutes:0} minutes it should end by itself.") : ""))
            : null;
    }

    /// <summary>A job that runs and takes no steps for some minutes, or some usual steps where that is longer.</summary>
    public static Alert? Stalled(JobReading job, DateTimeOffset now, AlertOptions options)
    {
        var patience = StallAfter(job.StepSeconds, options);
        return job is { IsRunning: true, MovedAt: { } moved } && now - moved > patience
            ? new Alert("stalled", Severity.Critical, now, "stalled", Text(
                $"No step has ended for {(now - moved).TotalMinutes:0} minutes{(job.StepSeconds is { } usual ? $"; one usually takes {usual:0.##} s" : "")}. Look at the log ('sightline run logs'); ") +
                "the run can be ended and go on from its last checkpoint ('sightline train resume').")
            : null;
    }

    /// <summary>How long no step may end.</summary>
    /// <param name="stepSeconds">Median step, seconds; null where it is not known.</param>
    /// <param name="options">Thresholds.</param>
    public static TimeSpan StallAfter(double? stepSeconds, AlertOptions options) => TimeSpan.FromSeconds(Math.Max(60 * options.StalledMinutes, options.StalledSteps * (stepSeconds ?? 0)));

    /// <summary>A GPU that waits for pictures.</summary>
    public static Alert? Starved(IReadOnlyList<SystemSample> samples, JobReading job, DateTimeOffset now, AlertOptions options)
    {
        var gpu = Mean(samples, options.AdviceMinutes, now, sample => sample.GpuPercent?.Mean);
        return job is { IsRunning: true, DataWaitShare: { } wait } && wait > options.StarvedWaitShare && gpu < options.StarvedPercent
            ? new Alert("starved", Severity.Advice, now, "starved", Text(
                $"The GPU is at {gpu:0} % and {100 * wait:0} % of the time goes into waiting for pictures. Give the loader more threads (--set workers=N), ") +
                "store the pictures smaller, or take a machine with more processors.")
            : null;
    }

    /// <summary>A card much larger than the job: at work, and its memory mostly empty.</summary>
    /// <param name="samples">Oldest first.</param>
    /// <param name="cheaper">The offer that would do, in words, with the saving; null where none is known to be cheaper.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="options">Thresholds.</param>
    public static Alert? Waste(IReadOnlyList<SystemSample> samples, string? cheaper, DateTimeOffset now, AlertOptions options)
    {
        if (!IsWasteful(samples, now, options, out var memory))
        {
            return null;
        }

        return new Alert("waste", Severity.Advice, now, "waste", Text($"The GPU works, and {memory:0} % of its memory is in use at most. ") +
            (cheaper ?? "A larger batch would use the card better (--batch), or a smaller card would do ('sightline gpu plan' compares)."));
    }

    /// <summary>Whether the waste rule holds; what a cheaper card would cost is asked only then.</summary>
    public static bool IsWasteful(IReadOnlyList<SystemSample> samples, DateTimeOffset now, AlertOptions options, out double memoryPercent)
    {
        var gpus = IsCovered(samples, options.AdviceMinutes, now) ? Window(samples, options.AdviceMinutes, now).SelectMany(sample => sample.Gpus).ToList() : [];
        var filled = gpus.Select(gpu => 100 * gpu.MemoryUsedBytes?.Max / gpu.MemoryTotalBytes).OfType<double>().ToList();
        memoryPercent = filled.Count == 0 ? 100 : filled.Max();
        return memoryPercent < options.WasteMemoryPercent && Mean(samples, options.AdviceMinutes, now, gpu => gpu.GpuPercent?.Mean) > options.WasteGpuPercent;
    }

    /// <summary>Whether the GPU mostly stands still although its pictures are ready: the job is too small for the card.</summary>
    /// <param name="samples">Oldest first.</param>
    /// <param name="dataWaitShare">Share of the time spent waiting for data, 0..1; where that is much, the card is starved and not too large.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="options">Thresholds.</param>
    public static bool IsUnderused(IReadOnlyList<SystemSample> samples, double dataWaitShare, DateTimeOffset now, AlertOptions options) =>
        dataWaitShare <= options.StarvedWaitShare && Mean(samples, options.AdviceMinutes, now, gpu => gpu.GpuPercent?.Mean) < options.StarvedPercent;

    /// <summary>A GPU at the temperature where it slows itself down.</summary>
    public static Alert? Heat(IReadOnlyList<SystemSample> samples, DateTimeOffset now, AlertOptions options)
    {
        var window = IsCovered(samples, options.HeatMinutes, now) ? Window(samples, options.HeatMinutes, now).ToList() : [];
        foreach (var group in window.SelectMany(sample => sample.Gpus).GroupBy(gpu => gpu.Index))
        {
            var limit = (group.Last().SlowdownCelsius ?? options.HeatUnknownCelsius) - options.HeatMarginCelsius;
            var temperatures = group.Select(gpu => gpu.TemperatureCelsius?.Mean).OfType<double>().ToList();
            var mean = temperatures.Count == 0 ? (double?)null : temperatures.Average();
            var slowed = group.All(gpu => gpu.Throttling.Any(reason => reason.StartsWith("heat", StringComparison.Ordinal)));
            if (mean >= limit || slowed)
            {
                return new Alert("heat", Severity.Warning, now, $"heat.{group.Key}", Text(
                    $"GPU {group.Key} is at {mean:0} °C{(slowed ? " and slows itself down because of the heat" : $"; from {limit + options.HeatMarginCelsius:0} °C on it slows itself down")}. ") +
                    "Check fans and air, lower its power limit (nvidia-smi -pl), or take another machine.");
            }
        }

        return null;
    }

    /// <summary>Money spent against its cap.</summary>
    /// <param name="spentUsd">Spent so far.</param>
    /// <param name="capUsd">The cap; above 0.</param>
    /// <param name="pricePerHourUsd">Price at the moment; null where it is not known.</param>
    /// <param name="now">The time, UTC.</param>
    /// <param name="options">Thresholds.</param>
    public static Alert? Budget(decimal spentUsd, decimal capUsd, decimal? pricePerHourUsd, DateTimeOffset now, AlertOptions options)
    {
        var reached = options.BudgetShares.Where(share => capUsd > 0 && spentUsd >= (decimal)share * capUsd).DefaultIfEmpty().Max();
        if (reached == 0)
        {
            return null;
        }

        var left = pricePerHourUsd is > 0 and { } price && spentUsd < capUsd ? Text($" What is left lasts {(capUsd - spentUsd) / price:0.0} hours.") : "";
        return new Alert("budget", reached >= 1 ? Severity.Critical : Severity.Warning, now, Text($"budget.{reached}"), Text($"{spentUsd:0.00} of {capUsd:0.00} USD are spent ({100 * spentUsd / capUsd:0} %).{left} ") +
            (reached >= 1 ? "The cap is reached: the lease ends with a checkpoint." : "At the cap the lease ends with a checkpoint; 'sightline gpu extend' raises it."));
    }

    /// <summary>Loss or gradient that is no number.</summary>
    public static Alert? NotFinite(JobReading job, DateTimeOffset now) => job.NotFinite is { } seen
        ? new Alert("notFinite", Severity.Critical, now, "notFinite", $"{seen.TrimEnd('.')}. The training learns nothing from here on: lower the learning rate ('sightline run adjust RUN --set learningRateScale=0.1'), or go back to a checkpoint.")
        : null;

    /// <summary>A GPU that does not answer.</summary>
    public static Alert? Lost(IReadOnlyList<SystemSample> samples, DateTimeOffset now) => samples.Count > 0 && samples[^1].Gpus.FirstOrDefault(gpu => gpu.Trouble is not null) is { } lost
        ? new Alert("lost", Severity.Critical, now, $"lost.{lost.Index}", $"GPU {lost.Index}: {lost.Trouble}.")
        : null;

    // Mean over all GPUs and samples of the window; null where the window is not covered or nobody tells the figure.
    private static double? Mean(IReadOnlyList<SystemSample> samples, double minutes, DateTimeOffset now, Func<GpuSample, double?> figure)
    {
        var figures = IsCovered(samples, minutes, now) ? Window(samples, minutes, now).SelectMany(sample => sample.Gpus).Select(figure).OfType<double>().ToList() : [];
        return figures.Count == 0 ? null : figures.Average();
    }

    private static IEnumerable<SystemSample> Window(IReadOnlyList<SystemSample> samples, double minutes, DateTimeOffset now) =>
        samples.Where(sample => sample.At > now.AddMinutes(-minutes));

    // A rule over ten minutes says nothing after nine, nor from samples with a gap of a minute: the machine may have been suspended.
    private static bool IsCovered(IReadOnlyList<SystemSample> samples, double minutes, DateTimeOffset now)
    {
        var begin = now.AddMinutes(-minutes);
        var covered = begin;
        foreach (var sample in samples)
        {
            if (sample.At <= begin)
            {
                continue;
            }

            if ((sample.At.AddSeconds(-sample.Seconds) - covered).TotalSeconds > (covered == begin ? 0.5 : 60))
            {
                return false;
            }

            covered = sample.At;
        }

        return (now - covered).TotalSeconds <= 60 && covered > begin;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
