namespace Sightline.Data.Import;

/// <summary>How far an import is.</summary>
/// <param name="Stage">What is done, in a word or two: <c>download</c>, <c>unpack</c>, <c>check</c>, <c>copy</c>, <c>read</c>.</param>
/// <param name="Done">Pictures or bytes done.</param>
/// <param name="Total">Pictures or bytes in all; null while unknown.</param>
/// <param name="Unit"><c>pictures</c>, <c>files</c> or <c>bytes</c>.</param>
public sealed record ImportProgress(string Stage, long Done, long? Total, string Unit);
