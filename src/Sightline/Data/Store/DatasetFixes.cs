namespace Sightline.Data.Store;

/// <summary>Makes decisions about pictures, and undoes them; each act is a new version.</summary>
public static class DatasetFixes
{
    /// <summary>Writes decisions into the log and makes the version that follows from them. No file is touched.</summary>
    /// <param name="store">The store.</param>
    /// <param name="name">The data set; the newest version is the base.</param>
    /// <param name="decisions">At least one. <see cref="Decision.Batch"/>, <see cref="Decision.At"/>, <see cref="Decision.From"/> and <see cref="Decision.Sha256"/> are filled in.</param>
    /// <returns>The new version; the newest one as it was where the decisions (keep, not-a-duplicate) change no picture.</returns>
    /// <exception cref="NotFoundException">There is no such data set.</exception>
    /// <exception cref="DataException">A picture or class is not in the data set, or a picture is decided twice in different ways; nothing is written.</exception>
    public static DatasetVersion Apply(DatasetStore store, string name, IReadOnlyList<Decision> decisions)
    {
        var version = store.Find(name);
        var images = store.ReadImages(version).ToDictionary(image => image.Name, StringComparer.Ordinal);
        var complete = Complete(version, images, decisions);
        if (complete.Count == 0)
        {
            throw new DataException($"There is no decision for '{version.Name}'. Give at least one: relabel, exclude, keep or not-a-duplicate.");
        }

        var lookup = complete.ToLookup(decision => decision.Image, StringComparer.Ordinal);
        var changed = images.Values.Select(image => lookup[image.Name].Aggregate(image, Apply));
        var lines = store.Decisions(version.Name).Append(complete);
        return store.Add(VersionDraft.After(version, [.. changed], store.ReadNotices(version), "fix", $"{Words(complete)} (act {lines[0].Batch})"));
    }

    /// <summary>Undoes the newest act that is in force and makes the version that follows.</summary>
    /// <exception cref="NotFoundException">There is no such data set.</exception>
    /// <exception cref="DataException">There is nothing to undo.</exception>
    public static DatasetVersion Undo(DatasetStore store, string name)
    {
        var version = store.Find(name);
        var log = store.Decisions(version.Name);
        var batch = log.LastBatch();
        if (batch == 0)
        {
            throw new DataException($"'{version.Name}' has no decision that could be undone. 'sightline data show {version.Name}' lists its versions.");
        }

        var undone = log.Active().Where(decision => decision.Batch == batch).ToArray();
        var earlier = log.Active().Where(decision => decision.Batch < batch).ToLookup(decision => decision.Image, StringComparer.Ordinal);
        var lookup = undone.ToLookup(decision => decision.Image, StringComparer.Ordinal);
        var images = store.ReadImages(version)
            .Select(image => lookup[image.Name].Reverse().Aggregate(image, (seen, decision) => Revert(seen, decision, earlier[image.Name])))
            .ToArray();
        log.Append([new Decision { Undoes = batch }]);
        return store.Add(VersionDraft.After(version, images, store.ReadNotices(version), "undo", $"undid act {batch}: {Words(undone)}"));
    }

    /// <summary>Decisions in force, applied to pictures that were imported anew. Name and content must both be those that were decided on.</summary>
    internal static IReadOnlyList<StoredImage> Reapply(IReadOnlyList<StoredImage> images, IReadOnlyList<string> classes, IReadOnlyList<Decision> active)
    {
        var lookup = active.Where(decision => decision.To is null || classes.Contains(decision.To)).ToLookup(decision => (decision.Image, decision.Sha256));
        return [.. images.Select(image => lookup[(image.Name, image.Sha256)].Aggregate(image, Apply))];
    }

    private static StoredImage Apply(StoredImage image, Decision decision) => decision.Kind switch
    {
        DecisionKind.Relabel => image with { Label = decision.To! }, // Complete saw to it.
        DecisionKind.Exclude => image with { Excluded = decision.Finding ?? "by hand" },
        _ => image,
    };

    private static StoredImage Revert(StoredImage image, Decision decision, IEnumerable<Decision> earlier) => decision.Kind switch
    {
        DecisionKind.Relabel when image.Label == decision.To => image with { Label = decision.From! }, // As above.
        DecisionKind.Exclude when !earlier.Any(other => other.Kind == DecisionKind.Exclude) => image with { Excluded = null },
        _ => image,
    };

    private static List<Decision> Complete(DatasetVersion version, Dictionary<string, StoredImage> images, IReadOnlyList<Decision> decisions)
    {
        var complete = new List<Decision>();
        var changes = new Dictionary<string, Decision>(StringComparer.Ordinal);
        foreach (var decision in decisions)
        {
            foreach (var name in new[] { decision.Image, decision.Other })
            {
                if (name is not null && !images.ContainsKey(name))
                {
                    throw new DataException($"'{name}' is no picture of {version.Reference}. Use the names of 'sightline data review {version.Name} --export FILE'.");
                }
            }

            if (decision.Kind == DecisionKind.Relabel && (decision.To is null || !version.Classes.Contains(decision.To)))
            {
                throw new DataException(
                    $"'{decision.To}' is no class of {version.Reference}, so '{decision.Image}' cannot be relabelled to it. The classes are: {string.Join(", ", version.Classes.Take(50))}.");
            }

            if (decision.Kind is DecisionKind.Relabel or DecisionKind.Exclude)
            {
                if (changes.TryGetValue(decision.Image, out var before))
                {
                    if (before.Kind != decision.Kind || before.To != decision.To)
                    {
                        throw new DataException($"'{decision.Image}' is decided in two ways ({Word(before)} and {Word(decision)}). Decide once.");
                    }

                    continue;
                }

                changes.Add(decision.Image, decision);
            }

            var image = images[decision.Image];
            complete.Add(decision with { Sha256 = image.Sha256, From = decision.Kind == DecisionKind.Relabel ? image.Label : null });
        }

        return complete;
    }

    private static string Word(Decision decision) => decision.Kind == DecisionKind.Relabel ? $"relabel to '{decision.To}'" : "exclude";

    private static string Words(IReadOnlyList<Decision> decisions) => string.Join(", ", decisions
        .GroupBy(decision => decision.Kind)
        .OrderBy(group => group.Key)
        .Select(group => $"{group.Count()} {group.Key switch
        {
            DecisionKind.Relabel => "relabelled",
            DecisionKind.Exclude => "excluded",
            DecisionKind.Keep => "kept",
            _ => "not duplicates",
        }}"));
}
