using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sightline.Compute.Offers;
using Sightline.Compute.Planning;
using Sightline.Compute.Providers;
using Sightline.Models;
using Sightline.Planning;
using Sightline.Runs.Report;
using Sightline.Studio.Jobs;
using Sightline.Studio.Shared;
using Sightline.Studio.Train;

namespace Sightline.Studio.Gpus;

/// <summary><c>/gpus</c>: machines to rent. With a job: hours and cost of the whole job on each, the cheapest first.</summary>
internal sealed class GpusPage(StudioOptions options, LeaseBoard board, TrainPlanner planner, ToolJobs jobs, TimeProvider time)
{
    private const int Shown = 60;

    private readonly LeaseActions _actions = new(planner, jobs);

    public void Map(Endpoints pages)
    {
        pages.Get("/gpus", Show);
        _actions.Map(pages);
    }

    private async Task Show(HttpContext context)
    {
        var leases = await board.List(context.RequestAborted);
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var book = OfferBook.From(new PriceStore(options.Prices.Cache, options.Prices.Sheets).Read([]));
        var (model, pictures, epochs) = (context.Query("model"), context.Query("pictures", 50_000, 1, int.MaxValue), context.Query("epochs", 20, 1, 100_000));
        var (provider, gpu, isSpot) = (context.Query("provider"), context.Query("gpu"), context.Query("kind"));
        var query = new OfferQuery
        {
            Providers = provider is null ? [] : [provider],
            Gpus = gpu is null ? [] : [gpu],
            GpuCount = model is null ? null : 1,
            IsSpot = isSpot switch { "spot" => true, "demand" => false, _ => null },
        };
        var offers = book.Offers.Where(query.Admits).OrderBy(offer => offer.PricePerHourUsd / offer.GpuCount).ToList();
        var ranked = model is null ? null : OfferRanking.Rank(
            new TrainingJob { Model = TrainingCosts.Of(ModelCatalog.Find(model), null, 1000), Pictures = pictures, Epochs = epochs }, offers, new CostTerms(), null);
        var command = model is null ? "sightline gpu offers" : $"sightline gpu plan --model {model} --data {pictures} --epochs {epochs}";
        object facts = ranked is null
            ? new { leases, offers = offers.Select(offer => new { offer.Provider, offer.Instance, gpu = offer.Gpu.Id, offer.GpuCount, offer.Region, offer.PricePerHourUsd, offer.IsSpot, ageDays = offer.AgeDays(today), offer.Source }) }
            : new { leases, model, pictures, epochs, offers = ranked.Select(row => new { row.Offer.Provider, row.Offer.Instance, gpu = row.Offer.Gpu.Id, row.Offer.Region, row.Offer.PricePerHourUsd, row.Offer.IsSpot, row.Hours, row.TotalUsd, row.IsPareto }) };
        await context.Page(new Page("GPUs", "/gpus", [command, .. leases.Count > 0 ? (string[])["sightline gpu leases"] : []]), facts, html =>
        {
            Layout.Heading(html, "GPUs", "Machines to rent. A low price per hour is not a cheap job: name a job to see what it costs in all.");
            LeaseBoard.Write(html, leases);
            _actions.Write(html, context, leases, ranked is null ? offers : [.. ranked.Select(row => row.Offer)]);
            Filters(html, book, model, pictures, epochs, provider, gpu, isSpot);
            if (ranked is null)
            {
                Offers(html, offers, today);
            }
            else
            {
                Ranked(html, ranked, today);
            }
        });
    }

    private static void Filters(Html html, OfferBook book, string? model, int pictures, int epochs, string? provider, string? gpu, string? kind)
    {
        html.Markup("<form class=\"filters\" method=\"get\" action=\"/gpus\"><div><label for=\"model\">Model of the job</label><select id=\"model\" name=\"model\"><option value=\"\">No job: prices per hour</option>");
        foreach (var variant in ModelCatalog.All)
        {
            Layout.Choice(html, variant.Name, variant.Name, variant.Name == model);
        }

        html.Add($"</select></div><div><label for=\"job-pictures\">Training pictures</label><input id=\"job-pictures\" name=\"pictures\" type=\"number\" min=\"1\" value=\"{pictures}\"></div>");
        html.Add($"<div><label for=\"epochs\">Epochs</label><input id=\"epochs\" name=\"epochs\" type=\"number\" min=\"1\" value=\"{epochs}\"></div>");
        Choice(html, "provider", "Provider", provider, [.. book.Offers.Select(offer => offer.Provider).Distinct().Order(StringComparer.Ordinal).Select(name => (name, name))]);
        Choice(html, "gpu", "GPU", gpu, [.. book.Offers.Select(offer => offer.Gpu.Id).Distinct().Order(StringComparer.Ordinal).Select(name => (name, name))]);
        Choice(html, "kind", "Kind", kind, [("spot", "Spot"), ("demand", "On demand")]);
        html.Markup("<button class=\"primary\">Show</button></form>");
    }

