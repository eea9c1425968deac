using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sightline.Runs.Report;
using Sightline.Search.Report;
using Sightline.Studio.Access;
using Sightline.Studio.Shared;
using Sightline.Tuning;

namespace Sightline.Studio.Tune;

/// <summary><c>/tune</c>: the studies; <c>/tune/STUDY</c>: one of them, its trials, its best so far, what mattered.</summary>
internal sealed class TunePage(StudioOptions options, TimeProvider time)
{
    private const int TrialsShown = 50;
    private const int LeastForImportance = 3;

    private readonly StudyShelf _shelf = new(options.Database);

    public void Map(Endpoints pages)
    {
        pages.Get("/tune", List);
        pages.Get("/tune/{study}", Show);
        pages.Post("/tune/{study}/stop", Role.Editor, Stop);
    }

    private Task List(HttpContext context)
    {
        var all = _shelf.Names().Select(name =>
        {
            using var study = _shelf.Open(name);
            var trials = study.Trials;
            return (Name: name, study.State, study.Closed, Counts: Counts(trials), Best: study.Options.Directions.Count == 1 ? study.Best?.Values[0] : null, study.Options.Sampler, Trials: trials.Count);
        }).ToList();
        var facts = all.Select(study => new { study.Name, study.State, study.Closed, trials = Named(study.Counts), study.Best, study.Sampler });
        return context.Page(new Page("Tune", "/tune", "sightline tune status"), facts, html =>
        {
            Layout.Heading(html, "Tune", "Searches for good settings.");
            if (all.Count == 0)
            {
                Layout.Nothing(html, "No studies yet", "A study tries settings of a training, stops hopeless trials early, and keeps what it learned in a database that several machines can share.", "sightline tune start RECIPE --data DATA");
                return;
            }

            html.Markup("<div class=\"scroll card flush\" tabindex=\"0\" role=\"region\" aria-label=\"Studies\"><table class=\"list\"><thead><tr><th scope=\"col\">Study</th><th scope=\"col\">State</th><th scope=\"col\" class=\"n\">Trials</th><th scope=\"col\" class=\"n\">Complete</th><th scope=\"col\" class=\"n\">Stopped early</th><th scope=\"col\" class=\"n\">Running</th><th scope=\"col\" class=\"n\">Best</th></tr></thead><tbody>");
            foreach (var study in all)
            {
                html.Add($"<tr><th scope=\"row\"><a href=\"/tune/{Figures.Url(study.Name)}\">{study.Name}</a></th><td>{State(study.State, study.Closed)}</td><td class=\"n\">{study.Trials}</td><td class=\"n\">{study.Counts[TrialState.Complete]}</td>");
                html.Add($"<td class=\"n\">{study.Counts[TrialState.Pruned]}</td><td class=\"n\">{study.Counts[TrialState.Running]}</td><td class=\"n strong\">{(study.Best is { } best ? StudyReportInput.Compact(best) : "–")}</td></tr>");
            }

            html.Markup("</tbody></table></div>");
        });
    }

