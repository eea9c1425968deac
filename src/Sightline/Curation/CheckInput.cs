using Sightline.Curation.Duplicates;
using Sightline.Curation.Pictures;
using Sightline.Data;

namespace Sightline.Curation;

/// <summary>What checks look at. Pictures are measured, and compared, when the first check asks for it.</summary>
public sealed class CheckInput
{
    private readonly Lazy<PictureScan> _scan;
    private readonly Lazy<DuplicateGraph> _duplicates;
    private readonly PictureLabels _labels;

    internal CheckInput(ImageDataset data, bool matchTurns, IProgress<CheckProgress>? progress, CancellationToken cancellationToken)
    {
        Data = data;
        CancellationToken = cancellationToken;
        Progress = progress;
        _labels = new PictureLabels(data);
        _scan = new(() => PictureScan.Run(data, progress, cancellationToken));
        _duplicates = new(() => DuplicateSearch.Run(data, _labels, _scan.Value.Facts, matchTurns, progress, cancellationToken));
    }

    /// <summary>The data set.</summary>
    public ImageDataset Data { get; }

    /// <summary>For checks that take long.</summary>
    public IProgress<CheckProgress>? Progress { get; }

    /// <summary>Asks a check to end.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>By picture; null where a picture cannot be decoded at its full size.</summary>
    public IReadOnlyList<PictureFacts?> Facts => _scan.Value.Facts;

    /// <summary>The class of each picture, an index into the data set's classes; -1 where it belongs to no split.</summary>
    public IReadOnlyList<int> Labels => _labels.Label;

    /// <summary>The split of each picture: 0 training, 1 validation, 2 test; -1 for none.</summary>
    public IReadOnlyList<int> Splits => _labels.Split;

    internal DuplicateGraph Duplicates => _duplicates.Value;

    internal IReadOnlyList<(int Image, string Reason)> Failures => _scan.Value.Failures;

    /// <summary>How many pictures were measured now rather than found in the cache; 0 where no check asked.</summary>
    internal int Measured => _scan.IsValueCreated ? _scan.Value.Measured : 0;

    internal bool IsMeasured => _scan.IsValueCreated;

    /// <summary>The picture's name.</summary>
    internal string Name(int image) => Data.Images.Name(image);

    /// <summary>The picture's class by name; "no class" where it belongs to no split.</summary>
    internal string ClassName(int image) => _labels.Label[image] is var label and >= 0 ? Data.Classes[label] : "no class";

    /// <summary>The picture's split by name.</summary>
    internal string SplitName(int image) => _labels.Split[image] is var split and >= 0 ? PictureLabels.SplitNames[split] : "no split";

    /// <summary>The examples of each split by number.</summary>
    internal IReadOnlyList<Example> Examples(int split) => split switch { 0 => Data.Train, 1 => Data.Validation, _ => Data.Test };
}
