namespace Sightline.Tuning;

/// <summary>A real number.</summary>
/// <param name="Name">How it is called; not empty.</param>
/// <param name="Low">The smallest value, included.</param>
/// <param name="High">The largest value, included (with a step: the last value is the last full step).</param>
public sealed record FloatParameter(string Name, double Low, double High) : Parameter(Name)
{
    /// <summary>Search in the logarithm. Default false; not together with a step.</summary>
    public bool Log { get; init; }

    /// <summary>The distance of neighbouring values; null, the default, for a continuous range.</summary>
    public double? Step { get; init; }

    internal NumericRange Range => new(Low, High, Step, Log);

    internal override long? Count => Range.Count;

    internal override IEnumerable<string> Check()
    {
        foreach (var problem in Range.Check(Name))
        {
            yield return problem;
        }

        if (Log && Step is not null)
        {
            yield return $"Parameter '{Name}' has both a logarithm and a step; drop one of them, or list the values as choices.";
        }
    }

    internal override bool Contains(ParameterValue value) => value.Choice is null && Range.Contains(value.Number);

    internal override ParameterValue FromUnit(double unit) => NumericParameter.FromUnit(Range, unit);

    internal override ParameterValue At(long index, int points) => NumericParameter.At(Range, index, points);

    internal override double Code(ParameterValue value) => value.Number;
}

/// <summary>What float and int parameters share.</summary>
internal static class NumericParameter
{
    public static ParameterValue FromUnit(NumericRange range, double unit) =>
        range.FromAxis(range.AxisLow + (Math.Clamp(unit, 0, 1) * (range.AxisHigh - range.AxisLow)));

    public static ParameterValue At(NumericRange range, long index, int points) => range.Count switch
    {
        1 => range.Low,
        not null => range.Value(index),
        null => range.FromAxis(range.AxisLow + ((double)index / Math.Max(1, points - 1) * (range.AxisHigh - range.AxisLow))),
    };

    /// <summary>The range of a float or int parameter; null for another.</summary>
    public static NumericRange? RangeOf(Parameter parameter) => parameter switch
    {
        FloatParameter number => number.Range,
        IntParameter number => number.Range,
        _ => null,
    };
}
