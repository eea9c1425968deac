using System.Globalization;
using System.Net;
using System.Text;
using Sightline.Compute.Offers;
using Sightline.Compute.Planning;
using Sightline.Compute.Providers;

namespace Sightline.Compute.Reports;

/// <summary>One page that compares the providers for one job: the best of each, the front of time and money, all offers. No script, no outside file.</summary>
public static class ComparisonPage
{
    private const int Width = 760;
    private const int Height = 420;
    private const int Edge = 60;
    private static readonly string[] _colours = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#7f7f7f", "#bcbd22", "#e377c2"];

    /// <summary>Makes the page.</summary>
    /// <param name="job">The job.</param>
    /// <param name="plans">The job on each GPU.</param>
    /// <param name="ranked">The offers, the cheapest first.</param>
    /// <param name="terms">The assumptions behind the totals.</param>
    /// <param name="today">Today, UTC.</param>
    /// <returns>HTML in UTF-8.</returns>
    public static string Write(TrainingJob job, IReadOnlyList<GpuPlan> plans, IReadOnlyList<RankedOffer> ranked, CostTerms terms, DateOnly today)
    {
        var page = new StringBuilder();
        page.Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>GPU offers for ").Append(Safe(job.Model.Name)).Append("</title>\n<style>")
            .Append("body{font:15px/1.45 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#222}table{border-collapse:collapse;margin:1rem 0}")
            .Append("th,td{padding:.25rem .6rem;border-bottom:1px solid #ddd;text-align:left;white-space:nowrap}td.n,th.n{text-align:right}tr.front{font-weight:600}.quiet{color:#666}svg text{font:12px system-ui,sans-serif}")
            .Append("</style></head><body>\n");
        page.Append(Text($"<h1>{Safe(job.Model.Name)} at {job.Model.Size} px</h1>\n<p>{job.Pictures:N0} pictures x {job.Epochs} epochs. What counts is the price of the finished job, not of the hour. Prices as of the day in their row; page of {today:yyyy-MM-dd}.</p>\n"));
        Providers(page, ranked, today);
        if (ranked.Count > 0)
        {
            Plot(page, ranked);
        }

        Offers(page, ranked, today);
        Gpus(page, job, plans);
        page.Append(Text($"<h2>Assumptions</h2><p>Set-up {terms.SetUpMinutes:0.#} min; {terms.DataGb:0.##} GB of data copied at {terms.TransferMBps:0.#} MB/s on the paid machine; disk {terms.DiskGb + terms.DataGb:0.#} GB at {terms.DiskPerGbMonthUsd:0.###} USD per GB and month; {terms.ResultGb:0.##} GB out at {terms.EgressPerGbUsd:0.###} USD per GB; {terms.SpotInterruptionsPerHour:0.###} interruptions of a spot machine per hour, checkpoint each {terms.CheckpointMinutes:0.#} min. The ranges are those of the speed estimate: nine of ten calibration rows lie inside. One GPU trains.</p>\n</body></html>\n"));
        return page.ToString();
    }

    private static void Providers(StringBuilder page, IReadOnlyList<RankedOffer> ranked, DateOnly today)
    {
        page.Append("<h2>Providers: the cheapest job of each</h2><table><tr><th>Provider<th>GPU<th>Kind<th class=n>USD/h<th class=n>Hours<th class=n>USD/job<th class=n>Range<th class=n>USD per million images<th>Age</tr>\n");
        var names = ProviderCatalog.All.Select(source => (source.Id, source.Name)).Concat(ranked.Select(row => row.Offer.Provider).Where(id => ProviderCatalog.All.All(source => source.Id != id)).Distinct().Select(id => (Id: id, Name: id)));
        foreach (var (id, name) in names.OrderBy(entry => ranked.FirstOrDefault(row => row.Offer.Provider == entry.Id)?.TotalUsd ?? decimal.MaxValue))
        {
            if (ranked.FirstOrDefault(row => row.Offer.Provider == id) is { } best)
            {
                page.Append(Text($"<tr><td>{Safe(name)}<td>{Safe(best.Offer.Gpu.Name)}<td>{Kind(best)}<td class=n>{best.Offer.PricePerHourUsd:0.000}<td class=n>{best.Hours:0.0}<td class=n>{best.TotalUsd:0.00}<td class=n>{best.TotalRangeUsd.Low:0.00} - {best.TotalRangeUsd.High:0.00}<td class=n>{best.UsdPerMillionImages:0.000}<td>{Age(best, today)}</tr>\n"));
            }
            else
            {
                var about = ProviderCatalog.All.First(source => source.Id == id).About;
                page.Append(Text($"<tr class=quiet><td>{Safe(name)}<td colspan=8>no offer for this job: {Safe(about)}</tr>\n"));
            }
        }

        page.Append("</table>\n");
    }

