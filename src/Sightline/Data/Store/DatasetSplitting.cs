namespace Sightline.Data.Store;

/// <summary>Divides a stored version anew.</summary>
public static class DatasetSplitting
{
    /// <summary>Writes a version with other splits, or one for each fold.</summary>
    /// <param name="store">The store.</param>
    /// <param name="reference"><c>NAME</c> or <c>NAME@NUMBER</c>; the base.</param>
    /// <param name="options">How.</param>
    /// <returns>One version; with folds one for each, in their order.</returns>
    /// <exception cref="SettingsException">An option is out of its range.</exception>
    /// <exception cref="NotFoundException">There is no such version, or a list is not there.</exception>
    /// <exception cref="DataException">The pictures cannot be divided that way; nothing is written.</exception>
    public static IReadOnlyList<DatasetVersion> Apply(DatasetStore store, string reference, DatasetSplitOptions options)
    {
        var problems = options.Check().ToArray();
        if (problems.Length > 0)
        {
            throw new SettingsException(string.Join(' ', problems));
        }

        var version = store.Find(reference);
        var all = store.ReadImages(version);
        var used = all.Where(image => image.Excluded is null).ToArray();
        var method = options.Method ?? (used.Any(image => image.Group is not null) ? SplitMethod.Group : SplitMethod.Random);
        var notices = store.ReadNotices(version);
        var versions = new List<DatasetVersion>();
        foreach (var (splits, detail) in Divide(version, used, method, options, store))
        {
            CheckUsable(version, splits);
            var byName = used.Index().ToDictionary(pair => pair.Item.Name, pair => splits[pair.Index], StringComparer.Ordinal);
            var images = all.Select(image => byName.TryGetValue(image.Name, out var split) ? image with { Split = split } : image).ToArray();
            versions.Add(store.Add(VersionDraft.After(version, images, notices, "split", detail)));
        }

        return versions;
    }

    private static IEnumerable<(string[] Splits, string Detail)> Divide(
        DatasetVersion version, StoredImage[] images, SplitMethod method, DatasetSplitOptions options, DatasetStore store)
    {
        if (method == SplitMethod.Lists)
        {
            yield return (SplitLists.Read([.. images.Select(image => image.Name)], options), "by lists");
            yield break;
        }

        var units = Units(version, images, method, options);
        var free = units.Where(unit => !(options.KeepTest && unit.Members.Any(member => images[member].Split == SplitName.Test))).ToArray();
        if (free.Length < (options.Folds ?? 2))
        {
            throw new DataException(
                $"{version.Reference} has {free.Length} {(method == SplitMethod.Random ? "pictures" : "groups")} to divide; {options.Folds ?? 2} are needed at least. Use --by random, or import more.");
        }

        var how = $"by {method.ToString().ToLowerInvariant()}{(options.Clusters.Count > 0 ? $", {options.Clusters.Count} duplicate clusters together" : "")}" +
            $"{(options.KeepTest ? ", test kept" : "")}";
        if (options.Folds is { } folds)
        {
            var bins = Fold(version, images, free, options, folds, out var tested);
            for (var fold = 0; fold < folds; fold++)
            {
                yield return (Assign(images, free, unit => tested[unit] ? 2 : bins[unit] == fold ? 1 : 0), $"fold {fold + 1} of {folds}, {how}, seed {options.Seed}");
            }
        }
        else if (method == SplitMethod.Time)
        {
            yield return (Assign(images, free, ByTime(images, free, options, StoredTimes(version, images, store))),
                $"{how}, validation {options.ValidationShare}, test {options.EffectiveTestShare}");
        }
        else
        {
            var bins = BalancedDivision.Deal(free, Labels(version, images), Targets(version, images, free, options), new RandomStream(Seeds.Mix(options.Seed, 0)));
            yield return (Assign(images, free, unit => bins[unit]), $"{how}, validation {options.ValidationShare}, test {options.EffectiveTestShare}, seed {options.Seed}");
        }
    }

    // The test part is taken first, so that folds share the rest.
    private static int[] Fold(DatasetVersion version, StoredImage[] images, SplitUnit[] free, DatasetSplitOptions options, int folds, out bool[] tested)
    {
        var labels = Labels(version, images);
        tested = new bool[free.Length];
        if (options.EffectiveTestShare > 0)
        {
            var first = BalancedDivision.Deal(free, labels, Targets(version, images, free, options), new RandomStream(Seeds.Mix(options.Seed, 0)));
            tested = [.. first.Select(bin => bin == 2)];
        }

        var isTested = tested;
        var rest = Enumerable.Range(0, free.Length).Where(unit => !isTested[unit]).ToArray();
        var counts = Counts(version, rest.SelectMany(unit => free[unit].Members), labels);
        var targets = Enumerable.Range(0, folds).Select(_ => counts.Select(count => (double)count / folds).ToArray()).ToArray();
        var dealt = BalancedDivision.Deal([.. rest.Select(unit => free[unit])], labels, targets, new RandomStream(Seeds.Mix(options.Seed, 1)));
        var bins = new int[free.Length];
        foreach (var (index, unit) in rest.Index())
        {
            bins[unit] = dealt[index];
        }

        return bins;
    }

