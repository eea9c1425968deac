using Sightline.Curation.Checks;

namespace Sightline.Curation;

/// <summary>The checks of a data set that need nothing but the data.</summary>
public static class DatasetChecks
{
    /// <summary>All of them, in the order of the report. One line a check.</summary>
    public static IReadOnlyList<IDatasetCheck> All { get; } =
    [
        new FileProblemsCheck(),
        new WrongExtensionCheck(),
        new LeakageCheck(),
        new ConflictingLabelCheck(),
        new ExactDuplicateCheck(),
        new NearDuplicateCheck(),
        .. PropertyCheck.All,
        new OddSizeCheck(),
        new MissingFromSplitCheck(),
        new ClassImbalanceCheck(),
        new FewImagesCheck(),
        new ConfoundedClassCheck(),
        new ConfoundedSourceCheck(),
    ];
}
