namespace Sightline.Runs.Report;

/// <summary>
/// A line chart as inline SVG with everything it says also in words: a summary sentence, a legend, and a table. Series differ
/// in colour, dash and marker, so that none depends on colour alone.
/// </summary>
internal sealed record LineChart
{
    private const double Width = 560;
    private const double Height = 270;
    private const double Left = 64;
    private const double Right = 84;
    private const double Top = 16;
    private const double Bottom = 44;
    private const double PlotWidth = Width - Left - Right;
    private const double PlotHeight = Height - Top - Bottom;
    private const int Buckets = 200;
    private const int Markers = 12;
    private const int TableRows = 60;

    /// <summary>Unique on the page.</summary>
    public required string Id { get; init; }

    public required string Title { get; init; }

    /// <summary>Name of the x axis: <c>Epoch</c>.</summary>
    public required string XName { get; init; }

    /// <summary>Unit or name of the y axis.</summary>
    public required string YName { get; init; }

    /// <summary>Ascending.</summary>
    public required IReadOnlyList<double> X { get; init; }

    /// <summary>How an x reads; whole numbers by default.</summary>
    public Func<double, string> FormatX { get; init; } = x => Words.Count((long)x);

    /// <summary>One to three lines.</summary>
    public required IReadOnlyList<LineSeries> Series { get; init; }

    /// <summary>How a value reads in the summary and in the table.</summary>
    public required Func<double?, string> Format { get; init; }

    /// <summary>How a tick of the y axis reads.</summary>
    public required Func<double?, string> FormatTick { get; init; }

    /// <summary>Whether low values are the good ones; null where neither end matters.</summary>
    public bool? LowIsGood { get; init; }

    /// <summary>The y axis goes no higher than this, such as 1 for shares.</summary>
    public double? Ceiling { get; init; }

    /// <summary>Whether the y axis must begin at 0, since small changes mean nothing.</summary>
    public bool FromZero { get; init; }

    /// <summary>An x to mark by a vertical line, with its words.</summary>
    public (double X, string Words)? Mark { get; init; }

    public void Write(Html html)
    {
        html.Add($"<figure class=\"chart\" id=\"{Id}\"><figcaption><h3>{Title}</h3></figcaption>");
        if (Series.All(series => series.Finite.Length == 0))
        {
            html.Markup("<p class=\"empty\">No finite figures were recorded.</p>");
        }
        else
        {
            WriteLegend(html);
            WritePicture(html);
        }

        html.Add($"<p class=\"summary\">{Summary()}</p>");
        WriteTable(html);
        html.Markup("</figure>");
    }

    private string Summary() => string.Join(" ", Series.Select(Summary));

    private string Summary(LineSeries series)
    {
        if (series.Finite.Length == 0)
        {
            return $"{series.Name}: no finite figures.";
        }

        var (first, last) = (series.Finite[0], series.Finite[^1]);
        if (first == last)
        {
            return $"{series.Name}: {Format(series.Values[first])} at {XName.ToLowerInvariant()} {FormatX(X[first])}.";
        }

        var text = $"{series.Name}: from {Format(series.Values[first])} to {Format(series.Values[last])}";
        if (LowIsGood is not { } low)
        {
            return text + ".";
        }

        var best = low ? series.Finite.MinBy(series.At) : series.Finite.MaxBy(series.At);
        return $"{text}, {(low ? "lowest" : "highest")} {Format(series.Values[best])} at {XName.ToLowerInvariant()} {FormatX(X[best])}.";
    }

    private void WriteLegend(Html html)
    {
        html.Markup("<ul class=\"legend\">");
        for (var s = 0; s < Series.Count; s++)
        {
            html.Add($"<li><svg class=\"s{s}\" viewBox=\"0 0 34 12\" width=\"34\" height=\"12\" aria-hidden=\"true\">");
            html.Markup("<path d=\"M1 6H33\"/>");
            WriteMarker(html, s, 17, 6, null);
            html.Add($"</svg>{Series[s].Name}</li>");
        }

        html.Markup("</ul>");
    }

