using Sightline.Data;
using Sightline.Evaluation;

namespace Sightline.Runs.Report;

/// <summary>What is taken for what: a table up to 30 classes; beyond, the worst pairs and a small picture.</summary>
internal static class ConfusionSection
{
    private const int MaximumTable = 30;
    private const int MaximumPicture = 500;
    private const int PairsBesideTable = 6;
    private const int PairsAlone = 25;

    public static void Write(Html html, EvaluationResult result)
    {
        var small = result.PerClass.Count <= MaximumTable;
        html.Markup("<section id=\"confusion\" aria-labelledby=\"h-confusion\"><h2 id=\"h-confusion\">Confusion</h2><div class=\"panel\">");
        if (small)
        {
            WriteTable(html, result);
        }
        else
        {
            WritePicture(html, result);
        }

        WritePairs(html, result, small ? PairsBesideTable : PairsAlone);
        html.Markup("</div></section>");
    }

    private static void WriteTable(Html html, EvaluationResult result)
    {
        html.Markup("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"c-confusion\">");
        html.Add($"<table class=\"confusion{(result.PerClass.Count > 15 ? " dense" : "")}\">");
        html.Markup("<caption id=\"c-confusion\">Pictures by true class (rows) and predicted class (columns). ");
        html.Markup("<span class=\"key h7\">blue</span> right, <span class=\"key m4\">orange");
        html.Markup("</span> wrong; the deeper, the larger the share of its row.</caption>");
        html.Markup("<thead><tr><th scope=\"col\" class=\"corner\">True class</th>");
        foreach (var entry in result.PerClass)
        {
            html.Add($"<th scope=\"col\" class=\"turned\"><span>{Words.Cut(entry.Name, 24)}</span></th>");
        }

        html.Markup("</tr></thead><tbody>");
        for (var truth = 0; truth < result.PerClass.Count; truth++)
        {
            html.Add($"<tr><th scope=\"row\" title=\"{result.PerClass[truth].Name}\">{result.PerClass[truth].Name}</th>");
            for (var predicted = 0; predicted < result.PerClass.Count; predicted++)
            {
                var count = result.Confusion[truth][predicted];
                var shade = Shade(count, result.PerClass[truth].Support, truth == predicted);
                html.Add($"<td class=\"{(shade == 0 ? "z" : $"{(truth == predicted ? "h" : "m")}{shade}")}\">{Words.Count(count)}</td>");
            }

            html.Markup("</tr>");
        }

        html.Markup("</tbody></table></div>");
    }

    private static void WritePairs(Html html, EvaluationResult result, int maximum)
    {
        var pairs = result.Confusion
            .SelectMany((row, truth) => row.Select((count, predicted) => (Truth: truth, Predicted: predicted, Count: count)))
            .Where(cell => cell.Truth != cell.Predicted && cell.Count > 0)
            .OrderByDescending(cell => cell.Count)
            .Take(maximum)
            .ToArray();
        if (pairs.Length == 0)
        {
            html.Markup("<p>No picture of this set was taken for another class.</p>");
            return;
        }

        html.Markup("<div class=\"pairs\"><h3>Most often confused</h3><ol>");
        foreach (var (truth, predicted, count) in pairs)
        {
            var support = result.PerClass[truth].Support;
            html.Add($"<li><b>{result.PerClass[truth].Name}</b> taken for <b>{result.PerClass[predicted].Name}</b>: ");
            html.Add($"{Words.Count(count)} of {Words.Count(support)} ({Words.Percent((double)count / support)})</li>");
        }

        html.Markup("</ol></div>");
    }

    /// <summary>Each class one pixel, or the largest share of several where there are more than <see cref="MaximumPicture"/>.</summary>
    private static void WritePicture(Html html, EvaluationResult result)
    {
        var classes = result.PerClass.Count;
        var side = Math.Min(classes, MaximumPicture);
        var steps = new int[side * side];
        var right = new bool[side * side];
        for (var truth = 0; truth < classes; truth++)
        {
            for (var predicted = 0; predicted < classes; predicted++)
            {
                var cell = (int)((long)truth * side / classes) * side + (int)((long)predicted * side / classes);
                var shade = Shade(result.Confusion[truth][predicted], result.PerClass[truth].Support, truth == predicted);
                if (shade > steps[cell])
                {
                    (steps[cell], right[cell]) = (shade, truth == predicted);
                }
            }
        }

        var pixels = new byte[steps.Length * 3];
        for (var cell = 0; cell < steps.Length; cell++)
        {
            var ramp = Palette.Ramps[right[cell] ? 0 : 1];
            Palette.Parse(Palette.Heat(Palette.Card(dark: false), ramp.Light, steps[cell]).Background).CopyTo(pixels, 3 * cell);
        }

        var address = "data:image/png;base64," + Convert.ToBase64String(Png.Encode(new PixelImage(pixels, side, side)));
        html.Add($"<figure class=\"matrix\"><img src=\"{address}\" width=\"{side}\" height=\"{side}\" alt=\"Confusion matrix of ");
        html.Add($"{Words.Count(classes)} classes: ");
        html.Add($"{Words.Percent(result.Accuracy)} of the pictures lie on the diagonal. The most frequent confusions are listed ");
        html.Markup("beside it.\"/>");
        html.Markup("<figcaption>Rows: true class, columns: predicted class, in the order of the labels. Blue: right, orange: wrong; ");
        html.Markup("the deeper, the larger the share of its row.</figcaption></figure>");
    }

    /// <summary>0 for none. Wrong cells on a square-root scale: shares of a few percent are what one looks for.</summary>
    private static int Shade(int count, int support, bool right)
    {
        if (count == 0)
        {
            return 0;
        }

        var share = (double)count / support;
        return Math.Clamp((int)Math.Round(Palette.HeatSteps * (right ? share : Math.Sqrt(share))), 1, Palette.HeatSteps);
    }
}