    private Task Show(HttpContext context)
    {
        var name = context.Part("study");
        using var study = _shelf.Open(name);
        var (trials, counts) = (study.Trials, Counts(study.Trials));
        var input = study.Options.Directions.Count == 1 ? StudyReports.Of(study, _shelf.IsTraining(name), [], time.GetUtcNow()) : null;
        var (state, sort) = (context.Query("state"), context.Query("sort") ?? "best");
        var chosen = Sorted([.. trials.Where(trial => state is null || State(trial) == state)], sort, study.Options.Directions);
        var pages = Math.Max(1, (chosen.Count + TrialsShown - 1) / TrialsShown);
        var at = context.Query("page", 1, 1, pages);
        var shown = chosen.Skip((at - 1) * TrialsShown).Take(TrialsShown).ToList();
        var importance = input?.Complete.Count >= LeastForImportance
            ? PedAnova.Of(input.Space, [.. input.Complete.Select(trial => (trial.Configuration, Loss: input.Loss(trial.Value ?? double.NaN)))]).ToDictionary(entry => entry.Key, entry => entry.Value) : null;
        var facts = new
        {
            name, study.State, study.Closed, study.Options.Directions, study.Options.Sampler, pruner = study.Options.Pruner.Kind, study.Budget, study.SpentUsd, counts = Named(counts), best = input is null ? null : Document(study.Best),
            front = input is null ? study.Front.Select(Document) : [], importance, page = at, pages, trials = shown.Select(Document),
        };
        string[] commands = [$"sightline tune status {Figures.Argument(name)}", $"sightline tune best {Figures.Argument(name)} --save best.json", $"sightline tune stop {Figures.Argument(name)}"];
        return context.Page(new Page(name, "/tune", commands), facts, html =>
        {
            Layout.Heading(html, name, null, ("Tune", "/tune"));
            html.Add($"<p class=\"state-line\"><b>{State(study.State, study.Closed)}</b><span>{study.Closed}</span></p>");
            Figures.Facts(html,
                ("Best", input is null ? $"{study.Front.Count} on the front" : input.Format(input.Best?.Value)), ("Trials", $"{Words.Count(trials.Count)}{(study.Budget.Trials is { } most ? $" of {Words.Count(most)}" : "")}"),
                ("Complete", $"{counts[TrialState.Complete]}"), ("Stopped early", $"{counts[TrialState.Pruned]}"), ("Running", $"{counts[TrialState.Running]}"), ("Waiting or paused", $"{counts[TrialState.Waiting] + counts[TrialState.Paused]}"),
                ("Failed or infeasible", $"{counts[TrialState.Failed] + counts[TrialState.Infeasible]}"), ("Sampler", study.Options.Sampler), ("Pruner", study.Options.Pruner.Kind.ToString().ToLowerInvariant()));
            Budget(html, study, trials.Count);
            StopButton(html, context, study, name);
            if (input is not null)
            {
                Charts(html, input);
            }

            Trials(html, input, shown, state, sort, counts);
            Layout.Pager(html, at, pages, page => $"?state={state}&sort={Figures.Url(sort)}&page={page}#trials");
        });
    }

    // How much of each limit is used up.
    private void Budget(Html html, Study study, int trials)
    {
        if (study.Budget.Trials is { } most)
        {
            html.Markup("<p>");
            Figures.Progress(html, Math.Min(1, trials / (double)most), "Share of the trials that were begun");
            html.Add($" of {Words.Count(most)} trials</p>");
        }

        if (study.Budget.CostUsd is { } usd)
        {
            html.Markup("<p>");
            Figures.Progress(html, (double)Math.Min(1, study.SpentUsd / usd), "Share of the cost that was spent");
            html.Add($" of {Money.Usd(usd)} USD, {Money.Usd(study.SpentUsd)} spent</p>");
        }

        if (study.Budget.Deadline is { } until)
        {
            html.Markup("<p>Trials begin until ");
            Figures.When(html, until);
            html.Add($"{(until < time.GetUtcNow() ? ", which is over" : "")}.</p>");
        }
    }

    private static void StopButton(Html html, HttpContext context, Study study, string name)
    {
        if (study.State != StudyState.Open || context.Session().Role < Role.Editor)
        {
            return;
        }

        html.Add($"<form method=\"post\" action=\"/tune/{Figures.Url(name)}/stop\" class=\"row\">");
        Layout.Token(html, context);
        html.Add($"<button>Stop the study</button><span class=\"note\">Workers give their trials back; <code>sightline tune start --name {name}</code> goes on with it.</span></form>");
    }

    private static void Charts(Html html, StudyReportInput input)
    {
        if (input.Best is { } best)
        {
            html.Add($"<section aria-labelledby=\"h-best\"><h2 id=\"h-best\">Best so far: trial {best.Number}</h2><dl class=\"pairs card\">");
            foreach (var (name, value) in best.Configuration.Values)
            {
                html.Add($"<div><dt><code>{name}</code></dt><dd>{StudyPage.Text(value)}</dd></div>");
            }

            html.Markup("</dl></section>");
        }

        StudyCharts.History(html, input);
        if (input.Complete.Count >= LeastForImportance)
        {
            ImportanceSection.Write(html, input);
        }

        StudyCharts.Slices(html, input);
        ParallelSection.Write(html, input);
    }

