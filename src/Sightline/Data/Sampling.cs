namespace Sightline.Data;

/// <summary>How often the pictures of each class are drawn in an epoch.</summary>
public enum Sampling
{
    /// <summary>Each picture once.</summary>
    Natural,

    /// <summary>Rare classes more often, frequent ones less; the epoch keeps its length.</summary>
    Balanced,
}
