using Sightline.Data.Store;

namespace Sightline.Cli.Datasets;

/// <summary>Finds the report of <c>data check</c> that holds for a version.</summary>
internal static class CheckReports
{
    /// <summary>The newest version, up to the given one, that has a report; null where none has.</summary>
    public static DatasetVersion? Newest(DatasetStore store, DatasetVersion version) => store.Versions(version.Name)
        .LastOrDefault(seen => seen.Number <= version.Number && File.Exists(DatasetStore.CheckReport(seen)));
}
