namespace Sightline.Studio.Tips;

/// <summary>A recipe as its file tells it: the comment before the settings says what it is for, what was measured, and how to repeat it.</summary>
/// <param name="Name">The file's name without its end.</param>
/// <param name="About">The comment's sentences, without the command.</param>
/// <param name="Command">The line after <c>Repeat:</c>; null where there is none.</param>
internal sealed record RecipeCard(string Name, IReadOnlyList<string> About, string? Command)
{
    private const string Mark = "Repeat:";

    public static RecipeCard Parse(string name, string text)
    {
        var lines = text.Split('\n').TakeWhile(line => line.StartsWith("//", StringComparison.Ordinal)).Select(line => line[2..].Trim()).ToList();
        var command = lines.FirstOrDefault(line => line.StartsWith(Mark, StringComparison.Ordinal))?[Mark.Length..].Trim();
        return new RecipeCard(name, [.. lines.Where(line => !line.StartsWith(Mark, StringComparison.Ordinal))], command);
    }
}
