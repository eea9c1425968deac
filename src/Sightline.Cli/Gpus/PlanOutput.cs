using Sightline.Cli.Output;
using Sightline.Compute.Offers;
using Sightline.Compute.Planning;

namespace Sightline.Cli.Gpus;

/// <summary>The plan as a JSON document and as text.</summary>
internal static class PlanOutput
{
    public static object Document(TrainingJob job, IReadOnlyList<GpuPlan> plans, IReadOnlyList<RankedOffer> ranked, IReadOnlyList<string> notes, DateOnly today) => new
    {
        Job = new { Model = job.Model.Name, job.Model.Size, job.Pictures, job.Epochs, job.Model.Macs, job.Model.Activations, job.Model.Parameters },
        Measured = job.Measured is { } here ? new
        {
            here.DeviceName,
            here.IsGpu,
            here.GpuId,
            here.Precision,
            here.Batch,
            here.LargestBatch,
            here.Steps,
            here.WarmUp,
            here.MedianMilliseconds,
            here.LowMilliseconds,
            here.HighMilliseconds,
            here.ImagesPerSecond,
            here.LowImagesPerSecond,
            here.HighImagesPerSecond,
            Hours = Hours(job, here.ImagesPerSecond),
            LowHours = Hours(job, here.HighImagesPerSecond),
            HighHours = Hours(job, here.LowImagesPerSecond),
            here.PeakBytes,
            here.BytesPerPicture,
            here.MeasuredAt,
        } : null,
        Gpus = plans.Select(plan => new
        {
            Gpu = plan.Gpu.Id,
            plan.Refusal,
            plan.Precision,
            Checkpointing = plan.Setup?.IsCheckpointed,
            plan.LargestBatch,
            plan.Setup?.Batch,
            plan.Accumulation,
            MemoryBytes = plan.Memory?.Bytes,
            LowMemoryBytes = plan.Memory?.LowBytes,
            HighMemoryBytes = plan.Memory?.HighBytes,
            MemoryTerms = plan.Memory?.Terms ?? [],
            MemoryBasis = plan.Memory?.Basis,
            plan.Speed?.ImagesPerSecond,
            plan.Speed?.LowImagesPerSecond,
            plan.Speed?.HighImagesPerSecond,
            IsSpeedCalibrated = plan.Speed?.IsCalibrated,
            SpeedBasis = plan.Speed?.Basis,
            plan.Hours,
            plan.LowHours,
            plan.HighHours,
        }),
        Offers = ranked.Select(row => new
        {
            row.Offer.Provider,
            row.Offer.Instance,
            Gpu = row.Offer.Gpu.Id,
            row.Offer.Region,
            row.Offer.IsSpot,
            row.Offer.PricePerHourUsd,
            row.Offer.SeenOn,
            AgeDays = row.Offer.AgeDays(today),
            row.Offer.Source,
            row.Hours,
            LowHours = row.HoursRange.Low,
            HighHours = row.HoursRange.High,
            row.MachineUsd,
            row.DiskUsd,
            row.EgressUsd,
            row.TotalUsd,
            LowTotalUsd = row.TotalRangeUsd.Low,
            HighTotalUsd = row.TotalRangeUsd.High,
            row.UsdPerMillionImages,
            row.IsPareto,
            row.Offer.Doubts,
        }),
        Notes = notes,
    };

    public static void Write(TextWriter text, TrainingJob job, IReadOnlyList<GpuPlan> plans, IReadOnlyList<RankedOffer> ranked, IReadOnlyList<string> notes, DateOnly today, int limit)
    {
        text.WriteLine($"{job.Model.Name} at {job.Model.Size} px: {Readable.Count(job.Model.Macs)} multiply-accumulates, {Readable.Count(job.Model.Activations)} activations, {Readable.Count(job.Model.Parameters)} parameters");
        text.WriteLine($"{job.Pictures:N0} pictures x {job.Epochs} epochs");
        text.WriteLine();
        WriteMeasured(text, job);
        WriteMemory(text, plans);
        var table = new TextTable("GPU", "LARGEST BATCH", "BATCH", "PRECISION", "MEMORY", "IMAGES/S", "HOURS", "CALIBRATED") { RightAligned = [1, 2, 4, 5, 6] };
        if (job.Measured is { } here)
        {
            table.Add("here", $"{here.LargestBatch}", $"{here.Batch}", here.Precision, here.PeakBytes is { } peak ? Readable.Bytes(peak) : "", $"{here.ImagesPerSecond:0.#} ({here.LowImagesPerSecond:0.#}-{here.HighImagesPerSecond:0.#})",
                $"{Hours(job, here.ImagesPerSecond):0.0} ({Hours(job, here.HighImagesPerSecond):0.0}-{Hours(job, here.LowImagesPerSecond):0.0})", $"measured {here.MeasuredAt.UtcDateTime:yyyy-MM-dd}");
        }

        foreach (var plan in plans.Where(plan => plan.Refusal is null).OrderBy(plan => plan.Hours))
        {
            table.Add(plan.Gpu.Id, $"{plan.LargestBatch}", plan.Accumulation > 1 ? $"{plan.Accumulation} x {plan.Setup!.Batch}" : $"{plan.Setup!.Batch}", // A plan without refusal has all values.
                plan.Precision + (plan.Setup.IsCheckpointed ? ", checkpointing" : ""), Readable.Bytes(plan.Memory!.HighBytes),
                $"{plan.Speed!.ImagesPerSecond:0} ({plan.Speed.LowImagesPerSecond:0}-{plan.Speed.HighImagesPerSecond:0})", $"{plan.Hours:0.0} ({plan.LowHours:0.0}-{plan.HighHours:0.0})",
                plan.Speed.IsCalibrated ? "yes" : "uncalibrated");
        }

        table.Write(text);
        foreach (var refused in plans.Where(plan => plan.Refusal is not null).Select(plan => plan.Refusal))
        {
            text.WriteLine($"No: {refused}");
        }

        text.WriteLine();
        WriteOffers(text, ranked, today, limit);
        text.WriteLine();
        foreach (var basis in plans.Where(plan => plan.Refusal is null).SelectMany(plan => new[] { $"Memory: {plan.Memory!.Basis}.", $"Speed: {plan.Speed!.Basis}." }).Distinct().Where(line => !line.Contains("uncalibrated GPU", StringComparison.Ordinal)))
        {
            text.WriteLine(basis);
        }

        text.WriteLine("Uncalibrated: by bandwidth and FP32 peak, without a training figure of that GPU. The loader is taken to keep up. Disk, traffic, set-up and interruptions are assumptions; docs/gpus-and-prices.md.");
        foreach (var note in notes)
        {
            text.WriteLine(note);
        }
    }

