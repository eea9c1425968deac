namespace Sightline.Models;

/// <summary>All models that Sightline can build.</summary>
public static class ModelCatalog
{
    /// <summary>The variants, family by family, small to large. A new family adds one line here.</summary>
    public static IReadOnlyList<ModelVariant> All { get; } =
    [
        .. ResNet.Variants,
        .. DenseNet.Variants,
        .. EfficientNet.Variants,
        .. MobileNetV3.Variants,
        .. ConvNeXt.Variants,
    ];

    /// <summary>The variant of a name; letter case does not matter.</summary>
    /// <param name="name">A name of <see cref="All"/>.</param>
    /// <exception cref="SettingsException">There is no such model; the message offers the nearest names.</exception>
    public static ModelVariant Find(string name)
    {
        var found = All.FirstOrDefault(variant => variant.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return found ?? throw new SettingsException(
            $"There is no model '{name}'.{NearestNames.Suggest(name, All.Select(variant => variant.Name))} Run 'sightline model list' to see all {All.Count}.");
    }
}
