using Microsoft.AspNetCore.Http;
using Sightline.Runs.Report;
using Sightline.Studio.Runs;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Tips;

/// <summary><c>/tips</c>: what others found to work, with measured results.</summary>
internal sealed class TipsPage(StudioOptions options, RunIndex runs)
{
    public void Map(Endpoints pages) => pages.Get("/tips", Show);

    private Task Show(HttpContext context)
    {
        var recipes = options.Recipes.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => RecipeCard.Parse(pair.Key, pair.Value)).ToList();
        return context.Page(new Page("Tips", "/tips", "sightline doctor"), new { recipes, runs = runs.All().Count }, html =>
        {
            Layout.Heading(html, "Tips", "Recipes with what they reached when they were measured.");
            html.Markup("<section aria-labelledby=\"h-recipes\"><h2 id=\"h-recipes\">Recipes</h2><ul class=\"cards wide\">");
            foreach (var recipe in recipes)
            {
                html.Add($"<li class=\"card\"><h3>{recipe.Name}</h3>");
                foreach (var line in recipe.About)
                {
                    html.Add($"<p>{line}</p>");
                }

                if (recipe.Command is { } command)
                {
                    Layout.Command(html, command);
                }

                html.Markup("</li>");
            }

            html.Markup("</ul></section>");
        });
    }
}
