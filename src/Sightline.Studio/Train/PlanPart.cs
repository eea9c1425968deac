using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sightline.Compute.Offers;
using Sightline.Runs.Report;
using Sightline.Studio.Access;
using Sightline.Studio.Jobs;
using Sightline.Studio.Shared;
using Sightline.Training;

namespace Sightline.Studio.Train;

/// <summary>The plan of a training as a part of the page: memory, time, price, and the ways to begin.</summary>
internal static class PlanPart
{
    /// <summary>Offers shown.</summary>
    public const int OffersShown = 8;

    /// <summary>The plan for programs.</summary>
    public static object Facts(TrainPlan plan) => new
    {
        form = plan.Form.All.ToDictionary(pair => pair.Name, pair => pair.Value),
        plan.Problems,
        plan.Warnings,
        pictures = new { plan.Pictures.Train, plan.Pictures.Validation, plan.Pictures.Test },
        classes = plan.Settings?.Classes.Count,
        model = plan.Settings?.Model,
        size = plan.Settings?.Preprocessing.CropSize,
        epochs = plan.Settings?.Options.Epochs,
        batch = plan.Settings?.Options.BatchSize,
        plan.Steps,
        memory = plan.Memory is not { } memory ? null : new
        {
            memory.Plan.ProgramBytes, memory.Plan.WeightBytes, memory.Plan.GradientBytes, memory.Plan.OptimizerBytes, memory.Plan.TeacherBytes, memory.Plan.ActivationBytes,
            memory.Plan.WorkspaceBytes, memory.Plan.PictureBytes, memory.Plan.PeakBytes, memory.Plan.PeakAt, memory.Plan.ValidationBytes, memory.NeededBytes,
            limitBytes = memory.Limit?.Bytes, limitSource = memory.Limit?.Source, memory.Fits, wouldChange = memory.Change,
        },
        speed = plan.Speed,
        plan.SecondsHere,
        offers = plan.Offers.Take(OffersShown).Select(row => new { row.Offer.Provider, row.Offer.Instance, gpu = row.Offer.Gpu.Id, row.Offer.Region, row.Offer.IsSpot, row.Offer.PricePerHourUsd, row.Hours, row.TotalUsd, row.IsPareto }),
        command = plan.Form.Command("train"),
    };

    public static void Write(Html html, HttpContext context, TrainPlan plan, bool canStart)
    {
        html.Markup("<h2 id=\"h-plan\">Plan</h2>");
        if (plan.Problems.TryGetValue("", out var problem))
        {
            html.Add($"<p class=\"verdict bad\"><span>{problem}</span></p>");
        }

        if (plan.Settings is not { } settings || plan.Memory is not { } memory)
        {
            html.Markup("<p class=\"note\">The plan comes when data are chosen and every value can be used.</p>");
            return;
        }

        Figures.Facts(html,
            ("Training pictures", Words.Count(plan.Pictures.Train)), ("Validation", Words.Count(plan.Pictures.Validation)), ("Test", Words.Count(plan.Pictures.Test)), ("Classes", $"{settings.Classes.Count}"),
            ("Model", settings.Model), ("Picture size", $"{settings.Preprocessing.CropSize} pixels"), ("Epochs", $"{settings.Options.Epochs}"), ("Steps", Words.Count(plan.Steps)));
        foreach (var warning in plan.Warnings)
        {
            html.Add($"<p class=\"verdict warn\"><span>{warning}</span></p>");
        }

        Memory(html, memory);
        Here(html, context, plan, canStart);
        Elsewhere(html, context, plan, canStart);
        html.Markup("<h3>As a command</h3>");
        Layout.Command(html, plan.Form.Command("train"));
    }

    private static void Memory(Html html, MemoryOutlook memory)
    {
        var plan = memory.Plan;
        var (style, verdict) = memory.Fits ? ("good", "It fits.") : memory.IsPossible ? ("warn", $"It does not fit as it is. The run would change: {memory.Change}.") : ("bad", $"It does not fit, and {memory.Change}.");
        html.Add($"<h3>Memory</h3><p class=\"verdict {style}\" id=\"plan-fits\"><span><b>{verdict}</b> {MemoryText.Of(memory.NeededBytes)} would be held");
        html.Add($"{(memory.Limit is { } limit ? $"; there are {MemoryText.Of(limit.Bytes)} ({limit.Source})" : "")}.</span></p>");
        html.Markup("<details><summary>Term by term</summary><table class=\"list memory\"><thead><tr><th scope=\"col\">Term</th><th scope=\"col\" class=\"n\">Memory</th><th scope=\"col\">What it is</th></tr></thead><tbody>");
        foreach (var (name, bytes, note) in new[]
        {
            ("Program", plan.ProgramBytes, "runtime and libraries"), ("Weights", plan.WeightBytes, "and running statistics"), ("Gradients", plan.GradientBytes, ""), ("Optimiser", plan.OptimizerBytes, ""),
            ("Teacher", plan.TeacherBytes, "its weights"), ("Activations", plan.ActivationBytes, "kept for the backward pass"), ("Workspace", plan.WorkspaceBytes, "running gradients, compiled kernels"),
            ("Pictures", plan.PictureBytes, "batches ahead, decoded pictures kept"), ("Peak", plan.PeakBytes, $"in {plan.PeakAt}; not all terms live at once"), ("Validation", plan.ValidationBytes, "its peak"),
        }.Where(term => term.Item2 > 0))
        {
            html.Add($"<tr><th scope=\"row\">{name}</th><td class=\"n\">{MemoryText.Of(bytes)}</td><td>{note}</td></tr>");
        }

        html.Markup("</tbody></table></details>");
    }

