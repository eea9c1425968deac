using System.Collections.Concurrent;
using Sightline.Compute.Gpus;
using Sightline.Compute.Offers;
using Sightline.Compute.Planning;
using Sightline.Data;
using Sightline.Models;
using Sightline.Planning;
using Sightline.Training;
using Sightline.Tuning;

namespace Sightline.Search;

/// <summary>What trials cost: US dollars by the hour, and before a trial how much it costs beside another.</summary>
internal sealed class TrialCosts
{
    // Of small networks the loader, the update and the evaluation weigh more than the products: a floor keeps the smallest from looking free.
    private const double SmallestShare = 0.05;

    private readonly TrainOptions _recipe;
    private readonly ImageDataset _data;
    private readonly Gpu? _gpu;
    private readonly ConcurrentDictionary<(string Model, int Size, bool IsMixed), double> _seconds = new();
    private readonly double _recipeSeconds;

    /// <param name="recipe">What the configurations change.</param>
    /// <param name="data">Decides on size and classes.</param>
    /// <param name="pricePerHourUsd">Of the machine; 0 where it costs nothing.</param>
    /// <param name="gpu">The GPU that trials run on; null for this machine's processor.</param>
    public TrialCosts(TrainOptions recipe, ImageDataset data, decimal pricePerHourUsd, Gpu? gpu)
    {
        (_recipe, _data, PricePerHourUsd, _gpu) = (recipe, data, pricePerHourUsd, gpu);
        _recipeSeconds = Seconds(recipe);
    }

    /// <summary>US dollars per hour of the machine.</summary>
    public decimal PricePerHourUsd { get; }

    /// <summary>The lowest price per hour of one such GPU among offers that no check doubts; null where there is none.</summary>
    /// <param name="book">Prices.</param>
    /// <param name="gpuId">The GPU, as in the catalogue.</param>
    /// <param name="isSpot">Whether spot prices count.</param>
    public static decimal? Cheapest(OfferBook book, string gpuId, bool isSpot) => book.Offers
        .Where(offer => offer.Gpu.Id == gpuId && offer.IsSpot == isSpot && offer.Doubts.Count == 0 && offer.GpuCount > 0)
        .Select(offer => (decimal?)(offer.PricePerHourUsd / offer.GpuCount)).Min();

    /// <summary>What so many seconds cost.</summary>
    public decimal Of(double seconds) => PricePerHourUsd * (decimal)(seconds / 3600);

    /// <summary>How long a full trial takes beside one of the recipe; 1 where that cannot be told.</summary>
    /// <remarks>By the estimate of the GPU's speed, or else by multiply-accumulates: what matters for a choice is the ratio.</remarks>
    public double Relative(Configuration configuration)
    {
        try
        {
            return Math.Max(SmallestShare, Seconds(TrialSettings.Apply(_recipe, configuration)) / _recipeSeconds);
        }
        catch (SettingsException)
        {
            return 1;
        }
    }

    private double Seconds(TrainOptions options)
    {
        var settings = Trainer.Resolve(options, _data);
        var key = (settings.Model, settings.Preprocessing.CropSize, settings.Options.Precision is not Precision.Fp32);
        return _seconds.GetOrAdd(key, _ =>
        {
            var costs = TrainingCosts.Of(ModelCatalog.Find(key.Model), key.CropSize, _data.Classes.Count);
            return _gpu is null ? costs.Macs / 1e9 : 1 / SpeedEstimator.Estimate(costs, _gpu, new TrainingSetup { IsMixed = key.Item3 }).ImagesPerSecond;
        });
    }
}