    private static double Hours(TrainingJob job, double imagesPerSecond) => job.TotalPictures / imagesPerSecond / 3600;

    private static void WriteMeasured(TextWriter text, TrainingJob job)
    {
        if (job.Measured is not { } here)
        {
            return;
        }

        text.WriteLine($"{char.ToUpperInvariant(here.Words[0])}{here.Words[1..]}");
        text.WriteLine($"  {here.MedianMilliseconds:0.0} ms a step ({here.LowMilliseconds:0.0} to {here.HighMilliseconds:0.0}), {here.ImagesPerSecond:0.#} images/s"
            + (here.PeakBytes is { } peak ? $"; {Readable.Bytes(peak)} at most{(here.BytesPerPicture is { } each ? $", {Readable.Bytes(each)} more per picture" : "")}" : ""));
        text.WriteLine(here.GpuId is not null ? "  It takes the place of the estimates for this GPU, and is carried over to the others."
            : here.IsGpu ? "  The catalogue does not know this GPU, so its speed is not carried over to others; their rows are estimates."
            : "  A processor's speed says nothing of a GPU's: the rows of GPUs are estimates as before.");
        text.WriteLine();
    }

    private static void WriteMemory(TextWriter text, IReadOnlyList<GpuPlan> plans)
    {
        if (plans.FirstOrDefault(plan => plan.Memory is not null) is not { Memory: { } memory, Setup: { } setup })
        {
            return;
        }

        text.WriteLine($"Memory of a step with batch {setup.Batch}: {Readable.Bytes(memory.Bytes)} ({Readable.Bytes(memory.LowBytes)} to {Readable.Bytes(memory.HighBytes)})");
        foreach (var term in memory.Terms)
        {
            text.WriteLine($"  {term.Name,-16} {Readable.Bytes(term.Bytes),9}  {term.Explanation}");
        }

        text.WriteLine();
    }

    private static void WriteOffers(TextWriter text, IReadOnlyList<RankedOffer> ranked, DateOnly today, int limit)
    {
        if (ranked.Count == 0)
        {
            text.WriteLine("No offer passes the filters and can run the job.");
            return;
        }

        var table = new TextTable("", "PROVIDER", "INSTANCE", "GPU", "REGION", "KIND", "USD/H", "HOURS", "USD/JOB", "RANGE", "USD/M IMAGES", "AGE") { RightAligned = [6, 7, 8, 10, 11] };
        foreach (var row in limit > 0 ? ranked.Take(limit) : ranked)
        {
            table.Add(row.IsPareto ? "*" : "", row.Offer.Provider, row.Offer.Instance, row.Offer.Gpu.Id, row.Offer.Region, row.Offer.IsSpot ? "spot" : "on demand", $"{row.Offer.PricePerHourUsd:0.000}",
                $"{row.Hours:0.0}", $"{row.TotalUsd:0.00}", $"{row.TotalRangeUsd.Low:0.00}-{row.TotalRangeUsd.High:0.00}", $"{row.UsdPerMillionImages:0.000}",
                row.Offer.AgeDays(today) is { } age ? $"{age} d" : "?");
        }

        table.Write(text);
        text.WriteLine(limit > 0 && ranked.Count > limit
            ? $"{limit} of {ranked.Count} offers, the cheapest job first; --limit 0 shows all. * no other offer is both cheaper and faster."
            : $"{ranked.Count} offers, the cheapest job first. * no other offer is both cheaper and faster.");
    }
}
