using Sightline.Data;
using Sightline.Evaluation;

namespace Sightline.Runs;

/// <summary>A mistake with its picture.</summary>
/// <param name="Mistake">What was taken for what.</param>
/// <param name="Thumbnail">The picture, at any size (reduced to 112 px); null where it cannot be had.</param>
public sealed record RunReportMistake(Mistake Mistake, PixelImage? Thumbnail);
