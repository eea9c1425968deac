using Microsoft.AspNetCore.Http;
using Sightline.Evaluation;
using Sightline.Runs.Report;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Runs;

/// <summary><c>/runs/RUN/samples</c>: what the best weights so far say of some validation pictures.</summary>
internal sealed class SamplesPart(StudioOptions options, RunIndex runs) : IDisposable
{
    private const int Pictures = 24;
    private const int Kept = 8;

    private readonly Recent<(string Path, DateTime Weights), Judged> _kept = new(Kept);

    /// <summary>What the model says of a picture.</summary>
    public sealed record Sample(string Picture, string TrueClass, string PredictedClass, double Probability, double TrueProbability, bool IsRight);

    private sealed record Judged(string Split, DateTimeOffset WeightsAt, IReadOnlyList<Sample> Samples);

    public void Map(Endpoints pages) => pages.Get("/runs/{run}/samples", Show);

    public void Dispose() => _kept.Dispose();

    /// <summary>The section of the run's page: its pictures are asked for by the script, since the model has to be run, which takes a second or more.</summary>
    public static void Section(Html html, RunRow run)
    {
        if (!run.HasWeights && !run.IsLive)
        {
            return;
        }

        html.Add($"<section aria-labelledby=\"h-samples\"><div class=\"row\"><h2 id=\"h-samples\">Sample predictions</h2><a href=\"/runs/{Figures.Url(run.Name)}/samples\">Larger</a></div>");
        html.Add($"<div id=\"samples\" class=\"stack\" data-fragment=\"/runs/{Figures.Url(run.Name)}/samples?part=1\" data-every=\"20\"><p class=\"note\">The model looks at some pictures …</p></div></section>");
    }

    private async Task Show(HttpContext context)
    {
        var run = runs.Find(context.Part("run"));
        if (!run.HasWeights && context.Query("part") is not null)
        {
            var wait = new Html();
            wait.Markup("<p class=\"note\">They come with the end of the first epoch.</p>");
            await context.Html(wait);
            return;
        }

        var judged = await Judge(run, context.RequestAborted);
        if (context.Query("part") is not null)
        {
            var part = new Html();
            Write(part, run, judged);
            await context.Html(part);
            return;
        }

        var argument = Figures.Argument(Path.Combine(options.Runs, run.Name));
        var page = new Page($"Sample predictions of {run.Name}", "/runs", $"sightline eval errors {argument} --split {judged.Split}", $"sightline predict {argument} PICTURES");
        await context.Page(page, new { run = run.Name, judged.Split, judged.WeightsAt, judged.Samples }, html =>
        {
            Layout.Heading(html, "Sample predictions", null, ("Runs", "/runs"), (run.Name, $"/runs/{Figures.Url(run.Name)}"));
            html.Markup("<div class=\"stack\">");
            Write(html, run, judged);
            html.Markup("</div>");
        });
    }

    private static void Write(Html html, RunRow run, Judged judged)
    {
        if (!run.IsLive)
        {
            html.Markup("<p class=\"hidden\" data-over>These are the final weights.</p>");
        }

        html.Add($"<p class=\"note\">{Words.Plural(judged.Samples.Count, "picture", "pictures")} spread evenly over the {judged.Split} split, judged by the best weights so far, of ");
        Figures.Ago(html, judged.WeightsAt);
        html.Add($"; {judged.Samples.Count(sample => sample.IsRight)} are right.</p><ul class=\"gallery small\">");
        foreach (var sample in judged.Samples)
        {
            html.Add($"<li><figure><div class=\"shot\"><img src=\"/runs/{Figures.Url(run.Name)}/picture?name={Figures.Url(sample.Picture)}\" loading=\"lazy\" alt=\"{sample.TrueClass}, {sample.Picture}\"></div>");
            html.Add($"<figcaption><b>{sample.TrueClass}</b><br>");
            if (sample.IsRight)
            {
                html.Add($"<span class=\"tag\">✓ right, {Words.Percent(sample.Probability)}</span>");
            }
            else
            {
                html.Add($"<span class=\"tag wrong\">✗ taken for {sample.PredictedClass}, {Words.Percent(sample.Probability)}</span>");
            }

            html.Markup("</figcaption></figure></li>");
        }

        html.Markup("</ul>");
    }

    private Task<Judged> Judge(RunRow run, CancellationToken cancel) => run.HasWeights
        ? _kept.Of(() => (run.Folder.Path, File.GetLastWriteTimeUtc(run.Folder.BestWeights)), key => OwnThread.Run(() => Look(run, key.Weights, cancel), cancel), cancel)
        : throw new NotFoundException($"The run '{run.Name}' has no weights yet: no epoch is finished.");

    private static Judged Look(RunRow run, DateTime written, CancellationToken cancel)
    {
        var judged = JudgedSplit.Of(run.Folder.Path, split: "validation", most: Pictures, cancel: cancel);
        var (predictions, scores) = (judged.Predictions, Score.All(judged.Predictions));
        return new Judged(judged.Split, written, [.. scores.Select((score, i) => new Sample(
            predictions.Names[i], predictions.Classes[predictions.Labels[i]], predictions.Classes[score.Predicted], score.Confidence, Math.Exp(-score.Loss), score.Predicted == predictions.Labels[i]))]);
    }
}
