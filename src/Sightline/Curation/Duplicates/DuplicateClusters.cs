using Sightline.Curation.Pictures;
using Sightline.Data;

namespace Sightline.Curation.Duplicates;

/// <summary>Groups of pictures that are the same or nearly the same; a split must keep each group together.</summary>
public static class DuplicateClusters
{
    /// <summary>Finds the groups, by the rules of <c>exact-duplicate</c> and <c>near-duplicate</c>.</summary>
    /// <param name="data">The data set. Its pictures are measured once; the results are kept in the cache folder.</param>
    /// <param name="progress">Told how far it is, from several threads; null where nobody watches.</param>
    /// <returns>Groups of at least two pictures, as rising indices of <see cref="ImageDataset.Images"/>, in the order of their first.</returns>
    public static IReadOnlyList<IReadOnlyList<int>> Find(ImageDataset data, IProgress<CheckProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(data);
        var scan = PictureScan.Run(data, progress, cancellationToken);
        return DuplicateSearch.Run(data, new PictureLabels(data), scan.Facts, withTurns: true, progress, cancellationToken).Clusters();
    }
}
