using Sightline.Compute.Planning;
using Sightline.Models;

namespace Sightline.Planning;

/// <summary>What training a catalogue model costs, for the estimators of <see cref="Sightline.Compute.Planning"/>.</summary>
public static class TrainingCosts
{
    /// <summary>Measures a model's costs: multiply-accumulates, activations, parameters, kind of blocks.</summary>
    /// <param name="variant">A row of <see cref="ModelCatalog.All"/>.</param>
    /// <param name="size">Side of the input in pixels; null takes the published crop.</param>
    /// <param name="classes">Number of classes; at least 1.</param>
    /// <exception cref="SettingsException">A value is out of its range, or the size is too small for the model.</exception>
    public static ModelCosts Of(ModelVariant variant, int? size = null, int classes = 1000)
    {
        var profile = ModelProfile.Measure(variant, size, classes);
        var family = Family(variant);
        return new ModelCosts
        {
            Name = variant.Name,
            Family = family,
            Size = profile.Size,
            Macs = profile.Macs,
            Activations = profile.Activations,
            Parameters = profile.Parameters,
            IsGated = family is "efficientnet" or "efficientnetv2" or "mobilenetv3",
            IsSmooth = family is "efficientnet" or "efficientnetv2" or "mobilenetv3" or "convnext",
        };
    }

    // The calibration's families are finer than the catalogue's.
    private static string Family(ModelVariant variant) => variant switch
    {
        { Name: var name } when name.StartsWith("resnext", StringComparison.Ordinal) => "resnext",
        { Name: var name } when name.StartsWith("efficientnet_v2", StringComparison.Ordinal) => "efficientnetv2",
        { Family: "mobilenet" } => "mobilenetv3",
        _ => variant.Family,
    };
}
