namespace Sightline.Tuning;

/// <summary>A whole number.</summary>
/// <param name="Name">How it is called; not empty.</param>
/// <param name="Low">The smallest value, included; at least -2^53.</param>
/// <param name="High">The largest value, included; at most 2^53.</param>
public sealed record IntParameter(string Name, long Low, long High) : Parameter(Name)
{
    private const long Exact = 1L << 53;

    /// <summary>Search in the logarithm. Default false; not together with a step other than 1.</summary>
    public bool Log { get; init; }

    /// <summary>The distance of neighbouring values; 1 by default, at least 1.</summary>
    public long Step { get; init; } = 1;

    internal NumericRange Range => new(Low, High, Step, Log);

    internal override long? Count => Range.Count;

    internal override IEnumerable<string> Check()
    {
        foreach (var problem in Range.Check(Name))
        {
            yield return problem;
        }

        if (Log && Step != 1)
        {
            yield return $"Parameter '{Name}' has both a logarithm and step {Step}; drop one of them, or list the values as choices.";
        }

        if (Low < -Exact || High > Exact)
        {
            yield return $"Parameter '{Name}' goes from {Low} to {High}; numbers beyond 2^53 are not exact.";
        }
    }

    internal override bool Contains(ParameterValue value) => value.Choice is null && Range.Contains(value.Number);

    internal override ParameterValue FromUnit(double unit) => NumericParameter.FromUnit(Range, unit);

    internal override ParameterValue At(long index, int points) => NumericParameter.At(Range, index, points);

    internal override double Code(ParameterValue value) => value.Number;
}