    private static void Here(Html html, HttpContext context, TrainPlan plan, bool canStart)
    {
        html.Markup("<h3>On this machine</h3>");
        if (plan is { Speed: { } speed, SecondsHere: { } seconds })
        {
            html.Add($"<p id=\"plan-time\">About <b>{Words.Duration(seconds)}</b> at {Words.Number(speed.ImagesPerSecond, 0)} images per second ({speed.Source}). Validation and reading come on top.</p>");
        }
        else
        {
            html.Markup("<p id=\"plan-time\">How long it takes here is not known: no run with this model and size was made on this machine.</p>");
        }

        if (!canStart || context.Session().Role < Role.Editor)
        {
            html.Add($"<p class=\"note\">{(canStart ? "Starting it from here needs the role of an editor." : "Start it in a terminal with the command below.")}</p>");
            return;
        }

        html.Markup("<div class=\"row\">");
        if (plan.CanStart)
        {
            Form(html, context, plan, "/train/start");
            html.Markup("<button class=\"primary\">Start it here</button></form>");
        }

        if (plan.Speed is null && plan.Problems.Count == 0)
        {
            Form(html, context, plan, "/train/measure");
            html.Markup("<button>Measure two steps</button></form>");
        }

        html.Markup("</div>");
    }

    private static void Elsewhere(Html html, HttpContext context, TrainPlan plan, bool canStart)
    {
        html.Markup("<h3>On a rented machine</h3>");
        if (plan.Offers.Count == 0)
        {
            html.Markup("<p>No offer that is known can run it.</p>");
            return;
        }

        var shown = plan.Offers.Take(OffersShown).ToList();
        html.Markup("<div class=\"scroll card flush\" tabindex=\"0\" role=\"region\" aria-label=\"Hours and price of this training on each offer\"><table class=\"list\"><thead><tr><th scope=\"col\">Offer</th><th scope=\"col\">GPU</th><th scope=\"col\">Kind</th><th scope=\"col\" class=\"n\">USD in all</th><th scope=\"col\" class=\"n\">Hours</th><th scope=\"col\" class=\"n\">USD per hour</th></tr></thead><tbody>");
        foreach (var row in shown)
        {
            html.Add($"<tr class=\"{(row.IsPareto ? "best" : "")}\"><th scope=\"row\">{Name(row)}</th><td>{row.Offer.Gpu.Name}</td><td>{(row.Offer.IsSpot ? "spot" : "on demand")}</td><td class=\"n strong\">{Money.Usd(row.TotalUsd)}{(row.IsPareto ? " ★" : "")}</td><td class=\"n\">{Words.Number(row.Hours, 2)}</td><td class=\"n\">{Money.Usd(row.Offer.PricePerHourUsd)}</td></tr>");
        }

        html.Add($"</tbody></table></div><p class=\"note\">The cheapest {shown.Count} of {Words.Plural(plan.Offers.Count, "offer", "offers")}; set-up and disk are in the price. ★: no other is both cheaper and faster. <a href=\"/gpus?model={Figures.Url(plan.Settings!.Model)}&pictures={plan.Pictures.Train}&epochs={plan.Settings.Options.Epochs}\">All of them</a></p>"); // The caller saw the settings.
        if (!canStart || !plan.CanStart || context.Session().Role < Role.Owner)
        {
            return;
        }

        html.Markup("<details><summary>Rent a machine and train there</summary>");
        Form(html, context, plan, "/train/lease", "filters");
        html.Markup("<div><label for=\"offer\">Offer</label><select id=\"offer\" name=\"offer\">");
        foreach (var row in shown.DistinctBy(Name))
        {
            html.Add($"<option value=\"{Name(row)}\">{Name(row)}: {Money.Usd(row.Offer.PricePerHourUsd)} USD per hour, about {Money.Usd(row.TotalUsd)} in all</option>");
        }

        html.Markup("</select></div>");
        MoneyFields(html, "train");
        html.Markup("<button class=\"primary\">Rent and train</button></form><p class=\"note\">The machine ends with the training, and at these limits whatever happens here. What the provider needs is in <code>sightline doctor</code>.</p></details>");
    }

    /// <summary>The fields that everything that costs money asks for.</summary>
    public static void MoneyFields(Html html, string place)
    {
        html.Add($"<div><label for=\"{place}-cost\">Most that it may cost in all, USD</label><input id=\"{place}-cost\" name=\"maxCost\" type=\"number\" min=\"0.01\" step=\"0.01\" required></div>");
        html.Add($"<div><label for=\"{place}-hours\">Longest time, hours</label><input id=\"{place}-hours\" name=\"maxHours\" type=\"number\" min=\"0.1\" max=\"8760\" step=\"0.1\" value=\"8\" required></div>");
        html.Add($"<div><label class=\"tick\" for=\"{place}-yes\"><input id=\"{place}-yes\" name=\"yes\" value=\"yes\" type=\"checkbox\" required> Yes, up to that amount may be spent</label></div>");
    }

    // Carries what the plan shows, not what is in the fields by now.
    private static void Form(Html html, HttpContext context, TrainPlan plan, string action, string style = "")
    {
        html.Add($"<form method=\"post\" action=\"{action}\" class=\"{style}\">");
        Layout.Token(html, context);
        html.Add($"<input type=\"hidden\" name=\"id\" value=\"{ToolJobs.NewId()}\">");
        foreach (var (name, value) in plan.Form.All)
        {
            html.Add($"<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
        }
    }

    private static string Name(RankedOffer row) => $"{row.Offer.Provider}/{row.Offer.Instance}";
}
