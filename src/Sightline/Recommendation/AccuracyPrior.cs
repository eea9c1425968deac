using Sightline.Models;

namespace Sightline.Recommendation;

/// <summary>How accurate a model may be expected to be, before anything was trained on the data at hand.</summary>
/// <param name="Top1">
/// ImageNet top-1, percent: a rank among models, not a forecast for other data.
/// </param>
/// <param name="Source">Where it comes from.</param>
internal sealed record AccuracyPrior(double Top1, string Source)
{
    // Between torchvision's resnet18 and resnet34 twice the multiply-accumulates bring 3.5 points; smaller ones are taken to lose as much per halving.
    private const double PointsPerHalving = 3.5;

    /// <summary>Published where there is a figure; else that of the network whose stages a small-picture variant has; else by its work.</summary>
    public static AccuracyPrior Of(ModelVariant variant)
    {
        if (variant.Top1 is { } published)
        {
            return new AccuracyPrior(published, $"torchvision, ImageNet at {variant.Preprocessing.CropSize} px");
        }

        const string Small = "_small";
        var large = variant.Name.EndsWith(Small, StringComparison.Ordinal)
            ? ModelCatalog.All.FirstOrDefault(other => other.Name == variant.Name[..^Small.Length] && other.Top1 is not null)
            : null;
        if (large is not null)
        {
            return new AccuracyPrior(large.Top1.GetValueOrDefault(), $"{large.Name}'s, whose stages it has (torchvision, ImageNet at {large.Preprocessing.CropSize} px)");
        }

        var reference = ModelCatalog.Find("resnet18_small");
        var halvings = Math.Log2((double)reference.Macs / variant.Macs);
        return new AccuracyPrior(
            ModelCatalog.Find("resnet18").Top1.GetValueOrDefault() - (PointsPerHalving * halvings),
            $"estimated: resnet18's, less {PointsPerHalving} points for each halving of the work");
    }

    /// <summary>The class of accuracy in a word.</summary>
    public string Class => Top1 switch
    {
        >= 82 => "highest",
        >= 78 => "high",
        >= 74 => "medium",
        >= 69 => "basic",
        _ => "low",
    };
}
