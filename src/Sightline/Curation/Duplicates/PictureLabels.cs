using Sightline.Data;

namespace Sightline.Curation.Duplicates;

/// <summary>Class and split of each picture of a data set.</summary>
internal sealed class PictureLabels
{
    /// <summary>The names of the splits by number.</summary>
    public static readonly IReadOnlyList<string> SplitNames = ["train", "validation", "test"];

    public PictureLabels(ImageDataset data)
    {
        Label = new int[data.Images.Count];
        Split = new int[data.Images.Count];
        Array.Fill(Label, -1);
        Array.Fill(Split, -1);
        var splits = new[] { data.Train, data.Validation, data.Test };
        for (var split = 0; split < splits.Length; split++)
        {
            foreach (var example in splits[split])
            {
                Label[example.Index] = example.Label;
                Split[example.Index] = split;
            }
        }
    }

    /// <summary>The class of each picture; -1 where it belongs to no split.</summary>
    public int[] Label { get; }

    /// <summary>0 training, 1 validation, 2 test; -1 where it belongs to none.</summary>
    public int[] Split { get; }
}
