using Microsoft.AspNetCore.Http;
using Sightline.Runs.Report;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Jobs;

/// <summary><c>/jobs</c>: the commands that the studio started; <c>/jobs/JOB</c>: one of them, what it says and where it leads.</summary>
internal sealed class JobsPage(ToolJobs jobs)
{
    private const int Shown = 50;

    public void Map(Endpoints pages)
    {
        pages.Get("/jobs", List);
        pages.Get("/jobs/{job}", Show);
    }

    private Task List(HttpContext context)
    {
        var all = jobs.All().Take(Shown).ToList();
        return context.Page(new Page("Commands", "/train"), all, html =>
        {
            Layout.Heading(html, "Commands", "What was started from the studio. They are processes of their own: ending the studio ends none of them.");
            if (all.Count == 0)
            {
                html.Markup("<p>None yet.</p>");
                return;
            }

            html.Markup("<div class=\"scroll card flush\" tabindex=\"0\" role=\"region\" aria-label=\"Commands\"><table class=\"list\"><thead><tr><th scope=\"col\">Command</th><th scope=\"col\">State</th><th scope=\"col\">Began</th></tr></thead><tbody>");
            foreach (var job in all)
            {
                html.Add($"<tr><th scope=\"row\"><a href=\"/jobs/{job.Id}\">{job.Title}</a></th><td>");
                State(html, job);
                html.Markup("</td><td>");
                Figures.Ago(html, job.StartedAt);
                html.Markup("</td></tr>");
            }

            html.Markup("</tbody></table></div>");
        });
    }

    private Task Show(HttpContext context)
    {
        var job = jobs.Find(context.Part("job"));
        return context.Page(new Page(job.Title, "/train", job.Command), job, html =>
        {
            Layout.Heading(html, job.Title, null, ("Commands", "/jobs"));
            html.Add($"<div id=\"job\" data-job=\"/jobs/{job.Id}?format=json\" data-running=\"{(job.State == ToolJobState.Running ? "yes" : "no")}\"><p class=\"state-line\">");
            State(html, job);
            html.Markup("<span>began ");
            Figures.Ago(html, job.StartedAt);
            html.Markup("</span></p>");
            if (job.State == ToolJobState.Failed)
            {
                html.Add($"<p class=\"verdict bad\" role=\"alert\"><span><b>It failed{(job.ExitCode is { } code ? $" (exit code {code})" : "")}.</b> {job.Lines.LastOrDefault()}</span></p>");
            }

            html.Markup("<p>");
            if (job.Next is { } next)
            {
                html.Add($"<a class=\"button primary\" href=\"{next}\">Go on</a>");
            }
            else if (job.State == ToolJobState.Running)
            {
                html.Add($"<a class=\"button\" href=\"/jobs/{job.Id}\">Look again</a>");
            }

            html.Markup("</p><h2 id=\"h-said\">What it says</h2><div class=\"card scroll log\" tabindex=\"0\" role=\"log\" aria-labelledby=\"h-said\" aria-live=\"off\"><ol id=\"job-lines\">");
            foreach (var line in job.Lines)
            {
                html.Add($"<li>{line}</li>");
            }

            html.Markup("</ol></div></div>");
        });
    }

    private static void State(Html html, ToolJob job)
    {
        var (word, style, icon) = job.State switch
        {
            ToolJobState.Running => ("running", "info", "M6 4l13 8-13 8z"),
            ToolJobState.Done => ("done", "good", "M4 12l6 6L20 6"),
            _ => ("failed", "bad", "M6 6l12 12M18 6L6 18"),
        };
        html.Add($"<span class=\"state {style}\"><svg viewBox=\"0 0 24 24\" width=\"14\" height=\"14\" aria-hidden=\"true\"><path d=\"{icon}\"/></svg><span>{word}</span></span>");
    }
}
