using Sightline.Advice;

namespace Sightline.Cli.Runs;

/// <summary>What limits a run, as text.</summary>
internal static class AdviceLines
{
    /// <param name="advice">Null where it was not asked for.</param>
    public static void Write(IReadOnlyList<RunAdvice>? advice, TextWriter text)
    {
        if (advice is null)
        {
            return;
        }

        text.WriteLine();
        text.WriteLine(advice.Count == 0 ? "Advice      none: nothing seems to limit this run that its curves or a check of its data would show." : "Advice");
        foreach (var (number, found) in advice.Index())
        {
            text.WriteLine($"  {number + 1}. {found.Title}. {found.Explanation}");
            text.WriteLine($"     Seen by: {found.Evidence}");
            text.WriteLine($"     Try:     {found.Remedy}");
            text.WriteLine($"     More:    {found.Page}");
        }
    }
}
