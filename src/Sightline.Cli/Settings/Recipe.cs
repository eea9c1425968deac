namespace Sightline.Cli.Settings;

/// <summary>Settings with measured results, kept as files in <c>recipes/</c> and carried inside the tool.</summary>
internal static class Recipe
{
    /// <summary>The recipe of <c>train --fine-tune</c>, for any data.</summary>
    public const string FineTune = "fine-tune";

    private const string Prefix = "recipes/";

    /// <summary>All recipes' names.</summary>
    public static IReadOnlyList<string> Names { get; } = typeof(Recipe).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(name => name[Prefix.Length..])
        .Order(StringComparer.Ordinal)
        .ToList();

    /// <summary>A recipe's JSON.</summary>
    /// <exception cref="SettingsException">There is no such recipe.</exception>
    public static string Read(string name)
    {
        using var stream = typeof(Recipe).Assembly.GetManifestResourceStream(Prefix + name)
            ?? throw new SettingsException($"There is no recipe '{name}'. There are: {string.Join(", ", Names)}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
