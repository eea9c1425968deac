namespace Sightline.Augment;

/// <summary>An operator in a policy's space: its magnitudes by bin, as the operator takes them.</summary>
/// <param name="Operator">Null leaves the picture as it is.</param>
/// <param name="Magnitudes">One per bin; empty where the operator has no magnitude.</param>
/// <param name="IsSigned">Whether the sign is drawn.</param>
internal sealed record PolicyOperator(ImageOperator? Operator, float[] Magnitudes, bool IsSigned);
