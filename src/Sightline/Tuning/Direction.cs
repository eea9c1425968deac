namespace Sightline.Tuning;

/// <summary>Whether smaller or larger values of an objective are better.</summary>
public enum Direction
{
    /// <summary>Smaller is better, as for a loss.</summary>
    Minimize,
    /// <summary>Larger is better, as for accuracy.</summary>
    Maximize,
}
