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
            $"There is no model '{name}'. Nearest names: {string.Join(", ", Nearest(name, 3))}. Run 'sightline model list' to see all {All.Count}.");
    }

    private static IEnumerable<string> Nearest(string name, int count) => All
        .Select(variant => variant.Name)
        .OrderBy(known => EditDistance(known, name.ToLowerInvariant()))
        .Take(count);

    // Levenshtein 1966: insertions, deletions and replacements, one row of the table at a time.
    private static int EditDistance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
