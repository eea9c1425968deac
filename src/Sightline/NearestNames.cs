namespace Sightline;

/// <summary>What a person may have meant by a name that does not exist.</summary>
internal static class NearestNames
{
    /// <summary>The known names nearest to <paramref name="seen"/>, best first; empty when none is near.</summary>
    public static IReadOnlyList<string> Of(string seen, IEnumerable<string> known, int count = 3)
    {
        var near = known
            .Distinct()
            .Select(name => (Name: name, Distance: Distance(seen, name)))
            .Where(pair => pair.Distance <= Math.Max(2, seen.Length / 3))
            .OrderBy(pair => pair.Distance)
            .ThenBy(pair => pair.Name, StringComparer.Ordinal)
            .ToList();
        return near.Where(pair => pair.Distance <= near[0].Distance + 1).Take(count).Select(pair => pair.Name).ToList();
    }

    /// <summary>" Did you mean 'a' or 'b'?", or nothing when none is near.</summary>
    public static string Suggest(string seen, IEnumerable<string> known)
    {
        var near = Of(seen, known);
        return near.Count == 0 ? "" : $" Did you mean {string.Join(" or ", near.Select(name => $"'{name}'"))}?";
    }

    // Letters inserted, deleted, replaced, or two neighbours swapped (Damerau 1964, optimal string alignment); case is ignored.
    // A name that begins with what was typed is as near as one letter.
    private static int Distance(string seen, string name)
    {
        var a = seen.ToLowerInvariant();
        var b = name.ToLowerInvariant();
        if (a.Length >= 3 && b.StartsWith(a, StringComparison.Ordinal))
        {
            return Math.Min(1, b.Length - a.Length);
        }

        var table = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                table[i, j] = i == 0 || j == 0 ? i + j : Math.Min(
                    Math.Min(table[i - 1, j], table[i, j - 1]) + 1,
                    table[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    table[i, j] = Math.Min(table[i, j], table[i - 2, j - 2] + 1);
                }
            }
        }

        return table[a.Length, b.Length];
    }
}