    private static void Plot(StringBuilder page, IReadOnlyList<RankedOffer> ranked)
    {
        var (left, right) = (Math.Log(ranked.Min(row => row.Hours) * 0.9), Math.Log(ranked.Max(row => row.Hours) * 1.1));
        var (bottom, top) = (Math.Log((double)ranked.Min(row => row.TotalUsd) * 0.9), Math.Log((double)ranked.Max(row => row.TotalUsd) * 1.1));
        double X(double hours) => Edge + ((Math.Log(hours) - left) / (right - left) * (Width - (2 * Edge)));
        double Y(decimal usd) => Height - Edge - ((Math.Log((double)usd) - bottom) / (top - bottom) * (Height - (2 * Edge)));
        var providers = ranked.Select(row => row.Offer.Provider).Distinct().Order(StringComparer.Ordinal).ToList();
        page.Append(Text($"<h2>Time against money</h2><svg viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" role=\"img\" aria-label=\"Hours and cost of each offer\">\n"));
        page.Append(Text($"<line x1=\"{Edge}\" y1=\"{Height - Edge}\" x2=\"{Width - Edge}\" y2=\"{Height - Edge}\" stroke=\"#888\"/><line x1=\"{Edge}\" y1=\"{Edge}\" x2=\"{Edge}\" y2=\"{Height - Edge}\" stroke=\"#888\"/>\n"));
        foreach (var hours in Ticks(Math.Exp(left), Math.Exp(right)))
        {
            page.Append(Text($"<line x1=\"{X(hours):0.0}\" y1=\"{Height - Edge}\" x2=\"{X(hours):0.0}\" y2=\"{Height - Edge + 5}\" stroke=\"#888\"/><text x=\"{X(hours):0.0}\" y=\"{Height - Edge + 20}\" text-anchor=\"middle\">{hours:0.##} h</text>\n"));
        }

        foreach (var usd in Ticks(Math.Exp(bottom), Math.Exp(top)))
        {
            page.Append(Text($"<line x1=\"{Edge - 5}\" y1=\"{Y((decimal)usd):0.0}\" x2=\"{Edge}\" y2=\"{Y((decimal)usd):0.0}\" stroke=\"#888\"/><text x=\"{Edge - 8}\" y=\"{Y((decimal)usd) + 4:0.0}\" text-anchor=\"end\">${usd:0.##}</text>\n"));
        }

        var front = ranked.Where(row => row.IsPareto).ToList();
        page.Append("<polyline fill=\"none\" stroke=\"#bbb\" stroke-width=\"2\" points=\"").AppendJoin(' ', front.Select(row => Text($"{X(row.Hours):0.0},{Y(row.TotalUsd):0.0}"))).Append("\"/>\n");
        foreach (var row in ranked)
        {
            var colour = _colours[providers.IndexOf(row.Offer.Provider) % _colours.Length];
            page.Append(Text($"<circle cx=\"{X(row.Hours):0.0}\" cy=\"{Y(row.TotalUsd):0.0}\" r=\"{(row.IsPareto ? 6 : 4)}\" fill=\"{(row.Offer.IsSpot ? "none" : colour)}\" stroke=\"{colour}\" stroke-width=\"2\"><title>{Safe(row.Offer.Provider)} {Safe(row.Offer.Instance)}, {Safe(row.Offer.Gpu.Name)}, {Kind(row)}: {row.Hours:0.0} h, ${row.TotalUsd:0.00}</title></circle>\n"));
        }

        for (var i = 0; i < providers.Count; i++)
        {
            page.Append(Text($"<circle cx=\"{Width - Edge - 80}\" cy=\"{20 + (18 * i)}\" r=\"5\" fill=\"{_colours[i % _colours.Length]}\"/><text x=\"{Width - Edge - 70}\" y=\"{24 + (18 * i)}\">{Safe(providers[i])}</text>\n"));
        }

        page.Append("</svg>\n<p class=quiet>Both axes logarithmic. Filled: on demand; hollow: spot. The line joins the offers that no other beats in both time and money.</p>\n");
    }

