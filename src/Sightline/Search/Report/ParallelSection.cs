using Sightline.Runs.Report;
using Sightline.Tuning;

namespace Sightline.Search.Report;

/// <summary>Every complete trial as a line over all parameters; the best tenth stands out.</summary>
internal static class ParallelSection
{
    private const double Top = 46;
    private const double Height = 300;
    private const double Spacing = 132;
    private const double Side = 70;
    private const int MostLines = 400;

    public static void Write(Html html, StudyReportInput input)
    {
        if (input.Complete.Count == 0)
        {
            return;
        }

        var parameters = input.Space.Parameters.Where(parameter => parameter.Count != 1).ToList();
        var ranked = input.Complete.OrderBy(trial => input.Loss(trial.Value ?? double.NaN)).Take(MostLines).ToList();
        var top = Math.Max(1, (int)Math.Ceiling(0.1 * ranked.Count));
        var width = (2 * Side) + (Spacing * parameters.Count);
        var values = ranked.Select(trial => trial.Value ?? double.NaN).ToList();
        var (low, high) = (values.Min(), values.Max() > values.Min() ? values.Max() : values.Min() + 1);
        double AtY(double unit) => Top + (Height * (1 - unit));
        double AtX(int axis) => Side + (axis * Spacing);

        html.Markup("<section id=\"parallel\"><h2>Parallel coordinates</h2><div class=\"panel\"><div class=\"scroll\"><div class=\"parallel-box\">");
        // An empty picture keeps the width that the axes need: a style of its own would not pass the studio's policy.
        html.Add($"<svg width=\"{Math.Min(width, 1100)}\" height=\"1\" aria-hidden=\"true\"></svg><svg class=\"plot parallel\" viewBox=\"0 0 {width} {Top + Height + 40}\" role=\"img\" aria-labelledby=\"parallel-t\">");
        html.Add($"<title id=\"parallel-t\">Complete trials over {parameters.Count} parameters; the best {top} in colour</title>");
        for (var rank = ranked.Count - 1; rank >= 0; rank--)
        {
            var trial = ranked[rank];
            html.Add($"<path class=\"t{(rank == 0 ? " best" : rank < top ? " top" : "")}\" d=\"");
            var pen = 'M';
            for (var axis = 0; axis < parameters.Count; axis++)
            {
                if (trial.Configuration.Values.TryGetValue(parameters[axis].Name, out var value) && parameters[axis].Contains(value))
                {
                    html.Add($"{(pen == 'M' ? "M" : "L")}{AtX(axis)} {AtY(Unit(parameters[axis], value))}");
                    pen = 'L';
                }
            }

            var own = ((trial.Value ?? low) - low) / (high - low);
            html.Add($"{(pen == 'M' ? "M" : "L")}{AtX(parameters.Count)} {AtY(own)}\"><title>Trial {trial.Number}: {input.Format(trial.Value)}</title></path>");
        }

        for (var axis = 0; axis <= parameters.Count; axis++)
        {
            var (name, bottom, upper) = axis == parameters.Count ? (input.ValueName, input.Format(low), input.Format(high)) : Ends(parameters[axis]);
            html.Add($"<path class=\"axis\" d=\"M{AtX(axis)} {Top}V{Top + Height}\"/><text class=\"name\" x=\"{AtX(axis)}\" y=\"14\" text-anchor=\"middle\">{Words.Cut(name[(name.LastIndexOf('.') + 1)..], 20)}</text>");
            html.Add($"<text x=\"{AtX(axis)}\" y=\"{Top - 8}\" text-anchor=\"middle\">{upper}</text><text x=\"{AtX(axis)}\" y=\"{Top + Height + 18}\" text-anchor=\"middle\">{bottom}</text>");
        }

        html.Add($"</svg></div></div><p class=\"note\">One line per complete trial{(input.Complete.Count > MostLines ? $", the best {MostLines}" : "")}; coloured are the best {Words.Plural(top, "one", "ones")}. ");
        html.Markup("Where the coloured lines meet on an axis, that parameter is settled.</p></div></section>");
    }

    private static double Unit(Parameter parameter, ParameterValue value) => NumericParameter.RangeOf(parameter) is { } range
        ? (range.ToAxis(value.Number) - range.ToAxis(range.Low)) / Math.Max(1e-12, range.ToAxis(range.High) - range.ToAxis(range.Low))
        : parameter.Code(value) / Math.Max(1, (parameter.Count ?? 2) - 1);

    private static (string Name, string Low, string High) Ends(Parameter parameter) => parameter is CategoricalParameter categorical
        ? (parameter.Name, Words.Cut(categorical.Choices[0], 16), Words.Cut(categorical.Choices[^1], 16))
        : NumericParameter.RangeOf(parameter) is { } range ? (parameter.Name, StudyReportInput.Compact(range.Low), StudyReportInput.Compact(range.High)) : (parameter.Name, "", "");
}
