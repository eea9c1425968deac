using Sightline.Cli.Gpus;
using Sightline.Compute.Gpus;
using Sightline.Compute.Offers;
using Sightline.Compute.Providers;
using Sightline.Data;
using Sightline.Native;
using Sightline.Search;
using Sightline.Training;
using Sightline.Tuning;

namespace Sightline.Cli.Tuning;

/// <summary>A study whose trials are trainings: kept with the study, so that a worker anywhere can run them.</summary>
internal sealed record TrainingSpec
{
    /// <summary>The recipe that configurations change.</summary>
    public required TrainOptions Recipe { get; init; }

    /// <summary>Where the data lie; the same on all machines.</summary>
    public required string Data { get; init; }

    /// <summary>What of a trial is compared before its end.</summary>
    public FidelityMode Fidelity { get; init; }

    /// <summary>The share of the training pictures that all trials learn from.</summary>
    public double DataShare { get; init; } = 1;

    /// <summary>The GPU that trials run on, as in 'sightline gpu list'; null where it is not known.</summary>
    public string? Gpu { get; init; }

    /// <summary>Whether candidates are weighed by gain per dollar.</summary>
    public bool PerDollar { get; init; }

    /// <summary>Opens the data and prepares trials.</summary>
    /// <param name="pricePerHourUsd">What the machine costs.</param>
    /// <param name="pruner">The study's rule, whose rungs restart mode takes.</param>
    public ImageObjective Objective(decimal? pricePerHourUsd, PrunerOptions pruner) => new(
        new ImageSearchOptions { Recipe = Recipe, Fidelity = Fidelity, DataShare = DataShare, GpuId = Gpu, PricePerHourUsd = pricePerHourUsd ?? 0, Pruner = pruner },
        ImageDatasets.Open(Data, Trainer.Split(Recipe)));

    /// <summary>The lowest price of one such GPU in the catalogue; null where there is none.</summary>
    /// <exception cref="SettingsException">There is no such GPU.</exception>
    public static decimal? CataloguePrice(string gpu)
    {
        try
        {
            GpuCatalog.Find(gpu);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            throw new SettingsException(error.Message);
        }

        var store = new PriceStore(Path.Combine(NativeRuntime.CacheFolder, "prices"), Path.Combine(PriceAccess.ConfigFolder, "prices"));
        var book = OfferBook.From(store.Read([]));
        return TrialCosts.Cheapest(book, gpu, isSpot: false);
    }
}
