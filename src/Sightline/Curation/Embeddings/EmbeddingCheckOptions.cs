namespace Sightline.Curation.Embeddings;

/// <summary>What counts as near, far and narrow in a model's embedding space.</summary>
public sealed record EmbeddingCheckOptions
{
    /// <summary>Neighbours of each picture that are looked at; 1 to 100. Default 10, as cleanlab's Datalab.</summary>
    public int Neighbours { get; init; } = 10;

    /// <summary>
    /// A picture is a near duplicate of another whose distance is below this share of the median distance to the nearest picture; 0 (off) to 1.
    /// Default 0.13, as cleanlab's Datalab.
    /// </summary>
    public double NearShare { get; init; } = 0.13;

    /// <summary>
    /// Or whose cosine is at least this; 0.5 to 1, 1 is off. Default 0.96, at which fastdup deletes. It counts where at most a tenth of the pictures lie
    /// above it, or where most pictures have a near twin; else the model tells pictures of a class apart too little for a fixed limit.
    /// </summary>
    public double NearCosine { get; init; } = 0.96;

    /// <summary>
    /// A picture is an outlier where its mean distance to its neighbours lies above the third quartile by more than this many interquartile
    /// ranges; 0 to 100. Default 1.7, as cleanlab's Datalab.
    /// </summary>
    public double OutlierRanges { get; init; } = 1.7;

    /// <summary>A class is of low diversity where its spread is below this share of the median class's; 0 (off) to 1. Default 0.5.</summary>
    public double LowSpread { get; init; } = 0.5;

    /// <summary>Two classes overlap where this share of their pictures' neighbours belongs to the other one; above 0, to 1. Default 0.1.</summary>
    public double Overlap { get; init; } = 0.1;

    /// <summary>LibTorch's threads; null takes the number of processors.</summary>
    public int? Threads { get; init; }

    /// <summary>All problems with these values, empty when sound.</summary>
    public IEnumerable<string> Check()
    {
        if (Neighbours is < 1 or > 100)
        {
            yield return $"Neighbours is {Neighbours}; it must be from 1 to 100. Use 10.";
        }

        if (NearShare is not (>= 0 and <= 1) || NearCosine is not (>= 0.5 and <= 1))
        {
            yield return $"NearShare and NearCosine are {NearShare} and {NearCosine}; they must be from 0 to 1 and from 0.5 to 1. Use 0.13 and 0.96.";
        }

        if (OutlierRanges is not (>= 0 and <= 100))
        {
            yield return $"OutlierRanges is {OutlierRanges}; it must be from 0 to 100. Use 1.7.";
        }

        if (LowSpread is not (>= 0 and <= 1) || Overlap is not (> 0 and <= 1))
        {
            yield return $"LowSpread and Overlap are {LowSpread} and {Overlap}; they must be from 0 to 1, Overlap above 0. Use 0.5 and 0.1.";
        }

        if (Threads is < 1 or > 1024)
        {
            yield return $"Threads is {Threads}; it must be from 1 to 1024, or left out.";
        }
    }
}
