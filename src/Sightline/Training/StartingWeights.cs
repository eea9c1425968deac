using System.Security.Cryptography;
using Sightline.Weights;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>The weights that a run begins with: a file, or published ones from the cache.</summary>
/// <param name="Path">Absolute path of the file.</param>
/// <param name="Sha256">Its SHA-256, lower case.</param>
/// <param name="Published">What it is in the catalogue; null for a file of the user.</param>
internal sealed record StartingWeights(string Path, string Sha256, PublishedWeights? Published)
{
    /// <summary>What the options ask for; null where the run begins from scratch.</summary>
    /// <exception cref="NotFoundException">The file is not there, or the published weights are not in the cache.</exception>
    /// <exception cref="SettingsException">There are no published weights of this name, or they are for another model.</exception>
    public static StartingWeights? Of(TrainOptions options)
    {
        if (WeightsCatalog.Chosen(options.Pretrained, options.Model) is { } published)
        {
            var cached = new WeightsCache(WeightsCache.DefaultFolder, TimeProvider.System).Require(published);
            return new StartingWeights(cached.Path, cached.Sha256, published);
        }

        if (options.Weights is not { } weights)
        {
            return null;
        }

        using var file = WeightsFile.Open(weights);
        return new StartingWeights(System.IO.Path.GetFullPath(weights), Convert.ToHexStringLower(SHA256.HashData(file)), null);
    }

    /// <summary>Loads what the options name; a head for other classes starts new, a stem for other channels is carried over.</summary>
    /// <returns>null where the run begins from scratch.</returns>
    public static WeightsReport? Load(nn.Module model, TrainOptions options) => options.Weights is { } weights
        ? WeightsLoader.Load(model, weights, new WeightsOptions { ReplaceHead = true, AdaptStem = true })
        : null;
}
