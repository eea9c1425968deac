namespace Sightline.Tuning;

/// <summary>Configurations as points for the Gaussian process: numbers in [0, 1] on their axis, choices by their place.</summary>
internal sealed class GpEncoding(SearchSpace space)
{
    // Where a parameter is not active, or was not yet in the space: the middle, and a choice of its own.
    private const double InactiveNumber = 0.5;
    private const double InactiveChoice = -1;

    private readonly Parameter[] _parameters = [.. space.Parameters.Where(parameter => parameter.Count != 1)];

    /// <summary>The parameters that have more than one value.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>Which dimensions are categorical.</summary>
    public bool[] Categorical => [.. _parameters.Select(parameter => parameter is CategoricalParameter)];

    /// <summary>The point of a configuration; null where a value has left the space.</summary>
    public double[]? Point(Configuration configuration)
    {
        var point = new double[_parameters.Length];
        for (var i = 0; i < point.Length; i++)
        {
            var parameter = _parameters[i];
            if (!configuration.Values.TryGetValue(parameter.Name, out var value))
            {
                point[i] = parameter is CategoricalParameter ? InactiveChoice : InactiveNumber;
            }
            else if (!parameter.Contains(value))
            {
                return null;
            }
            else
            {
                point[i] = NumericParameter.RangeOf(parameter) is { } range
                    ? (range.ToAxis(value.Number) - range.AxisLow) / (range.AxisHigh - range.AxisLow) : parameter.Code(value);
            }
        }

        return point;
    }

    /// <summary>The configuration nearest to a point.</summary>
    public Configuration Configuration(double[] point)
    {
        var at = new Dictionary<string, double>(StringComparer.Ordinal);
        for (var i = 0; i < point.Length; i++)
        {
            at[_parameters[i].Name] = point[i];
        }

        return space.Build(parameter => !at.TryGetValue(parameter.Name, out var place) ? parameter.FromUnit(0)
            : parameter is CategoricalParameter categorical ? categorical.Choices[Math.Clamp((int)place, 0, categorical.Choices.Count - 1)]
            : parameter.FromUnit(place));
    }
}
