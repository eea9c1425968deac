namespace Sightline.Curation.Labels;

/// <summary>What confident learning says about one class's labels.</summary>
/// <param name="Class">The class's name.</param>
/// <param name="Pictures">Pictures with this label.</param>
/// <param name="Flagged">How many of them are flagged.</param>
/// <param name="EstimatedErrors">How many of them the calibrated joint holds to be of another class.</param>
/// <param name="MostlyInstead">The class that most of those errors belong to; null where there are none.</param>
public sealed record ClassNoise(string Class, int Pictures, int Flagged, int EstimatedErrors, string? MostlyInstead);
