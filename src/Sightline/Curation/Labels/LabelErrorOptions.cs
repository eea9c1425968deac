namespace Sightline.Curation.Labels;

/// <summary>How wrong labels of a data set are looked for.</summary>
public sealed record LabelErrorOptions
{
    /// <summary>How labels are flagged and ranked.</summary>
    public ConfidentLearningOptions Confident { get; init; } = new();

    /// <summary>How the probabilities are made where no file gives them.</summary>
    public OutOfFoldOptions OutOfFold { get; init; } = new();

    /// <summary>A file of out-of-sample probabilities (see <see cref="ProbabilitiesFile"/>); null trains a model per fold.</summary>
    public string? Probabilities { get; init; }

    /// <summary>
    /// Whether validation and test pictures are judged too: rows are then the training pictures, the validation and the test pictures, in this
    /// order. Default off: the training pictures alone.
    /// </summary>
    public bool AllSplits { get; init; }

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check() => Confident.Check().Concat(Probabilities is null ? OutOfFold.Check() : []);
}
