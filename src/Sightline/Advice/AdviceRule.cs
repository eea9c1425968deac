namespace Sightline.Advice;

/// <summary>How one condition is seen.</summary>
/// <param name="Condition">What it finds.</param>
/// <param name="Explains">Conditions that follow from it: they are not named beside it, since the remedy would miss the cause.</param>
/// <param name="Find">Null where the facts do not show it.</param>
internal sealed record AdviceRule(RunCondition Condition, IReadOnlyList<RunCondition> Explains, Func<RunFacts, RunAdvice?> Find);
