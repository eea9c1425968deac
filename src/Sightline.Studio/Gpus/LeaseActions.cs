using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Sightline.Compute.Offers;
using Sightline.Runs.Report;
using Sightline.Studio.Access;
using Sightline.Studio.Jobs;
using Sightline.Studio.Shared;
using Sightline.Studio.Train;

namespace Sightline.Studio.Gpus;

/// <summary>Lease, extend and end, for owners: the commands <c>gpu lease</c>, <c>gpu extend</c> and <c>gpu end</c>, each with its cap and a yes.</summary>
internal sealed partial class LeaseActions(TrainPlanner planner, ToolJobs jobs)
{
    private const int OffersShown = 30;

    public void Map(Endpoints pages)
    {
        pages.Post("/gpus/lease", Role.Owner, Lease);
        pages.Post("/gpus/extend", Role.Owner, Extend);
        pages.Post("/gpus/end", Role.Owner, End);
    }

    /// <summary>What an owner may do with each open lease, and a new one.</summary>
    public void Write(Html html, HttpContext context, IReadOnlyList<LeaseBoard.Row> leases, IReadOnlyList<Offer> offers)
    {
        if (!jobs.CanStart || context.Session().Role < Role.Owner)
        {
            return;
        }

        foreach (var lease in leases.Where(lease => lease.IsOpen))
        {
            html.Add($"<section class=\"card\" aria-labelledby=\"h-{lease.Id}\"><h3 id=\"h-{lease.Id}\">Lease {lease.Id}</h3>");
            Begin(html, context, "/gpus/end", "row");
            html.Add($"<input type=\"hidden\" name=\"lease\" value=\"{lease.Id}\"><button>End it</button><span class=\"note\">The provider is asked until it says that the machine is gone.</span></form>");
            html.Markup("<details><summary>Extend it</summary>");
            Begin(html, context, "/gpus/extend", "filters");
            html.Add($"<input type=\"hidden\" name=\"lease\" value=\"{lease.Id}\">");
            PlanPart.MoneyFields(html, $"extend-{lease.Id}");
            html.Markup("<button class=\"primary\">Change its limits</button></form><p class=\"note\">Both count from its beginning, not from now.</p></details></section>");
        }

        html.Markup("<details><summary>Lease a machine</summary>");
        Begin(html, context, "/gpus/lease", "filters");
        html.Markup("<div><label for=\"lease-offer\">Offer</label><select id=\"lease-offer\" name=\"offer\">");
        foreach (var offer in offers.DistinctBy(Name).Take(OffersShown))
        {
            html.Add($"<option value=\"{Name(offer)}\">{Name(offer)}: {Words.Number((double)offer.PricePerHourUsd, 3)} USD per hour, {offer.GpuCount} × {offer.Gpu.Name}</option>");
        }

        html.Markup("</select></div>");
        PlanPart.MoneyFields(html, "lease");
        html.Markup("<button class=\"primary\">Lease it</button></form><p class=\"note\">The machine ends at these limits, or after 20 idle minutes, whatever happens here. The filters below choose the offers.</p></details>");
    }

    private async Task Lease(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var offer = $"{form["offer"]}";
        var slash = offer.IndexOf('/', StringComparison.Ordinal);
        if (slash < 1 || !planner.HasOffer(offer[..slash], offer[(slash + 1)..]))
        {
            throw new SettingsException($"'{offer}' is no offer that is known. Load the page again and choose one of those shown.");
        }

        var (cost, hours) = Money.Read(form);
        await Start(context, form, $"Lease {offer}", ["gpu", "lease", offer, $"--max-cost={cost}", $"--max-hours={hours}", "--yes"]);
    }

    private async Task Extend(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var (cost, hours) = Money.Read(form);
        var lease = Id(form);
        await Start(context, form, $"Extend {lease}", ["gpu", "extend", lease, $"--max-cost={cost}", $"--max-hours={hours}", "--yes"]);
    }

    private async Task End(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var lease = Id(form);
        await Start(context, form, $"End {lease}", ["gpu", "end", lease]);
    }

    private Task Start(HttpContext context, IFormCollection form, string title, IReadOnlyList<string> arguments) =>
        context.Back(jobs.Start(new ToolJobs.Order($"{form["id"]}", title, [.. arguments, "--json"], $"sightline {string.Join(' ', arguments).Replace('=', ' ')}", "/gpus")));

    private static void Begin(Html html, HttpContext context, string action, string style)
    {
        html.Add($"<form method=\"post\" action=\"{action}\" class=\"{style}\">");
        Layout.Token(html, context);
        html.Add($"<input type=\"hidden\" name=\"id\" value=\"{ToolJobs.NewId()}\">");
    }

    private static string Id(IFormCollection form) => IsLease().IsMatch($"{form["lease"]}") ? $"{form["lease"]}" : throw new SettingsException($"'{form["lease"]}' is no lease.");

    private static string Name(Offer offer) => $"{offer.Provider}/{offer.Instance}";

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_-]{0,60}$")]
    private static partial Regex IsLease();
}
