namespace Sightline.Curation;

/// <summary>What came out for one kind of finding.</summary>
/// <param name="Kind">The kind's name.</param>
/// <param name="Status">Whether it was found.</param>
/// <param name="Severity">The highest of its findings; null where there are none.</param>
/// <param name="Count">How many were found, those that were left out included.</param>
/// <param name="Meaning">What the kind is.</param>
/// <param name="Advice">What to do about it.</param>
public sealed record KindOutcome(string Kind, KindStatus Status, Severity? Severity, int Count, string Meaning, string Advice);
