namespace Sightline.Curation;

/// <summary>A kind of finding that a check can make.</summary>
/// <param name="Name">In kebab case, as in <see cref="Finding.Kind"/>.</param>
/// <param name="Meaning">What it is, one sentence with the limits.</param>
/// <param name="Advice">What to do about it, one sentence.</param>
public sealed record FindingKind(string Name, string Meaning, string Advice)
{
    /// <summary>
    /// Whether the kind is a property of single pictures. Where more than half of the pictures have it, it is how these data look, and its
    /// findings are left out.
    /// </summary>
    public bool IsProperty { get; init; }
}
