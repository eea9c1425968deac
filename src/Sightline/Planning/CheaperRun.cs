using System.Text.Json;
using Sightline.Compute.Gpus;
using Sightline.Compute.Monitoring;
using Sightline.Compute.Offers;
using Sightline.Compute.Planning;
using Sightline.Models;
using Sightline.Native;
using Sightline.Runs;
using Sightline.Training;

namespace Sightline.Planning;

/// <summary>Whether a run, or what is left of it, would cost less on another card.</summary>
internal static class CheaperRun
{
    /// <summary>The card that a run is on: what its job says, else what the driver calls it; null where neither is known.</summary>
    public static Gpu? Card(RunJob job, GpuSample? seen) =>
        job.KnownGpu ?? GpuCatalog.Seen(seen?.Name, seen?.MemoryTotalBytes);

    /// <summary>The lowest price of a machine with one such card, on demand; null where nobody offers it.</summary>
    public static decimal? PriceOf(Gpu card, IEnumerable<Offer> offers) => offers
        .Where(offer => offer.Gpu.Id == card.Id && offer is { GpuCount: 1, IsSpot: false, Doubts.Count: 0 })
        .Select(offer => (decimal?)offer.PricePerHourUsd).Min();

    /// <summary>The cheapest offer and the saving, in words; null where staying is cheapest.</summary>
    /// <param name="run">The run.</param>
    /// <param name="epochs">Epochs that are to be trained.</param>
    /// <param name="card">Where it runs.</param>
    /// <param name="pricePerHourUsd">Price of the machine where it runs.</param>
    /// <param name="hours">Hours that these epochs take there; measured.</param>
    /// <param name="offers">What there is.</param>
    public static string? Name(RunFolder run, int epochs, Gpu card, decimal pricePerHourUsd, double hours, IEnumerable<Offer> offers)
    {
        NativeRuntime.EnsureLoaded();
        var settings = run.Settings;
        var job = new TrainingJob
        {
            Model = TrainingCosts.Of(ModelCatalog.Find(settings.Model), settings.Preprocessing.CropSize, settings.Classes.Count),
            Pictures = Pictures(run),
            Epochs = Math.Max(1, epochs),
            Batch = settings.Options.BatchSize,
            IsSinglePrecision = settings.Options.Precision == Precision.Fp32,
        };
        return CheaperCard.Name(job, card, pricePerHourUsd, hours, offers, new CostTerms());
    }

    /// <summary>Training pictures of a run, by its <c>split.json</c>.</summary>
    public static long Pictures(RunFolder run)
    {
        using var split = JsonDocument.Parse(File.ReadAllText(Path.Combine(run.Path, "split.json")));
        return split.RootElement.GetProperty("train").GetArrayLength();
    }
}
