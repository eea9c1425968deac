using System.Text.Json.Serialization;

namespace Sightline.Tuning;

/// <summary>One dimension of a search space: <see cref="FloatParameter"/>, <see cref="IntParameter"/> or <see cref="CategoricalParameter"/>.</summary>
/// <param name="Name">How it is called; not empty.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(FloatParameter), "float")]
[JsonDerivedType(typeof(IntParameter), "int")]
[JsonDerivedType(typeof(CategoricalParameter), "categorical")]
public abstract record Parameter(string Name)
{
    /// <summary>When it is active; null, the default, for always.</summary>
    public Condition? When { get; init; }

    /// <summary>How many values it has; null for a continuous one.</summary>
    internal abstract long? Count { get; }

    /// <summary>Its problems, as messages; empty where it is sound.</summary>
    internal abstract IEnumerable<string> Check();

    /// <summary>Whether a value lies in it.</summary>
    internal abstract bool Contains(ParameterValue value);

    /// <summary>The value at a place of [0, 1]: every value has the same share, in the logarithm where that is asked for.</summary>
    internal abstract ParameterValue FromUnit(double unit);

    /// <summary>The value with this number of <see cref="Count"/>; a continuous one is cut into <paramref name="points"/> values, ends included.</summary>
    internal abstract ParameterValue At(long index, int points);

    /// <summary>A number for the algorithms: the number itself, or the place of the choice.</summary>
    internal abstract double Code(ParameterValue value);
}
