namespace Sightline.Tuning;

/// <summary>The numbers of a float or int parameter, and their place on the axis that the algorithms work on: the logarithm where that is
/// asked for, with half a step added at both ends so that the outer values have as large a share as the inner ones.</summary>
internal readonly record struct NumericRange(double Low, double High, double? Step, bool Log)
{
    /// <summary>The lower end of the axis.</summary>
    public double AxisLow => ToAxis(Low - ((Step ?? 0) / 2));

    /// <summary>The upper end of the axis.</summary>
    public double AxisHigh => ToAxis(Last + ((Step ?? 0) / 2));

    /// <summary>How many values there are; null for a continuous range.</summary>
    public long? Count => Step is { } step ? (long)Math.Floor(((High - Low) / step) + 1e-9) + 1 : Low == High ? 1 : null;

    private double Last => Step is { } step && Count is { } count ? Low + ((count - 1) * step) : High;

    /// <summary>A number's place on the axis.</summary>
    public double ToAxis(double number) => Log ? Math.Log(number) : number;

    /// <summary>The nearest allowed number to a place on the axis.</summary>
    public double FromAxis(double place)
    {
        var number = Log ? Math.Exp(place) : place;
        if (Step is { } step)
        {
            var index = Math.Clamp(Math.Round((number - Low) / step, MidpointRounding.ToEven), 0, (Count ?? 1) - 1);
            number = Value((long)index);
        }

        return Math.Clamp(number, Low, High);
    }

    /// <summary>The number with this place in the order of the values.</summary>
    public double Value(long index)
    {
        var number = Low + (index * (Step ?? 0));
        // Rounded to 15 digits, so that 0.1 + 2 * 0.1 is 0.3 and equal configurations have equal texts.
        return number == 0 || !double.IsFinite(number) ? number
            : double.Parse(number.ToString("G15", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Whether a number is one of the values.</summary>
    public bool Contains(double number)
    {
        if (!(number >= Low && number <= High))
        {
            return false;
        }

        return Step is not { } step || Math.Abs(((number - Low) / step) - Math.Round((number - Low) / step)) < 1e-6;
    }

    /// <summary>Whether the limits and the step are sound.</summary>
    public IEnumerable<string> Check(string name)
    {
        if (!double.IsFinite(Low) || !double.IsFinite(High) || Low > High)
        {
            yield return $"Parameter '{name}' goes from {Low:R} to {High:R}; both must be finite and the first at most the second.";
        }
        else if (Step is { } step && !(step > 0 && double.IsFinite(step)))
        {
            yield return $"Parameter '{name}' has step {step:R}; a step is above 0.";
        }
        else if (Log && Low <= 0)
        {
            yield return $"Parameter '{name}' is logarithmic and starts at {Low:R}; it must start above 0.";
        }
    }
}
