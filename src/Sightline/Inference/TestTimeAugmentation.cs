namespace Sightline.Inference;

/// <summary>From how many views of a picture the probabilities are averaged.</summary>
public enum TestTimeAugmentation
{
    /// <summary>One: the evaluation transform.</summary>
    None,

    /// <summary>Two: that and its mirror image.</summary>
    Flip,

    /// <summary>Five: centre and corners (Krizhevsky et al. 2012, section 4.1).</summary>
    Crops,

    /// <summary>Ten: centre and corners, and their mirror images.</summary>
    FlipAndCrops,
}
