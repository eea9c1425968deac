using Sightline.Runs.Report;

namespace Sightline.Search.Report;

/// <summary>A point of a <see cref="ScatterPlot"/>.</summary>
/// <param name="Kind">A class of the style sheet: empty, <c>pruned</c> or <c>best</c>.</param>
/// <param name="Words">What hovering shows.</param>
internal sealed record ScatterPoint(double X, double Y, string Kind, string Words);

/// <summary>Points, and if wanted a line of the best so far, as inline SVG with its words.</summary>
internal sealed record ScatterPlot
{
    private const double Left = 64;
    private const double Top = 14;
    private const double Bottom = 44;
    private const double Radius = 3.6;

    public required string Id { get; init; }

    public required string Title { get; init; }

    public required string XName { get; init; }

    public required string YName { get; init; }

    public required IReadOnlyList<ScatterPoint> Points { get; init; }

    /// <summary>The corners of a line in steps; empty for none.</summary>
    public IReadOnlyList<(double X, double Y)> Lead { get; init; } = [];

    public required Func<double, string> FormatY { get; init; }

    public Func<double, string> FormatX { get; init; } = StudyReportInput.Compact;

    /// <summary>Whether x is drawn in its logarithm.</summary>
    public bool IsLog { get; init; }

    /// <summary>Names along x in place of numbers, at 0, 1, 2 ...; null for numbers.</summary>
    public IReadOnlyList<string>? Choices { get; init; }

    public required string Summary { get; init; }

    public double Width { get; init; } = 720;

    public double Height { get; init; } = 290;

    public void Write(Html html)
    {
        html.Add($"<figure class=\"chart\" id=\"{Id}\"><figcaption><h3>{Title}</h3></figcaption>");
        var ys = Points.Select(point => point.Y).Concat(Lead.Select(corner => corner.Y)).Where(double.IsFinite).ToList();
        if (ys.Count == 0)
        {
            html.Markup("<p class=\"empty\">No finite figures were recorded.</p></figure>");
            return;
        }

        double Axis(double x) => IsLog ? Math.Log10(x) : x;
        var y = Ticks.Round(ys.Min(), ys.Max(), 5);
        var (low, high) = Choices is { } names ? (-0.5, names.Count - 0.5) : Ends(Points.Select(point => Axis(point.X)).Concat(Lead.Select(corner => Axis(corner.X))));
        var (width, height) = (Width - Left - 20, Height - Top - Bottom);
        double AtX(double x) => Left + (width * (Axis(x) - low) / (high - low));
        double AtY(double value) => Top + (height * (1 - ((value - y.Low) / (y.High - y.Low))));

        html.Add($"<div class=\"scroll\"><svg class=\"plot\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-labelledby=\"{Id}-t {Id}-d\">");
        html.Add($"<title id=\"{Id}-t\">{Title}</title><desc id=\"{Id}-d\">{Summary}</desc><g class=\"grid\">");
        foreach (var tick in y.Values)
        {
            html.Add($"<path d=\"M{Left} {AtY(tick)}H{Left + width}\"/>");
        }

        html.Add($"</g><path class=\"axis\" d=\"M{Left} {Top}V{Top + height}H{Left + width}\"/><g class=\"ticks\">");
        foreach (var tick in y.Values)
        {
            html.Add($"<text x=\"{Left - 8}\" y=\"{AtY(tick) + 4}\" text-anchor=\"end\">{FormatY(tick)}</text>");
        }

        foreach (var (place, words) in XTicks(low, high))
        {
            var x = Left + (width * (place - low) / (high - low));
            html.Add($"<path d=\"M{x} {Top + height}v5\"/><text x=\"{x}\" y=\"{Top + height + 19}\" text-anchor=\"middle\">{words}</text>");
        }

        html.Add($"<text x=\"{Left + (width / 2)}\" y=\"{Height - 6}\" text-anchor=\"middle\">{XName}</text>");
        html.Add($"<text transform=\"translate(12 {Top + (height / 2)}) rotate(-90)\" text-anchor=\"middle\">{YName}</text></g>");
        foreach (var point in Points.Where(point => double.IsFinite(point.Y) && double.IsFinite(Axis(point.X))).OrderBy(point => point.Kind == "best"))
        {
            html.Add($"<circle class=\"dot {point.Kind}\" cx=\"{AtX(point.X)}\" cy=\"{AtY(point.Y)}\" r=\"{(point.Kind == "best" ? Radius + 1.4 : Radius)}\"><title>{point.Words}</title></circle>");
        }

        if (Lead.Count > 0)
        {
            html.Add($"<path class=\"lead\" d=\"M{AtX(Lead[0].X)} {AtY(Lead[0].Y)}");
            foreach (var (x, value) in Lead.Skip(1))
            {
                html.Add($"H{AtX(x)}V{AtY(value)}");
            }

            html.Markup("\"/>");
        }

        html.Add($"</svg></div><p class=\"summary\">{Summary}</p></figure>");
    }

    private IEnumerable<(double Place, string Words)> XTicks(double low, double high)
    {
        if (Choices is { } names)
        {
            return names.Select((name, i) => ((double)i, Runs.Report.Words.Cut(name, 14)));
        }

        if (!IsLog)
        {
            return Ticks.Within(low, high, 6).Values.Select(value => (value, FormatX(value)));
        }

        var powers = Enumerable.Range((int)Math.Ceiling(low - 1e-9), Math.Max(0, (int)Math.Floor(high + 1e-9) - (int)Math.Ceiling(low - 1e-9) + 1)).Select(power => (double)power).ToList();
        // A range within one power of ten has its ends for ticks.
        return (powers.Count >= 2 ? powers : [low, high]).Select(place => (place, FormatX(Math.Pow(10, place))));
    }

    private static (double Low, double High) Ends(IEnumerable<double> values)
    {
        var finite = values.Where(double.IsFinite).ToList();
        var (low, high) = (finite.Min(), finite.Max());
        var room = high > low ? 0.02 * (high - low) : Math.Max(0.5, 0.1 * Math.Abs(low));
        return (low - room, high + room);
    }
}
