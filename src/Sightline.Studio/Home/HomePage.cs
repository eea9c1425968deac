using Microsoft.AspNetCore.Http;
using Sightline.Runs;
using Sightline.Runs.Report;
using Sightline.Studio.Data;
using Sightline.Studio.Runs;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Home;

/// <summary><c>/</c>: what runs now, what was there last, what to do next.</summary>
internal sealed class HomePage(StudioOptions options, RunIndex runs, DataShelf shelf)
{
    private const int RunsShown = 8;

    public void Map(Endpoints pages)
    {
        pages.Get("/", Show);
        pages.Get("/{**rest}", context => throw new NotFoundException($"The studio has no page '{context.Request.Path}'."));
    }

    private Task Show(HttpContext context)
    {
        var all = runs.All();
        var running = all.Where(run => run.State is RunState.Running or RunState.Paused or RunState.Stalled).ToList();
        var sets = shelf.Store.Names().Select(name => shelf.Find(name)).OrderByDescending(version => version.CreatedAt).ToList();
        var next = Next(all, sets);
        var best = all.Where(run => run.State == RunState.Finished && run.ValidationAccuracy is not null).MaxBy(run => run.ValidationAccuracy);
        var facts = new { runs = all.Count, running, latest = all.Take(RunsShown), dataSets = sets.Select(version => new { version.Name, version = version.Number, version.Images, classes = version.Classes.Count }), next = next.Select(step => new { step.Why, step.Command }) };
        return context.Page(new Page("Home", "/", "sightline run list", "sightline data list"), facts, html =>
        {
            Layout.Heading(html, running.Count > 0 ? $"{Words.Plural(running.Count, "run is", "runs are")} training" : all.Count == 0 ? "Welcome to Sightline" : "Nothing is training");
            Running(html, running);
            html.Markup("<section aria-labelledby=\"h-next\"><h2 id=\"h-next\">What to do next</h2><ul class=\"cards wide\">");
            foreach (var (title, why, command) in next)
            {
                html.Add($"<li class=\"card\"><h3>{title}</h3><p>{why}</p>");
                Layout.Command(html, command);
                html.Markup("</li>");
            }

            html.Markup("</ul></section>");
            if (all.Count > 0)
            {
                html.Add($"<section aria-labelledby=\"h-latest\"><div class=\"row\"><h2 id=\"h-latest\">Latest runs</h2><a href=\"/runs\">All {Words.Count(all.Count)}</a></div>");
                RunsPage.Table(html, [.. all.Take(RunsShown)], canChoose: false);
                html.Markup("</section>");
            }

            if (sets.Count > 0)
            {
                html.Markup("<section aria-labelledby=\"h-sets\"><div class=\"row\"><h2 id=\"h-sets\">Data sets</h2><a href=\"/data\">All</a></div><ul class=\"cards\">");
                foreach (var version in sets.Take(6))
                {
                    html.Add($"<li class=\"card\"><h3><a href=\"/data/{Figures.Url(version.Name)}\">{version.Name}</a></h3><p>{Words.Plural(version.Images, "picture", "pictures")}, {Words.Plural(version.Classes.Count, "class", "classes")}</p></li>");
                }

                html.Markup("</ul></section>");
            }

            if (best is not null)
            {
                html.Add($"<p class=\"note\">Best run: <a href=\"/runs/{Figures.Url(best.Name)}\">{best.Name}</a>, {Words.Percent(best.ValidationAccuracy, 2)} on validation.</p>");
            }
        });
    }

    private static void Running(Html html, IReadOnlyList<RunRow> running)
    {
        if (running.Count == 0)
        {
            return;
        }

        html.Markup("<ul class=\"cards\">");
        foreach (var run in running)
        {
            html.Add($"<li class=\"card\"><h2><a href=\"/runs/{Figures.Url(run.Name)}\">{run.Name}</a></h2><p>{run.Model} on {run.Data}</p><p>");
            Figures.State(html, run.State);
            html.Markup("</p><p>");
            Figures.Progress(html, run.Done, $"How much of {run.Name} is done");
            html.Add($"</p><p class=\"note\">Epoch {run.Epoch} of {run.Epochs}{(run.SecondsLeft is { } left ? $", about {Words.Duration(left)} left" : "")}, best so far {Words.Percent(run.ValidationAccuracy)}</p></li>");
        }

        html.Markup("</ul>");
    }

    // The next step on the way from pictures to a model that can be used.
    private List<(string Title, string Why, string Command)> Next(IReadOnlyList<RunRow> all, IReadOnlyList<Sightline.Data.Store.DatasetVersion> sets)
    {
        var next = new List<(string, string, string)>();
        if (all.Count == 0)
        {
            next.Add(("See the whole way once", "Trains a small model on 60,000 pictures of clothing in about five minutes on two processor cores.", "sightline quickstart"));
        }

        if (sets.Count == 0)
        {
            next.Add(("Bring your pictures", "A folder with one folder per class is enough; lists, zip, Parquet and others work too.", "sightline data import FOLDER --name NAME"));
        }

        foreach (var version in sets.Where(version => shelf.Check(version) is null).Take(1))
        {
            next.Add(($"Check {version.Name}", "Damaged files, duplicates and test pictures that were trained on spoil every figure that follows.", $"sightline data check {version.Name}"));
        }

        if (sets.Count > 0 && all.Count == 0)
        {
            next.Add(($"Train on {sets[0].Name}", "Takes the settings that suit the size of the data.", $"sightline train {sets[0].Name}"));
        }

        if (all.FirstOrDefault(run => run.State is RunState.Stopped or RunState.Failed) is { } stopped)
        {
            next.Add(($"Go on with {stopped.Name}", $"It stopped in epoch {stopped.Epoch} of {stopped.Epochs} and can go on exactly where it was.", $"sightline train resume {Figures.Argument(Path.Combine(options.Runs, stopped.Name))}"));
        }

        if (all.FirstOrDefault(run => run.State == RunState.Finished && run.HasWeights) is { } done)
        {
            next.Add(("Use the newest model", $"{done.Name} gives each of your pictures a class and a probability.", $"sightline predict {Figures.Argument(Path.Combine(options.Runs, done.Name))} PICTURES"));
        }

        return next;
    }
}
