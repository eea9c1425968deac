namespace Sightline.Tuning;

/// <summary>What a study refuses, in words.</summary>
internal static class StudyChecks
{
    /// <summary>The options, where they and the budget can be used.</summary>
    /// <exception cref="SettingsException">They cannot; the message lists all problems.</exception>
    public static StudyOptions Checked(StudyOptions options, StudyBudget? budget = null)
    {
        var problems = options.Check().Concat(budget?.Check() ?? []).ToList();
        return problems.Count > 0 ? throw new SettingsException(string.Join(" ", problems)) : options;
    }

    /// <summary>Values and constraints as they may be told.</summary>
    /// <exception cref="ArgumentException">The count of values is not that of the objectives, or a constraint is NaN.</exception>
    public static void Values(StudyOptions options, IReadOnlyList<double> values, IReadOnlyList<double> constraints)
    {
        if (values.Count != options.Directions.Count)
        {
            throw new ArgumentException($"{values.Count} values were told; the study has {options.Directions.Count} objectives.", nameof(values));
        }

        if (constraints.Any(double.IsNaN))
        {
            throw new ArgumentException("A constraint is not a number (NaN); tell a number, at most 0 where it is met.", nameof(constraints));
        }
    }

    /// <summary>A configuration that is given, perhaps in part.</summary>
    /// <exception cref="SettingsException">It is not of the space.</exception>
    public static void Given(SearchSpace space, Configuration configuration)
    {
        var problems = space.Problems(configuration).ToList();
        if (problems.Count > 0)
        {
            throw new SettingsException(string.Join(" ", problems));
        }
    }

    /// <summary>A configuration that has a value for each active parameter.</summary>
    /// <exception cref="SettingsException">It is not of the space, or lacks one.</exception>
    public static void Complete(SearchSpace space, Configuration configuration)
    {
        Given(space, configuration);
        var missing = space.Build(parameter => configuration.Values.TryGetValue(parameter.Name, out var value) ? value : parameter.FromUnit(0))
            .Values.Keys.Where(name => !configuration.Has(name)).ToList();
        if (missing.Count > 0)
        {
            throw new SettingsException($"The configuration lacks {string.Join(", ", missing)}; a finished trial needs a value for each active parameter.");
        }
    }
}
