using Sightline.Compute.Offers;

namespace Sightline.Compute.Providers;

/// <summary>The prices in use: the shipped snapshot, what refreshes brought, and the user's sheets. The newest of a provider replaces the older.</summary>
/// <param name="cacheFolder">Where refreshed prices are kept.</param>
/// <param name="sheetFolder">Where the user's sheets lie.</param>
public sealed class PriceStore(string cacheFolder, string sheetFolder)
{
    /// <summary>All prices: a provider's sheet adds to its list prices, a refresh replaces its snapshot.</summary>
    /// <param name="sheets">More sheets than those of the folder.</param>
    /// <exception cref="ComputeException">A sheet is not there or wrong.</exception>
    public IReadOnlyList<PriceRow> Read(IEnumerable<string> sheets)
    {
        var refreshed = ProviderCatalog.All.Select(source => CacheFile(source.Id)).Where(File.Exists).SelectMany(PriceSheet.Read).ToList();
        var replaced = refreshed.Select(row => row.Provider).ToHashSet();
        var found = Directory.Exists(sheetFolder)
            ? Directory.EnumerateFiles(sheetFolder).Where(file => Path.GetExtension(file).ToLowerInvariant() is ".csv" or ".yaml" or ".yml").Order(StringComparer.Ordinal)
            : Enumerable.Empty<string>();
        return [.. PriceSnapshot.Rows.Where(row => !replaced.Contains(row.Provider)), .. refreshed, .. found.Concat(sheets).SelectMany(PriceSheet.Read)];
    }

    /// <summary>Keeps a provider's refreshed prices. An empty answer is not kept: it would hide what is known.</summary>
    /// <param name="provider">Its id.</param>
    /// <param name="rows">Its prices.</param>
    /// <returns>Whether they were kept.</returns>
    public bool Keep(string provider, IReadOnlyList<PriceRow> rows)
    {
        if (rows.Count == 0)
        {
            return false;
        }

        Directory.CreateDirectory(cacheFolder);
        var file = CacheFile(provider);
        var temporary = $"{file}.{Environment.ProcessId}.tmp";
        using (var writer = new StreamWriter(temporary))
        {
            PriceSheet.WriteCsv(writer, rows);
        }

        File.Move(temporary, file, overwrite: true);
        return true;
    }

    private string CacheFile(string provider) => Path.Combine(cacheFolder, $"prices-{provider}.csv");
}