    private static void Choice(Html html, string id, string name, string? chosen, IReadOnlyList<(string Value, string Words)> choices)
    {
        html.Add($"<div><label for=\"{id}\">{name}</label><select id=\"{id}\" name=\"{id}\"><option value=\"\">All</option>");
        foreach (var (value, words) in choices)
        {
            Layout.Choice(html, value, words, value == chosen);
        }

        html.Markup("</select></div>");
    }

    private static void Offers(Html html, IReadOnlyList<Offer> offers, DateOnly today)
    {
        html.Markup("<div class=\"scroll card flush\" tabindex=\"0\" role=\"region\" aria-label=\"Offers\"><table class=\"list\"><thead><tr><th scope=\"col\">Provider</th><th scope=\"col\">Machine</th><th scope=\"col\">GPUs</th><th scope=\"col\">Region</th><th scope=\"col\">Kind</th><th scope=\"col\" class=\"n\">USD per hour</th><th scope=\"col\" class=\"n\">Age</th><th scope=\"col\">Source</th></tr></thead><tbody>");
        foreach (var offer in offers.Take(Shown))
        {
            html.Add($"<tr><th scope=\"row\">{offer.Provider}</th><td>{offer.Instance}</td><td>{offer.GpuCount} × {offer.Gpu.Name}</td><td>{offer.Region}</td><td>{(offer.IsSpot ? "spot" : "on demand")}</td><td class=\"n strong\">{Money.Usd(offer.PricePerHourUsd, "0.000")}</td><td class=\"n\">{Age(offer, today)}</td><td>{offer.Source}</td></tr>");
        }

        html.Add($"</tbody></table></div><p class=\"note\">{Math.Min(Shown, offers.Count)} of {Words.Plural(offers.Count, "offer", "offers")}, the lowest price per GPU and hour first. Prices are of the day given, not live: 'sightline gpu offers --refresh' asks the providers.</p>");
    }

    private static void Ranked(Html html, IReadOnlyList<RankedOffer> ranked, DateOnly today)
    {
        html.Markup("<div class=\"scroll card flush\" tabindex=\"0\" role=\"region\" aria-label=\"Cost of the job\"><table class=\"list\"><thead><tr><th scope=\"col\">Provider</th><th scope=\"col\">Machine</th><th scope=\"col\">GPU</th><th scope=\"col\">Region</th><th scope=\"col\">Kind</th><th scope=\"col\" class=\"n\">USD per job</th><th scope=\"col\" class=\"n\">Hours</th><th scope=\"col\" class=\"n\">USD per hour</th><th scope=\"col\" class=\"n\">Age</th></tr></thead><tbody>");
        foreach (var row in ranked.Take(Shown))
        {
            html.Add($"<tr class=\"{(row.IsPareto ? "best" : "")}\"><th scope=\"row\">{row.Offer.Provider}</th><td>{row.Offer.Instance}</td><td>{row.Offer.Gpu.Name}</td><td>{row.Offer.Region}</td><td>{(row.Offer.IsSpot ? "spot" : "on demand")}</td>");
            html.Add($"<td class=\"n strong\">{Money.Usd(row.TotalUsd)}{(row.IsPareto ? " ★" : "")}</td><td class=\"n\">{Words.Number(row.Hours, 2)}</td><td class=\"n\">{Money.Usd(row.Offer.PricePerHourUsd, "0.000")}</td><td class=\"n\">{Age(row.Offer, today)}</td></tr>");
        }

        html.Add($"</tbody></table></div><p class=\"note\">{Math.Min(Shown, ranked.Count)} of {Words.Plural(ranked.Count, "offer", "offers")}, the cheapest job first; set-up, transfer and disk are in the price. ★: no other offer is both cheaper and faster. Estimated for 1,000 classes at the model's published size; 'sightline gpu plan' takes the rest.</p>");
    }


    private static string Age(Offer offer, DateOnly today) => offer.AgeDays(today) is { } days ? $"{days} d" : "?";
}
