using System.Globalization;

namespace Sightline.Training;

/// <summary>What of a pre-trained model learns, when, and how fast. The stages are the model's own, from the stem to the head.</summary>
public sealed record TransferOptions
{
    /// <summary>The value of <see cref="Freeze"/> for everything but the head.</summary>
    public const string Backbone = "backbone";

    /// <summary>
    /// Stages that do not learn: <c>backbone</c> for all but the head, a number of stages counted from the stem, or their names with commas
    /// between (<c>stem,layer1</c>). Their batch norms keep their statistics. null: everything learns.
    /// </summary>
    public string? Freeze { get; init; }

    /// <summary>
    /// Epochs after which one more frozen stage learns, the one nearest to the head first; after the last of them all the rest. Rising, at least
    /// 1. Empty: what is frozen stays so.
    /// </summary>
    public IReadOnlyList<int> UnfreezeEpochs { get; init; } = [];

    /// <summary>
    /// Share of the learning rate at the stem; the head has all of it, the stages between a geometric series (Howard and Ruder 2018, section
    /// 3.2; fastai). Above 0, at most 1; 1 is the same rate everywhere.
    /// </summary>
    public double StemRateShare { get; init; } = 1;

    /// <summary>
    /// Factor of the learning rate from each block to the one before it: decay^(last - i), as in timm. Above 0, at most 1; 1 is off. timm's own
    /// default where it is used is 0.75. Not together with <see cref="StemRateShare"/>.
    /// </summary>
    public double LayerDecay { get; init; } = 1;

    /// <summary>Whether anything of it is asked for.</summary>
    internal bool IsOn => Freeze is not null || StemRateShare != 1 || LayerDecay != 1;

    /// <summary>All problems with these values, empty when sound. Names of stages are checked when the model is known.</summary>
    public IEnumerable<string> Check()
    {
        if (Freeze is not null && (Freeze.Split(',').Any(string.IsNullOrWhiteSpace) || (int.TryParse(Freeze, CultureInfo.InvariantCulture, out var count) && count < 1)))
        {
            yield return $"Freeze is '{Freeze}'; it must be backbone, a number of stages of at least 1, or names of stages with commas between. Pass --freeze backbone.";
        }

        if (UnfreezeEpochs.Any(epoch => epoch < 1) || UnfreezeEpochs.Zip(UnfreezeEpochs.Skip(1)).Any(pair => pair.First >= pair.Second))
        {
            yield return $"UnfreezeEpochs are [{string.Join(", ", UnfreezeEpochs)}]; they must rise and be at least 1. Pass --set transfer.unfreezeEpochs=[1].";
        }

        if (UnfreezeEpochs.Count > 0 && Freeze is null)
        {
            yield return $"UnfreezeEpochs are [{string.Join(", ", UnfreezeEpochs)}], and nothing is frozen. Pass --freeze backbone too.";
        }

        if (StemRateShare is not (> 0 and <= 1) || LayerDecay is not (> 0 and <= 1))
        {
            yield return $"StemRateShare and LayerDecay are {StemRateShare} and {LayerDecay}; both must be above 0 and at most 1. Pass --set transfer.stemRateShare=0.01.";
        }

        if (StemRateShare != 1 && LayerDecay != 1)
        {
            yield return $"StemRateShare is {StemRateShare} and LayerDecay is {LayerDecay}; only one of them may differ from 1. Pass --set transfer.layerDecay=1.";
        }
    }
}
