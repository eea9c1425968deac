namespace Sightline.Tuning;

/// <summary>One of several named choices without an order.</summary>
/// <param name="Name">How it is called; not empty.</param>
/// <param name="Choices">The choices; at least one, none twice. Choices may be appended while a study lives.</param>
public sealed record CategoricalParameter(string Name, IReadOnlyList<string> Choices) : Parameter(Name)
{
    internal override long? Count => Choices.Count;

    internal override IEnumerable<string> Check()
    {
        if (Choices.Count == 0)
        {
            yield return $"Parameter '{Name}' has no choices; it needs at least one.";
        }

        foreach (var twice in Choices.GroupBy(choice => choice, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            yield return $"Parameter '{Name}' has the choice '{twice.Key}' {twice.Count()} times; each may stand once.";
        }
    }

    internal override bool Contains(ParameterValue value) => value.Choice is { } choice && Choices.Contains(choice, StringComparer.Ordinal);

    internal override ParameterValue FromUnit(double unit) => Choices[Math.Clamp((int)(unit * Choices.Count), 0, Choices.Count - 1)];

    internal override ParameterValue At(long index, int points) => Choices[(int)index];

    internal override double Code(ParameterValue value)
    {
        for (var i = 0; i < Choices.Count; i++)
        {
            if (string.Equals(Choices[i], value.Choice, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Whether two parameters have the same name, condition and choices.</summary>
    public bool Equals(CategoricalParameter? other) => base.Equals(other) && Choices.SequenceEqual(other.Choices);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Choices.Count);
}