    private static void Trials(Html html, StudyReportInput? input, IReadOnlyList<Trial> shown, string? state, string sort, Dictionary<TrialState, int> counts)
    {
        html.Markup("<section id=\"trials\" aria-labelledby=\"h-trials\"><h2 id=\"h-trials\">Trials</h2><form class=\"filters\" method=\"get\"><div><label for=\"state\">State</label><select id=\"state\" name=\"state\"><option value=\"\">All</option>");
        foreach (var (kind, count) in counts.Where(pair => pair.Value > 0))
        {
            var word = kind.ToString().ToLowerInvariant();
            Layout.Choice(html, word, $"{Word(kind)} ({count})", word == state);
        }

        html.Markup("</select></div><div><label for=\"sort\">Order</label><select id=\"sort\" name=\"sort\">");
        foreach (var (value, words) in new[] { ("best", "The best first"), ("newest", "The newest first"), ("oldest", "The oldest first") })
        {
            Layout.Choice(html, value, words, value == sort);
        }

        html.Markup("</select></div><button>Show</button></form><div class=\"scroll card flush\" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-trials\"><table class=\"list\"><thead><tr><th scope=\"col\">Trial</th><th scope=\"col\">State</th>");
        html.Markup("<th scope=\"col\" class=\"n\">Value</th><th scope=\"col\" class=\"n\">Step</th><th scope=\"col\" class=\"n\">Time</th><th scope=\"col\">Settings</th></tr></thead><tbody>");
        foreach (var trial in shown)
        {
            var value = trial.Values.Count > 0 ? string.Join(", ", trial.Values.Select(one => input is null ? StudyReportInput.Compact(one) : input.Format(one)))
                : trial.Reports.Count > 0 ? $"({(input is null ? StudyReportInput.Compact(trial.Reports[^1].Value) : input.Format(trial.Reports[^1].Value))})" : "–";
            html.Add($"<tr class=\"{(input?.Best?.Number == trial.Number ? "best" : "")}\"><th scope=\"row\">{trial.Number}</th><td>{Word(trial.State)}{(trial.Reason is { } why ? $": {why}" : "")}</td><td class=\"n strong\">{value}</td>");
            html.Add($"<td class=\"n\">{(trial.Reports.Count > 0 ? Words.Count(trial.Reports[^1].Step) : "–")}</td><td class=\"n\">{(trial.StartedAt is { } began && trial.EndedAt is { } ended ? Words.Duration((ended - began).TotalSeconds) : "–")}</td>");
            html.Add($"<td class=\"cfg\">{string.Join(", ", trial.Configuration.Values.Select(pair => $"{pair.Key} {StudyPage.Text(pair.Value)}"))}</td></tr>");
        }

        html.Markup("</tbody></table></div><p class=\"note\">In brackets the last value of a trial that did not come to its end.</p></section>");
    }

    private static List<Trial> Sorted(List<Trial> trials, string sort, IReadOnlyList<Direction> directions)
    {
        double Loss(Trial trial) => trial.State != TrialState.Complete || trial.Values.Count == 0 || !double.IsFinite(trial.Values[0]) ? double.PositiveInfinity
            : directions[0] == Direction.Minimize ? trial.Values[0] : -trial.Values[0];
        return sort switch
        {
            "newest" => [.. trials.OrderByDescending(trial => trial.Number)],
            "oldest" => trials,
            _ => [.. trials.OrderBy(Loss).ThenByDescending(trial => trial.Reports.Count > 0 ? trial.Reports[^1].Step : -1)],
        };
    }

    private Task Stop(HttpContext context)
    {
        var name = context.Part("study");
        using var study = _shelf.Open(name);
        study.Stop();
        return context.Back($"/tune/{Figures.Url(name)}");
    }

    private static Dictionary<TrialState, int> Counts(IReadOnlyList<Trial> trials) => Enum.GetValues<TrialState>().ToDictionary(state => state, state => trials.Count(trial => trial.State == state));

    private static Dictionary<string, int> Named(Dictionary<TrialState, int> counts) => counts.ToDictionary(pair => pair.Key.ToString().ToLowerInvariant(), pair => pair.Value);

    private static string State(Trial trial) => trial.State.ToString().ToLowerInvariant();

    private static string State(StudyState state, string? closed) => state == StudyState.Stopped ? "stopped" : closed is not null ? "closed" : "open";

    private static string Word(TrialState state) => state switch { TrialState.Pruned => "✂ stopped early", TrialState.Complete => "✓ complete", _ => state.ToString().ToLowerInvariant() };

    private static object? Document(Trial? trial) => trial is null ? null : new
    {
        trial.Number, trial.State, configuration = trial.Configuration.Values.ToDictionary(pair => pair.Key, pair => (object?)pair.Value.Choice ?? pair.Value.Number), trial.Values,
        step = trial.Reports.Count > 0 ? trial.Reports[^1].Step : (long?)null, trial.Attempt, trial.CostUsd, trial.Reason,
    };
}
