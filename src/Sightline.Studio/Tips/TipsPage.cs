using Microsoft.AspNetCore.Http;
using Sightline.Runs.Report;
using Sightline.Studio.Runs;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Tips;

/// <summary><c>/tips</c>: what limits the latest runs, and what others found to work, with measured results.</summary>
internal sealed class TipsPage(StudioOptions options, RunIndex runs, TimeProvider time)
{
    private const int RunsLookedAt = 5;

    public void Map(Endpoints pages) => pages.Get("/tips", Show);

    private Task Show(HttpContext context)
    {
        var recipes = options.Recipes.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => RecipeCard.Parse(pair.Key, pair.Value)).ToList();
        var looked = runs.All().Take(RunsLookedAt).Select(run => (Run: run, Advice: AdviceCards.Of(run, time, isAsked: false) ?? [])).ToList();
        return context.Page(new Page("Tips", "/tips", "sightline run show last --advice", "sightline doctor"), new { recipes, advice = looked.Select(entry => new { run = entry.Run.Name, entry.Advice }) }, html =>
        {
            Layout.Heading(html, "Tips", "What limits your latest runs, and recipes with what they reached when they were measured.");
            foreach (var (run, advice) in looked.Where(entry => entry.Advice.Count > 0))
            {
                html.Add($"<section><h2><a href=\"/runs/{Figures.Url(run.Name)}\">{run.Name}</a></h2>");
                AdviceCards.Write(html, advice);
                html.Markup("</section>");
            }

            html.Markup("<section aria-labelledby=\"h-recipes\"><h2 id=\"h-recipes\">Recipes</h2><ul class=\"cards wide\">");
            foreach (var recipe in recipes)
            {
                html.Add($"<li class=\"card\"><h3>{recipe.Name}</h3>");
                foreach (var line in recipe.About)
                {
                    html.Add($"<p>{line}</p>");
                }

                html.Markup("<dl class=\"pairs\">");
                foreach (var (name, value) in new[] { ("Measured", recipe.Measured), ("Expected", recipe.Expected), ("Duration", recipe.Duration), ("Hardware", recipe.Hardware) })
                {
                    html.Add($"<div><dt>{name}</dt><dd>{value ?? "not given"}</dd></div>");
                }

                html.Markup("</dl>");
                if (recipe.Repeat is { } command)
                {
                    Layout.Command(html, command);
                }

                html.Markup("</li>");
            }

            html.Markup("</ul></section>");
        });
    }
}
