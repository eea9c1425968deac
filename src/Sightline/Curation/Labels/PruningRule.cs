namespace Sightline.Curation.Labels;

/// <summary>Which labels confident learning holds to be wrong (Northcutt, Jiang and Chuang 2021, section 3.2).</summary>
public enum PruningRule
{
    /// <summary>
    /// For each pair of classes as many pictures as the calibrated joint says are mislabelled so: those with the largest difference of the two
    /// probabilities. The paper's <c>prune by noise rate</c>; the default.
    /// </summary>
    NoiseRate,

    /// <summary>The pictures that were counted off the diagonal of the confident joint (the paper's <c>C: confusion</c>); the most precise.</summary>
    OffDiagonal,

    /// <summary>For each class as many pictures as the calibrated joint says are wrong in it: those with the smallest probability of their label.</summary>
    Class,

    /// <summary>What <see cref="NoiseRate"/> and <see cref="Class"/> agree on.</summary>
    Both,

    /// <summary>Every picture whose most probable class is not its label; the baseline, with the most false alarms.</summary>
    PredictedClass,

    /// <summary>The pictures of lowest normalised margin, as many as <see cref="OffDiagonal"/> finds.</summary>
    LowMargin,

    /// <summary>The pictures of lowest self-confidence, as many as <see cref="OffDiagonal"/> finds.</summary>
    LowSelfConfidence,
}
