using System.Globalization;
using Sightline.Compute;
using Sightline.Compute.Leases;
using Sightline.Compute.Storage;
using Sightline.Runs.Report;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Gpus;

/// <summary>What is leased and what it cost so far, from the journal. Only looks: providers are asked by <c>gpu leases</c>.</summary>
internal sealed class LeaseBoard(string? database, TimeProvider time) : IDisposable
{
    private const int Shown = 20;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private Database? _open;

    /// <summary>A lease in a few figures.</summary>
    public sealed record Row(
        string Id, string State, bool IsOpen, string Purpose, string? Provider, string? Instance, string? Gpu, decimal? PricePerHourUsd, decimal CostUsd, decimal MaxCostUsd, DateTimeOffset RequestedAt,
        DateTimeOffset EndBy, DateTimeOffset? EndedAt, string ForUser);

    /// <summary>The newest leases, open ones first; empty where nothing was ever leased.</summary>
    public async Task<IReadOnlyList<Row>> List(CancellationToken cancel)
    {
        if (await Open(cancel) is not { } open)
        {
            return [];
        }

        var now = time.GetUtcNow();
        return [.. (await new LeaseJournal(open).ListAsync(isOpenOnly: false, cancel))
            .OrderByDescending(lease => lease.IsOpen).ThenByDescending(lease => lease.RequestedAt).Take(Shown).Select(lease => Of(lease, now))];
    }

    public static void Write(Html html, IReadOnlyList<Row> leases)
    {
        if (leases.Count == 0)
        {
            return;
        }

        html.Markup("<section aria-labelledby=\"h-leases\"><h2 id=\"h-leases\">Leases</h2>");
        foreach (var lease in leases.Where(lease => lease.ForUser.Length > 0))
        {
            html.Add($"<p class=\"verdict bad\"><span><b>To do for lease {lease.Id}:</b> {lease.ForUser}</span></p>");
        }

        html.Markup("<div class=\"scroll card flush\" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-leases\"><table class=\"list\"><thead><tr><th scope=\"col\">Lease</th><th scope=\"col\">State</th><th scope=\"col\">For</th><th scope=\"col\">Machine</th><th scope=\"col\" class=\"n\">USD per hour</th><th scope=\"col\" class=\"n\">USD so far</th><th scope=\"col\" class=\"n\">Cap</th><th scope=\"col\">Spent</th><th scope=\"col\">Ends by</th></tr></thead><tbody>");
        foreach (var lease in leases)
        {
            html.Add($"<tr><th scope=\"row\">{lease.Id}</th><td>{lease.State}</td><td>{lease.Purpose}</td><td>{lease.Provider} {lease.Instance} {lease.Gpu}</td><td class=\"n\">{lease.PricePerHourUsd?.ToString("0.000", CultureInfo.InvariantCulture)}</td>");
            html.Add($"<td class=\"n strong\">{Money.Usd(lease.CostUsd)}</td><td class=\"n\">{Money.Usd(lease.MaxCostUsd)}</td><td>");
            Figures.Progress(html, lease.MaxCostUsd > 0 ? (double)Math.Min(1, lease.CostUsd / lease.MaxCostUsd) : 0, $"Share of the cap that lease {lease.Id} has spent");
            html.Markup("</td><td>");
            Figures.When(html, lease.EndedAt ?? lease.EndBy);
            html.Markup("</td></tr>");
        }

        html.Markup("</tbody></table></div><p class=\"note\">As the journal has it; <code>sightline gpu leases</code> asks the providers.</p></section>");
    }

    public void Dispose()
    {
        _open?.Dispose();
        _gate.Dispose();
    }

    // Nothing is made here: where nobody leased anything there is no file.
    private async Task<Database?> Open(CancellationToken cancel)
    {
        if (_open is not null || database is null || (!File.Exists(database) && !database.Contains("://", StringComparison.Ordinal) && !database.Contains('=', StringComparison.Ordinal)))
        {
            return _open;
        }

        await _gate.WaitAsync(cancel);
        try
        {
            return _open ??= await Database.OpenAsync(database, cancel);
        }
        catch (ComputeException)
        {
            return null; // 'gpu leases' says why; prices are shown all the same.
        }
        finally
        {
            _gate.Release();
        }
    }

    private static Row Of(Lease lease, DateTimeOffset now)
    {
        var offer = lease.Current?.Offer ?? lease.Attempts.LastOrDefault()?.Offer;
        return new Row(
            lease.Id, lease.State.ToString().ToLowerInvariant(), lease.IsOpen, lease.Purpose, lease.Current?.Provider ?? offer?.Provider, offer?.Instance, offer?.GpuId, lease.Current?.PricePerHourUsd,
            decimal.Round(LeaseCost.SoFarUsd(lease, lease.EndedAt ?? now), 4), lease.Limits.MaxCostUsd, lease.RequestedAt, LeaseCost.EndBy(lease, now), lease.EndedAt, lease.ForUser);
    }
}
