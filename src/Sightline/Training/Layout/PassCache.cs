namespace Sightline.Training;

/// <summary>Which precision and layout were the fastest.</summary>
internal sealed class PassCache(string folder) : MeasurementCache<PassChoice>(folder, "passes.json", choice => choice.Times is { Count: > 0 });
