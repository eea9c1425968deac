namespace Sightline.Curation;

/// <summary>
/// One check of a data set; listed in <see cref="DatasetChecks.All"/>, or added by the caller to <see cref="CheckOptions.Checks"/>. Called once a
/// run, from one thread.
/// </summary>
public interface IDatasetCheck
{
    /// <summary>The kinds of findings that it can make.</summary>
    IReadOnlyList<FindingKind> Kinds { get; }

    /// <summary>Looks for them.</summary>
    /// <param name="input">The data set, and what is measured of its pictures once for all checks.</param>
    /// <returns>The findings of each kind, worst first.</returns>
    IEnumerable<Finding> Run(CheckInput input);
}
