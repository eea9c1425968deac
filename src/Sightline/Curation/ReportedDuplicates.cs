using Sightline.Data;
using Sightline.Data.Store;

namespace Sightline.Curation;

/// <summary>Pictures that a check found to be duplicates of each other, as clusters for <see cref="DatasetSplitOptions.Clusters"/>.</summary>
public static class ReportedDuplicates
{
    /// <summary>Reads a check's report; pairs that a person decided to be no duplicates are left out.</summary>
    /// <param name="store">The store.</param>
    /// <param name="from">The version that was checked.</param>
    /// <param name="report">Its report.</param>
    /// <param name="target">The version to be divided; pictures are matched by name.</param>
    /// <returns>Clusters of at least two indices of the target's pictures in use. A picture may be in several.</returns>
    /// <exception cref="NotFoundException">There is no such report.</exception>
    /// <exception cref="DataException">It cannot be read, or does not belong to the version.</exception>
    public static IReadOnlyList<IReadOnlyList<int>> Read(DatasetStore store, DatasetVersion from, string report, DatasetVersion target)
    {
        var positions = store.ReadImages(target).Where(image => image.Excluded is null).Index()
            .ToDictionary(pair => pair.Item.Name, pair => pair.Index, StringComparer.Ordinal);
        return
        [
            .. ReviewQueue.Open(store, from, report, [])
                .Where(item => item.Finding.Kind.EndsWith("leakage", StringComparison.Ordinal) || item.Finding.Kind.EndsWith("duplicate", StringComparison.Ordinal))
                .Select(item => item.Images.Where(positions.ContainsKey).Select(name => positions[name]).ToArray())
                .Where(cluster => cluster.Length > 1),
        ];
    }
}