    private void WritePicture(Html html)
    {
        var values = Series.SelectMany(series => series.Finite.Select(series.At)).ToArray();
        var (low, high) = (values.Min(), values.Max());

        // An axis from 0 where that costs little resolution: heights then compare as they look.
        low = low > 0 && (FromZero || low < 0.35 * high) ? 0 : low;
        var y = Ticks.Round(low, high, 5);
        if (Ceiling is { } ceiling && y.High > ceiling && high <= ceiling)
        {
            y = new Ticks(y.Low, ceiling, [.. y.Values.Where(value => value <= ceiling + 1e-12)]);
        }

        var x = X.Count == 1 ? new Ticks(X[0] - 1, X[0] + 1, [X[0]]) : Ticks.Within(X[0], X[^1], 6, minimumStep: 1);
        double AtX(double value) => Left + PlotWidth * (value - x.Low) / (x.High - x.Low);
        double AtY(double value) => Top + PlotHeight * (1 - (value - y.Low) / (y.High - y.Low));

        html.Add($"<div class=\"scroll\"><svg class=\"plot\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-labelledby=\"{Id}-t ");
        html.Add($"{Id}-d\">");
        html.Add($"<title id=\"{Id}-t\">{Title}</title><desc id=\"{Id}-d\">Line chart. {Summary()}</desc><g class=\"grid\">");
        foreach (var tick in y.Values)
        {
            html.Add($"<path d=\"M{Left} {AtY(tick)}H{Left + PlotWidth}\"/>");
        }

        html.Add($"</g><path class=\"axis\" d=\"M{Left} {Top}V{Top + PlotHeight}H{Left + PlotWidth}\"/><g class=\"ticks\">");
        foreach (var tick in y.Values)
        {
            html.Add($"<text x=\"{Left - 8}\" y=\"{AtY(tick) + 4}\" text-anchor=\"end\">{FormatTick(tick)}</text>");
        }

        foreach (var tick in x.Values)
        {
            html.Add($"<path d=\"M{AtX(tick)} {Top + PlotHeight}v5\"/>");
            html.Add($"<text x=\"{AtX(tick)}\" y=\"{Top + PlotHeight + 19}\" text-anchor=\"middle\">{FormatX(tick)}</text>");
        }

        html.Add($"<text x=\"{Left + PlotWidth / 2}\" y=\"{Height - 6}\" text-anchor=\"middle\">{XName}</text>");
        html.Add($"<text transform=\"translate(12 {Top + PlotHeight / 2}) rotate(-90)\" text-anchor=\"middle\">{YName}</text></g>");
        if (Mark is { } mark && mark.X >= x.Low && mark.X <= x.High)
        {
            var right = AtX(mark.X) > Left + PlotWidth / 2;
            html.Add($"<g class=\"mark\"><path d=\"M{AtX(mark.X)} {Top}V{Top + PlotHeight}\"/>");
            html.Add($"<text x=\"{AtX(mark.X) + (right ? -5 : 5)}\" y=\"{(LowIsGood == true ? Top + 10 : Top + PlotHeight - 8)}\" ");
            html.Add($"text-anchor=\"{(right ? "end" : "start")}\">{mark.Words}</text></g>");
        }

        for (var s = 0; s < Series.Count; s++)
        {
            WriteLine(html, s, AtX, AtY);
        }

        WriteEndLabels(html, AtX, AtY);
        html.Markup("</svg></div>");
    }

    private void WriteLine(Html html, int number, Func<double, double> atX, Func<double, double> atY)
    {
        var series = Series[number];
        html.Add($"<g class=\"s{number}\"><path d=\"");
        var pen = false;
        foreach (var i in series.Drawn(Buckets))
        {
            if (series.Values[i] is { } value && double.IsFinite(value))
            {
                html.Add($"{(pen ? "L" : "M")}{atX(X[i])} {atY(value)}");
                pen = true;
            }
            else
            {
                pen = false;
            }
        }

        html.Markup("\"/>");
        var shown = Math.Min(Markers, series.Finite.Length);
        for (var m = 0; m < shown; m++)
        {
            var i = series.Finite[shown == 1 ? 0 : (int)((long)m * (series.Finite.Length - 1) / (shown - 1))];
            var words = $"{series.Name}, {XName.ToLowerInvariant()} {FormatX(X[i])}: {Format(series.Values[i])}";
            WriteMarker(html, number, atX(X[i]), atY(series.At(i)), words);
        }

        html.Markup("</g>");
    }

    private static void WriteMarker(Html html, int number, double x, double y, string? words)
    {
        // Circle, diamond, triangle; the words show on hovering.
        var path = number switch
        {
            0 => "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z",
            1 => "m0 -4.6l4.6 4.6l-4.6 4.6l-4.6 -4.6z",
            _ => "m0 -4.6l4.4 7.8h-8.8z",
        };
        html.Add($"<path class=\"m\" d=\"M{x} {y}{path}\">");
        if (words is not null)
        {
            html.Add($"<title>{words}</title>");
        }

        html.Markup("</path>");
    }

    private void WriteEndLabels(Html html, Func<double, double> atX, Func<double, double> atY)
    {
        var previous = double.NegativeInfinity;
        var ends = Enumerable.Range(0, Series.Count)
            .Where(s => Series[s].Finite.Length > 0)
            .Select(s => (Number: s, End: Series[s].Finite[^1]))
            .OrderBy(entry => atY(Series[entry.Number].At(entry.End)));
        foreach (var (number, end) in ends)
        {
            var y = Math.Max(atY(Series[number].At(end)) + 4, previous + 14);
            previous = y;
            html.Add($"<text class=\"end e{number}\" x=\"{atX(X[end]) + 9}\" y=\"{y}\">{Series[number].Label}</text>");
        }
    }

    private void WriteTable(Html html)
    {
        var rows = Math.Min(TableRows, X.Count);
        html.Add($"<details><summary>{Title} as a table</summary><div class=\"scroll\"><table><caption>{Title}");
        html.Add($"{(rows < X.Count ? $", {rows} of {Words.Count(X.Count)} rows" : "")}</caption><thead><tr><th scope=\"col\">{XName}");
        html.Markup("</th>");
        foreach (var series in Series)
        {
            html.Add($"<th scope=\"col\" class=\"n\">{series.Name}</th>");
        }

        html.Markup("</tr></thead><tbody>");
        for (var row = 0; row < rows; row++)
        {
            var i = rows == 1 ? 0 : (int)((long)row * (X.Count - 1) / (rows - 1));
            html.Add($"<tr><th scope=\"row\">{FormatX(X[i])}</th>");
            foreach (var series in Series)
            {
                html.Add($"<td class=\"n\">{Format(series.Values[i])}</td>");
            }

            html.Markup("</tr>");
        }

        html.Markup("</tbody></table></div></details>");
    }
}