    private static string[] Assign(StoredImage[] images, SplitUnit[] free, Func<int, int> binOf)
    {
        // What is not free is the test split that is kept.
        var splits = Enumerable.Repeat(SplitName.Test, images.Length).ToArray();
        for (var unit = 0; unit < free.Length; unit++)
        {
            foreach (var member in free[unit].Members)
            {
                splits[member] = SplitName.All[binOf(unit)];
            }
        }

        return splits;
    }

    // Whole classes by the rule of Splits: at least one to train on, then one to validate, then one to test.
    private static double[][] Targets(DatasetVersion version, StoredImage[] images, SplitUnit[] free, DatasetSplitOptions options)
    {
        var counts = Counts(version, free.SelectMany(unit => unit.Members), Labels(version, images));
        var targets = new[] { new double[counts.Length], new double[counts.Length], new double[counts.Length] };
        for (var label = 0; label < counts.Length; label++)
        {
            var test = options.EffectiveTestShare > 0 ? Splits.Portion(counts[label], options.EffectiveTestShare, keep: 2) : 0;
            var validation = Math.Max(0, Math.Min(Splits.Portion(counts[label], options.ValidationShare, keep: 1), counts[label] - test - 1));
            (targets[0][label], targets[1][label], targets[2][label]) = (counts[label] - test - validation, validation, test);
        }

        return targets;
    }

    private static Func<int, int> ByTime(StoredImage[] images, SplitUnit[] free, DatasetSplitOptions options, DateTimeOffset[] times)
    {
        // A unit is as new as its newest picture.
        var newest = free.Select(unit => unit.Members.Max(member => times[member])).ToArray();
        var sorted = free.SelectMany((unit, index) => Enumerable.Repeat(newest[index], unit.Members.Count)).Order().ToArray();
        var test = (int)Math.Round(sorted.Length * options.EffectiveTestShare, MidpointRounding.AwayFromZero);
        var validation = Math.Max(1, (int)Math.Round(sorted.Length * options.ValidationShare, MidpointRounding.AwayFromZero));
        // Pictures of one time stay together, on the later side of the cut.
        DateTimeOffset? fromTest = test > 0 ? sorted[^test] : null;
        var before = fromTest is { } cut ? sorted.Count(time => time < cut) : sorted.Length;
        var fromValidation = sorted[Math.Max(0, before - validation)];
        return unit => newest[unit] >= fromTest ? 2 : newest[unit] >= fromValidation ? 1 : 0;
    }

    private static DateTimeOffset[] StoredTimes(DatasetVersion version, StoredImage[] images, DatasetStore store)
    {
        var source = new StoredImages(store.PathOf(version.Name), images);
        var times = new DateTimeOffset?[images.Length];
        Parallel.For(0, images.Length, index => times[index] = images[index].Time ?? Exif.Time(source.ReadBytes(index)));
        var without = images.Where((_, index) => times[index] is null).ToArray();
        return without.Length == 0 ? [.. times.Select(time => time!.Value)] : throw new DataException( // None is missing.
            $"{without.Length} of the {images.Length} pictures of {version.Reference} have no time, neither from a column nor in their EXIF data; the first is '{without[0].Name}'. " +
            "Import a table with a column 'time', or divide by another method.");
    }

    private static SplitUnit[] Units(DatasetVersion version, StoredImage[] images, SplitMethod method, DatasetSplitOptions options)
    {
        var parent = Enumerable.Range(0, images.Length).ToArray();
        if (method == SplitMethod.Group && images.FirstOrDefault(image => image.Group is null) is { } lone && images.All(image => image.Group is null))
        {
            throw new DataException($"The pictures of {version.Reference} have no groups ('{lone.Name}' and all others). Import a table with a column 'group', or use --by folder.");
        }

        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var index = 0; index < images.Length; index++)
        {
            var key = method == SplitMethod.Group ? images[index].Group : method == SplitMethod.Folder ? Path.GetDirectoryName(images[index].Name) ?? "" : null;
            // A picture without a group is one by itself.
            if (key is not null && !first.TryAdd(key, index))
            {
                Join(parent, first[key], index);
            }
        }

        foreach (var cluster in options.Clusters)
        {
            foreach (var member in cluster)
            {
                ArgumentOutOfRangeException.ThrowIfNegative(member, nameof(options));
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(member, images.Length, nameof(options));
                Join(parent, cluster[0], member);
            }
        }

        return [.. Enumerable.Range(0, images.Length).GroupBy(index => Root(parent, index)).Select(group => new SplitUnit([.. group]))];
    }

    private static int Root(int[] parent, int index)
    {
        while (parent[index] != index)
        {
            index = parent[index] = parent[parent[index]];
        }

        return index;
    }

    private static void Join(int[] parent, int a, int b) => parent[Root(parent, b)] = Root(parent, a);

    private static int[] Labels(DatasetVersion version, StoredImage[] images)
    {
        var numbers = version.Classes.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        return [.. images.Select(image => numbers[image.Label])];
    }

    private static int[] Counts(DatasetVersion version, IEnumerable<int> members, int[] labels)
    {
        var counts = new int[version.Classes.Count];
        foreach (var member in members)
        {
            counts[labels[member]]++;
        }

        return counts;
    }

    private static void CheckUsable(DatasetVersion version, string[] splits)
    {
        foreach (var split in new[] { SplitName.Train, SplitName.Validation })
        {
            if (!splits.Contains(split))
            {
                throw new DataException(
                    $"This division of {version.Reference} leaves nothing for {split}: its groups are too few or too large. Use another share, another method, or --by random.");
            }
        }
    }
}
