using Sightline.Studio.Train;
using Sightline.Weights;

namespace Sightline.Cli.Settings;

/// <summary>Settings that the studio's form gives, read as <c>train</c> reads its options.</summary>
internal static class StudioSettings
{
    /// <summary>See <see cref="ReadSettings"/>.</summary>
    public static SettingsAnswer Read(SettingsRequest request)
    {
        var settings = new TrainSettings();
        if (request.Preset is { } preset)
        {
            settings.AddJson(Recipe.Read(preset), $"the recipe '{preset}'");
        }

        foreach (var pair in request.Pairs)
        {
            settings.Add(pair);
        }

        if (request.IsPretrained)
        {
            settings.Add("pretrained", WeightsCatalog.Default, "--pretrained");
        }

        foreach (var (key, text, option) in request.Values)
        {
            settings.Add(key, text, option);
        }

        return new SettingsAnswer(settings.Build(), settings.Has("batchSize"));
    }
}
