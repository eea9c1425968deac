using Microsoft.AspNetCore.Http;
using Sightline.Data.Store;
using Sightline.Runs.Report;
using Sightline.Studio.Access;
using Sightline.Studio.Jobs;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Data;

/// <summary><c>/import</c>: pictures that lie below the project's folder become a stored data set; and the button that checks one. Both run the commands.</summary>
internal sealed class ImportPage(StudioOptions options, DataShelf shelf, ToolJobs jobs)
{
    public void Map(Endpoints pages)
    {
        pages.Get("/import", context => Show(context, context.Query("source"), context.Query("name"), null, StatusCodes.Status200OK));
        pages.Post("/import", Role.Editor, Import);
        pages.Post("/data/{set}/check", Role.Editor, Check);
    }

    /// <summary>The button that checks a data set, where commands can be started and the person may.</summary>
    public static void CheckButton(Html html, HttpContext context, DatasetVersion version, ToolJobs jobs, string words)
    {
        if (!jobs.CanStart || context.Session().Role < Role.Editor)
        {
            return;
        }

        html.Add($"<form method=\"post\" action=\"/data/{Figures.Url(version.Name)}/check\">");
        Layout.Token(html, context);
        html.Add($"<input type=\"hidden\" name=\"id\" value=\"{ToolJobs.NewId()}\"><button>{words}</button></form>");
    }

    private Task Show(HttpContext context, string? source, string? name, (string Field, string Words)? problem, int status)
    {
        context.Response.StatusCode = status;
        var project = Path.GetFullPath(options.Project);
        var command = $"sightline data import {Figures.Argument(source ?? "SOURCE")} --name {Figures.Argument(name ?? "NAME")}";
        return context.Page(new Page("Import", "/data", command), new { project, source, name, problem = problem?.Words, canStart = jobs.CanStart }, html =>
        {
            Layout.Heading(html, "Import pictures", "Every picture is decoded and checked once. The files are referenced where they lie, or copied; they are never changed.", ("Data", "/data"));
            if (!jobs.CanStart || context.Session().Role < Role.Editor)
            {
                html.Add($"<p class=\"card\">{(jobs.CanStart ? "Importing needs the role of an editor." : "This studio starts no commands; import in a terminal with the command below.")}</p>");
                return;
            }

            html.Markup("<form method=\"post\" action=\"/import\" class=\"card\">");
            Layout.Token(html, context);
            html.Add($"<input type=\"hidden\" name=\"id\" value=\"{ToolJobs.NewId()}\"><div class=\"fields\">");
            Field(html, "source", "Folder, list or archive", source, "photos", problem);
            Field(html, "name", "Name of the data set", name, "photos", problem);
            html.Markup("</div><p><label class=\"tick\" for=\"copy\"><input type=\"checkbox\" id=\"copy\" name=\"copy\" value=\"yes\"> Copy the pictures into the store</label></p>");
            html.Add($"<p class=\"note\">A path below {project}: a folder with one folder of pictures per class, a list, a CSV or COCO file, IDX, Parquet, or a zip or tar of these.</p><button class=\"primary\">Import</button></form>");
        });
    }

    private static void Field(Html html, string name, string label, string? value, string example, (string Field, string Words)? problem)
    {
        var words = problem is { } wrong && wrong.Field == name ? wrong.Words : null;
        html.Add($"<div><label for=\"{name}\">{label}</label><input id=\"{name}\" name=\"{name}\" value=\"{value}\" placeholder=\"{example}\" required aria-describedby=\"t-{name}\"");
        html.Markup(words is null ? ">" : " aria-invalid=\"true\">");
        html.Add($"<p class=\"trouble\" id=\"t-{name}\">{words}</p></div>");
    }

    private async Task Import(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var (source, name) = ($"{form["source"]}".Trim(), $"{form["name"]}".Trim());
        var project = Path.GetFullPath(options.Project);
        if (source.Length == 0 || source.Contains('\0', StringComparison.Ordinal) || Confined.Resolve(project, Path.GetFullPath(source, project)) is not { } path)
        {
            await Show(context, source, name, ("source", $"'{source}' is not there, or lies outside {project}. Give a path below that folder."), StatusCodes.Status400BadRequest);
            return;
        }

        if (!DatasetStore.IsName(name))
        {
            await Show(context, source, name, ("name", $"'{name}' cannot be a data set's name; use 1 to 100 letters, digits, '.', '_' and '-', beginning with a letter or digit."), StatusCodes.Status400BadRequest);
            return;
        }

        string[] copy = form["copy"] == "yes" ? ["--copy"] : [];
        await context.Back(jobs.Start(new ToolJobs.Order(
            $"{form["id"]}", $"Import {name}", ["data", "import", path, $"--name={name}", $"--store={Path.GetFullPath(options.Store)}", .. copy],
            string.Join(' ', ["sightline data import", Figures.Argument(source), "--name", Figures.Argument(name), .. copy]), $"/data/{Figures.Url(name)}")));
    }

    private async Task Check(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var version = shelf.Find(context.Part("set"));
        await context.Back(jobs.Start(new ToolJobs.Order(
            $"{form["id"]}", $"Check {version.Name}", ["data", "check", version.Reference, "--json"], $"sightline data check {version.Reference}", $"/data/{Figures.Url(version.Name)}")));
    }
}
