using System.Text.Json;
using Sightline.Cli.Gpus;
using Sightline.Compute.Gpus;
using Sightline.Compute.Monitoring;
using Sightline.Compute.Offers;
using Sightline.Compute.Planning;
using Sightline.Compute.Providers;
using Sightline.Models;
using Sightline.Native;
using Sightline.Planning;
using Sightline.Runs;
using Sightline.Training;

namespace Sightline.Cli.Runs;

/// <summary>What the rest of a run would cost on a cheaper card, by the prices that are known on this machine.</summary>
internal static class CheaperAdvice
{
    /// <summary>The cheapest offer and the saving, in words; null where GPU, price or time left are not known, or staying is cheapest.</summary>
    public static string? Of(RunFolder run, RunView view, RunJob job)
    {
        var seen = view.System?.Gpus.FirstOrDefault(card => card.Name is not null);
        var here = job.KnownGpu ?? (seen is { Name: { } name } ? GpuCatalog.Identify(name, (int?)(seen.MemoryTotalBytes / (1 << 20))) : null);
        if (here is not { } gpu || job.PricePerHourUsd is not { } price || view.SecondsLeft is not { } left || view.TotalSteps == 0)
        {
            return null;
        }

        NativeRuntime.EnsureLoaded();
        var settings = run.Settings;
        var epochsLeft = (int)Math.Ceiling(settings.Adjusted.Epochs * (1 - ((double)view.Step / view.TotalSteps)));
        var rest = new TrainingJob
        {
            Model = TrainingCosts.Of(ModelCatalog.Find(settings.Model), settings.Preprocessing.CropSize, settings.Classes.Count),
            Pictures = Pictures(run),
            Epochs = Math.Max(1, epochsLeft),
            Batch = settings.Options.BatchSize,
            IsSinglePrecision = settings.Options.Precision == Precision.Fp32,
        };
        var store = new PriceStore(Path.Combine(NativeRuntime.CacheFolder, "prices"), Path.Combine(PriceAccess.ConfigFolder, "prices"));
        return CheaperCard.Name(rest, gpu, price, left / 3600, OfferBook.From(store.Read([])).Offers, new CostTerms());
    }

    private static long Pictures(RunFolder run)
    {
        using var split = JsonDocument.Parse(File.ReadAllText(Path.Combine(run.Path, "split.json")));
        return split.RootElement.GetProperty("train").GetArrayLength();
    }
}
