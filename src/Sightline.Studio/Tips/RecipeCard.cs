namespace Sightline.Studio.Tips;

/// <summary>A recipe as the comment before its settings tells it; see docs/recipes.md.</summary>
internal sealed record RecipeCard
{
    /// <summary>The words that begin a line of the comment; the first lines, without one, say what the recipe is for.</summary>
    public static readonly IReadOnlyList<string> Fields = ["Hardware", "Duration", "Expected", "Measured", "Short", "Repeat"];

    /// <summary>The file's name without its end.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for.</summary>
    public required IReadOnlyList<string> About { get; init; }

    /// <summary>On what it was measured.</summary>
    public string? Hardware { get; init; }

    /// <summary>How long it took there.</summary>
    public string? Duration { get; init; }

    /// <summary>What a repetition should reach.</summary>
    public string? Expected { get; init; }

    /// <summary>What was reached, with seed and date.</summary>
    public string? Measured { get; init; }

    /// <summary>The command that repeats it.</summary>
    public string? Repeat { get; init; }

    /// <summary>Whether it takes below a minute and needs nothing but this machine, so that the tests repeat it.</summary>
    public bool IsShort { get; init; }

    public static RecipeCard Parse(string name, string text)
    {
        var lines = text.Split('\n').TakeWhile(line => line.StartsWith("//", StringComparison.Ordinal)).Select(line => line[2..].Trim()).ToList();
        string? Field(string field) => lines.FirstOrDefault(line => line.StartsWith(field + ":", StringComparison.Ordinal))?[(field.Length + 1)..].Trim();
        return new RecipeCard
        {
            Name = name,
            About = [.. lines.Where(line => !Fields.Any(field => line.StartsWith(field + ":", StringComparison.Ordinal)))],
            Hardware = Field("Hardware"),
            Duration = Field("Duration"),
            Expected = Field("Expected"),
            Measured = Field("Measured"),
            Repeat = Field("Repeat"),
            IsShort = Field("Short") is not null,
        };
    }
}
