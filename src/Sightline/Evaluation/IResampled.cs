namespace Sightline.Evaluation;

/// <summary>Figures of a multiset of pictures that can be built up picture by picture.</summary>
internal interface IResampled
{
    /// <summary>How many figures there are.</summary>
    int Count { get; }

    /// <summary>Forgets all pictures.</summary>
    void Clear();

    /// <summary>Adds a picture, or with -1 takes one away.</summary>
    void Add(int picture, int times);

    /// <summary>The figures of the pictures added; never called without any.</summary>
    void Write(Span<double> target);
}