    private static void Offers(StringBuilder page, IReadOnlyList<RankedOffer> ranked, DateOnly today)
    {
        page.Append("<h2>All offers, the cheapest job first</h2><table><tr><th>Provider<th>Machine<th>GPU<th>Region<th>Kind<th class=n>USD/h<th class=n>Hours<th class=n>USD/job<th class=n>Range<th>Age<th>Source</tr>\n");
        foreach (var row in ranked)
        {
            page.Append(Text($"<tr{(row.IsPareto ? " class=front" : "")}><td>{Safe(row.Offer.Provider)}<td>{Safe(row.Offer.Instance)}<td>{Safe(row.Offer.Gpu.Id)}<td>{Safe(row.Offer.Region)}<td>{Kind(row)}<td class=n>{row.Offer.PricePerHourUsd:0.000}<td class=n>{row.Hours:0.0}<td class=n>{row.TotalUsd:0.00}<td class=n>{row.TotalRangeUsd.Low:0.00} - {row.TotalRangeUsd.High:0.00}<td>{Age(row, today)}<td>{Safe(row.Offer.Source)}{(row.Offer.Doubts.Count > 0 ? Safe(" Doubtful: " + string.Join(' ', row.Offer.Doubts)) : "")}</tr>\n"));
        }

        page.Append("</table>\n<p class=quiet>Bold: no other offer is both cheaper and faster.</p>\n");
    }

    private static void Gpus(StringBuilder page, TrainingJob job, IReadOnlyList<GpuPlan> plans)
    {
        page.Append("<h2>GPUs</h2><table><tr><th>GPU<th class=n>Largest batch<th class=n>Batch<th>Precision<th class=n>Memory of a step, GiB<th class=n>Images/s<th class=n>Hours<th>Calibrated on</tr>\n");
        if (job.Measured is { } here)
        {
            page.Append(Text($"<tr><td>here: {Safe(here.DeviceName)}<td class=n>{here.LargestBatch}<td class=n>{here.Batch}<td>{here.Precision}<td class=n>{here.PeakBytes / (1 << 30):0.0}<td class=n>{here.ImagesPerSecond:0.#} ({here.LowImagesPerSecond:0.#} - {here.HighImagesPerSecond:0.#})<td class=n>{job.TotalPictures / here.ImagesPerSecond / 3600:0.0}<td style=\"white-space:normal\">{Safe(here.Words)}</tr>\n"));
        }

        foreach (var plan in plans.OrderBy(plan => plan.Hours ?? double.MaxValue))
        {
            page.Append(plan is { Setup: { } setup, Memory: { } memory, Speed: { } speed }
                ? Text($"<tr><td>{Safe(plan.Gpu.Name)}<td class=n>{plan.LargestBatch}<td class=n>{(plan.Accumulation > 1 ? $"{plan.Accumulation} x " : "")}{setup.Batch}<td>{plan.Precision}{(setup.IsCheckpointed ? ", checkpointing" : "")}<td class=n>{memory.Bytes / (1 << 30):0.0} ({memory.LowBytes / (1 << 30):0.0} - {memory.HighBytes / (1 << 30):0.0})<td class=n>{speed.ImagesPerSecond:0} ({speed.LowImagesPerSecond:0} - {speed.HighImagesPerSecond:0})<td class=n>{plan.Hours:0.0}<td style=\"white-space:normal\">{Safe(speed.Basis)}</tr>\n")
                : Text($"<tr class=quiet><td>{Safe(plan.Gpu.Name)}<td colspan=7 style=\"white-space:normal\">{Safe(plan.Refusal ?? "")}</tr>\n"));
        }

        page.Append("</table>\n");
    }

    private static IEnumerable<double> Ticks(double low, double high)
    {
        for (var power = Math.Pow(10, Math.Floor(Math.Log10(low))); power <= high; power *= 10)
        {
            foreach (var step in new[] { 1.0, 2, 5 })
            {
                if (step * power >= low && step * power <= high)
                {
                    yield return step * power;
                }
            }
        }
    }

    private static string Kind(RankedOffer row) => row.Offer.IsSpot ? "spot" : "on demand";

    private static string Age(RankedOffer row, DateOnly today) => row.Offer.AgeDays(today) is { } days ? Text($"{days} d") : "?";

    private static string Safe(string text) => WebUtility.HtmlEncode(text);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
