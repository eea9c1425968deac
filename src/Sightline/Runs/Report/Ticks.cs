using System.Globalization;

namespace Sightline.Runs.Report;

/// <summary>Round numbers along an axis.</summary>
/// <param name="Low">Lower end of the axis.</param>
/// <param name="High">Upper end, above <paramref name="Low"/>.</param>
/// <param name="Values">The numbers, within the ends.</param>
internal sealed record Ticks(double Low, double High, IReadOnlyList<double> Values)
{
    /// <summary>An axis that contains both values and ends on round numbers: steps of 1, 2, 2.5 or 5 times a power of ten.</summary>
    /// <param name="low">Smallest value.</param>
    /// <param name="high">Largest value; may equal <paramref name="low"/>.</param>
    /// <param name="about">How many steps are wanted.</param>
    /// <param name="minimumStep">1 for an axis that counts.</param>
    public static Ticks Round(double low, double high, int about, double minimumStep = 0)
    {
        // Equal ends, or ends too close to tell apart in the drawing, get room around them.
        if (high - low <= 1e-9 * Math.Max(Math.Abs(low), Math.Abs(high)) || high == low)
        {
            var room = low == 0 ? 1 : Math.Abs(low) * 0.1;
            (low, high) = (low - room, high + room);
        }

        var step = Math.Max(Step((high - low) / about), minimumStep);
        var first = Math.Floor(low / step + 1e-9);
        var last = Math.Ceiling(high / step - 1e-9);
        return new Ticks(first * step, last * step, Multiples(first, last, step));
    }

    /// <summary>Round numbers between two ends that stay as they are.</summary>
    public static Ticks Within(double low, double high, int about, double minimumStep = 0)
    {
        var step = Math.Max(Step((high - low) / about), minimumStep);
        return new Ticks(low, high, Multiples(Math.Ceiling(low / step - 1e-9), Math.Floor(high / step + 1e-9), step));
    }

    private static double Step(double rough)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var share = rough / power;
        return power * (share <= 1.0001 ? 1 : share <= 2.0001 ? 2 : share <= 2.5001 ? 2.5 : share <= 5.0001 ? 5 : 10);
    }

    private static List<double> Multiples(double first, double last, double step)
    {
        var values = new List<double>();
        for (var i = first; i <= last; i++)
        {
            // Through decimal text, so that 3 x 0.1 reads 0.3.
            values.Add(double.Parse((i * step).ToString("G12", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
        }

        return values;
    }
}
