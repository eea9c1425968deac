using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sightline.Runs;
using Sightline.Runs.Report;
using Sightline.Studio.Access;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Runs;

/// <summary>Pause, resume, stop and adjust of a running run, and what became of each request.</summary>
internal sealed class ControlPart(RunIndex runs, TimeProvider time)
{
    private const int Shown = 10;

    public void Map(Endpoints pages) => pages.Post("/runs/{run}/control", Role.Editor, Ask);

    /// <summary>A request and how far it came.</summary>
    public sealed record Asked(string Id, ControlAction Action, string By, string? Settings, DateTimeOffset RequestedAt, DateTimeOffset? AcknowledgedAt, DateTimeOffset? AppliedAt, DateTimeOffset? RefusedAt, string? Reason);

    /// <summary>The requests to a run, the newest first.</summary>
    /// <param name="run">The run.</param>
    /// <param name="answers">Its events of the kind <c>control</c>.</param>
    /// <param name="time">Stands in for a time that cannot be read.</param>
    public static IReadOnlyList<Asked> Requests(RunRow run, IReadOnlyList<RunEvent> answers, TimeProvider time)
    {
        var lookup = answers.Where(answer => answer.Control is not null).ToLookup(answer => answer.Control!.Id); // Just looked at.
        return [.. new LineTail(ControlFile.In(run.Folder)).New().Select(line => ControlRequest.Read(line, time.GetUtcNow())).Reverse().Take(Shown).Select(request => new Asked(
            request.Id, request.Action, request.By, request.Settings?.ToString(), request.At,
            At(lookup[request.Id], ControlPhase.Acknowledged), At(lookup[request.Id], ControlPhase.Applied), At(lookup[request.Id], ControlPhase.Refused),
            lookup[request.Id].Select(answer => answer.Control!.Reason).LastOrDefault(reason => reason is not null)))];
    }

    public static void Write(Html html, HttpContext context, RunRow run, IReadOnlyList<Asked> requests)
    {
        var canAsk = run.IsLive && context.Session().Role >= Role.Editor;
        if (!canAsk && requests.Count == 0)
        {
            return;
        }

        html.Markup("<section aria-labelledby=\"h-control\"><h2 id=\"h-control\">Control</h2>");
        if (canAsk)
        {
            Buttons(html, context, run);
        }

        if (requests.Count > 0)
        {
            Table(html, requests);
        }

        html.Markup("</section>");
    }

    private static void Buttons(Html html, HttpContext context, RunRow run)
    {
        html.Add($"<form method=\"post\" action=\"/runs/{Figures.Url(run.Name)}/control\" class=\"row\">");
        Layout.Token(html, context);
        html.Markup(run.State == RunState.Paused
            ? "<button name=\"act\" value=\"resume\" class=\"primary\">Go on</button>"
            : "<button name=\"act\" value=\"pause\">Pause</button>");
        html.Markup("<button name=\"act\" value=\"stop\">Stop with a checkpoint</button><span class=\"note\">Done after the current step; nothing is lost.</span></form>");
        html.Add($"<details><summary>Change settings while it runs</summary><form method=\"post\" action=\"/runs/{Figures.Url(run.Name)}/control\" class=\"filters\">");
        Layout.Token(html, context);
        html.Markup("<div><label for=\"rate\">Learning rate times</label><input id=\"rate\" name=\"learningRateScale\" inputmode=\"decimal\" placeholder=\"0.5\"></div>");
        html.Add($"<div><label for=\"epochs\">Epochs in all</label><input id=\"epochs\" name=\"epochs\" type=\"number\" min=\"{Math.Max(1, run.Epoch)}\" max=\"10000\" placeholder=\"{run.Epochs}\"></div>");
        html.Markup("<div><label for=\"early\">End after so many epochs without a gain</label><input id=\"early\" name=\"earlyStopEpochs\" type=\"number\" min=\"0\"></div>");
        html.Markup("<button name=\"act\" value=\"adjust\">Change from the next step on</button></form></details>");
    }

    private static void Table(Html html, IReadOnlyList<Asked> requests)
    {
        html.Markup("<div class=\"scroll card flush\" tabindex=\"0\" role=\"region\" aria-label=\"Requests\"><table class=\"list\"><thead><tr><th scope=\"col\">Request</th><th scope=\"col\">By</th><th scope=\"col\">Requested</th><th scope=\"col\">Acknowledged</th><th scope=\"col\">Applied</th></tr></thead><tbody>");
        foreach (var request in requests)
        {
            html.Add($"<tr><th scope=\"row\">{request.Action.ToString().ToLowerInvariant()} {request.Settings}</th><td>{request.By}</td><td>{Figures.Clock(request.RequestedAt)}</td>");
            html.Add($"<td>{(request.AcknowledgedAt is { } seen ? Figures.Clock(seen) : "waiting")}</td><td>{(request.AppliedAt is { } done ? Figures.Clock(done) : request.RefusedAt is { } no ? $"refused {Figures.Clock(no)}" : "waiting")} {request.Reason}</td></tr>");
        }

        html.Markup("</tbody></table></div>");
    }

    private async Task Ask(HttpContext context)
    {
        var run = runs.Find(context.Part("run"));
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (!run.IsLive)
        {
            throw new SettingsException($"The run '{run.Name}' does not run, so there is nothing to ask of it. Go on with it by 'sightline train resume'.");
        }

        var action = Enum.TryParse<ControlAction>(form["act"], ignoreCase: true, out var known) && Enum.IsDefined(known)
            ? known : throw new SettingsException($"'{form["act"]}' is nothing that can be asked; pause, resume, stop and adjust are.");
        var settings = action != ControlAction.Adjust ? null : AdjustableSettings.Parse(AdjustableSettings.Keys.Where(key => form[key] is { Count: > 0 } value && value[0] is { Length: > 0 }).Select(key => $"{key}={form[key]}"));
        if (settings is not null && string.Join(' ', settings.Check(run.Folder.Settings.Adjusted, run.Epoch)) is { Length: > 0 } problems)
        {
            throw new SettingsException(problems);
        }

        ControlFile.Ask(run.Folder, action, settings, time, string.Create(CultureInfo.InvariantCulture, $"{ControlFile.Asker} (studio {context.Session().Number})"));
        await context.Back($"/runs/{Figures.Url(run.Name)}");
    }

    private static DateTimeOffset? At(IEnumerable<RunEvent> answers, ControlPhase phase) => answers.FirstOrDefault(answer => answer.Control!.Phase == phase)?.At; // Chosen so.
}
