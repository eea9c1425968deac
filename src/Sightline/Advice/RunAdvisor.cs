using Sightline.Runs;

namespace Sightline.Advice;

/// <summary>Looks at a run and its data and says what limits it.</summary>
public static class RunAdvisor
{
    /// <summary>What limits a run, causes first.</summary>
    /// <param name="run">A run, finished or not. An unfinished one has fewer facts: those that need its report are left out.</param>
    /// <param name="time">The clock of the data set's store.</param>
    /// <returns>Empty where nothing limits it that these rules know. What follows from another cause in the list is not in it.</returns>
    /// <exception cref="DataException">A file of the run or the check of its data cannot be read.</exception>
    public static IReadOnlyList<RunAdvice> Look(RunFolder run, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Look(RunFacts.Read(run, time));
    }

    internal static IReadOnlyList<RunAdvice> Look(RunFacts facts)
    {
        var found = AdviceRules.All.Select(rule => (rule, Advice: rule.Find(facts))).Where(pair => pair.Advice is not null).ToList();
        var explained = found.SelectMany(pair => pair.rule.Explains).ToHashSet();
        return [.. found.Where(pair => !explained.Contains(pair.rule.Condition)).Select(pair => pair.Advice!)]; // Filtered above.
    }
}
