namespace Sightline.Curation;

/// <summary>What is looked for in a data set.</summary>
public sealed record CheckOptions
{
    /// <summary>The checks; those of <see cref="DatasetChecks.All"/> by default. Add others to run them too.</summary>
    public IReadOnlyList<IDatasetCheck> Checks { get; init; } = DatasetChecks.All;

    /// <summary>The kinds to look for; empty for all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>Whether duplicates are found too when mirrored or turned by quarters. Default true; it makes the comparison fifteen times longer.</summary>
    public bool MatchTurns { get; init; } = true;

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        var known = Checks.SelectMany(check => check.Kinds).Select(kind => kind.Name).ToList();
        foreach (var kind in Only.Where(kind => !known.Contains(kind)))
        {
            yield return $"There is no kind of finding '{kind}'. There are: {string.Join(", ", known)}.";
        }

        foreach (var kind in known.GroupBy(name => name).Where(group => group.Count() > 1))
        {
            yield return $"Two checks make findings of the kind '{kind.Key}'; each kind must have one check. Remove one of them.";
        }
    }
}
