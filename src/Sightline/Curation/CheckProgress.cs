namespace Sightline.Curation;

/// <summary>How far a check is.</summary>
/// <param name="What">What is counted, in plain words.</param>
/// <param name="Done">0 to <paramref name="Total"/>.</param>
/// <param name="Total">All of them.</param>
public readonly record struct CheckProgress(string What, int Done, int Total);
