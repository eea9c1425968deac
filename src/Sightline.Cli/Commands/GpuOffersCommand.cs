using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Gpus;
using Sightline.Cli.Output;
using Sightline.Compute.Offers;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline gpu offers</c>: prices per hour, with their age and source. What a job costs is <c>gpu plan</c>'s.</summary>
internal static class GpuOffersCommand
{
    public static Command Create()
    {
        var offers = new OfferArguments();
        var limit = new Option<int>("--limit") { Description = "Rows to show; 0 shows all.", HelpName = "N", DefaultValueFactory = _ => 40 };
        var command = new Command("offers", "Machines with GPUs to rent: price per hour, age and source. 'sightline gpu plan' ranks them for a job.") { limit };
        offers.AddTo(command);
        return command.Does(invocation =>
        {
            var query = offers.Query(invocation.Arguments);
            var (book, notes) = PriceAccess.Read(invocation, offers, query);
            var rows = book.Offers.Where(query.Admits).OrderBy(offer => offer.PricePerHourUsd / offer.GpuCount).ThenBy(offer => offer.Provider, StringComparer.Ordinal).ToList();
            var today = PriceAccess.Today;
            invocation.Result(Document(book, notes, rows, today), text => Write(text, book, notes, rows, today, invocation.Arguments.GetValue(limit)));
        });
    }

    private static object Document(OfferBook book, IReadOnlyList<string> notes, List<Offer> rows, DateOnly today) => new
    {
        Offers = rows.Select(offer => new
        {
            offer.Provider,
            offer.Instance,
            Gpu = offer.Gpu.Id,
            offer.GpuCount,
            offer.VirtualCpus,
            offer.MemoryGib,
            offer.Region,
            offer.PricePerHourUsd,
            offer.IsSpot,
            offer.SeenOn,
            AgeDays = offer.AgeDays(today),
            offer.Source,
            offer.Doubts,
            IsSupported = offer.Gpu.Refusal is null,
        }),
        Findings = book.Findings.Select(finding => new { Row = finding.Row.ToString(), finding.Rule, finding.Verdict, finding.Explanation }),
        UnknownGpus = book.Unknown,
        Notes = notes,
    };

    private static void Write(TextWriter text, OfferBook book, IReadOnlyList<string> notes, List<Offer> rows, DateOnly today, int limit)
    {
        var table = new TextTable("PROVIDER", "INSTANCE", "GPUS", "REGION", "USD/H", "KIND", "AGE", "SOURCE") { RightAligned = [4, 6] };
        foreach (var offer in limit > 0 ? rows.Take(limit) : rows)
        {
            table.Add(offer.Provider, offer.Instance, $"{offer.GpuCount} x {offer.Gpu.Id}", offer.Region, $"{offer.PricePerHourUsd:0.000}", offer.IsSpot ? "spot" : "on demand",
                offer.AgeDays(today) is { } age ? $"{age} d" : "?", offer.Source + (offer.Doubts.Count > 0 ? " (doubtful)" : ""));
        }

        table.Write(text);
        text.WriteLine();
        text.WriteLine(limit > 0 && rows.Count > limit ? $"{limit} of {rows.Count} offers, the lowest price per GPU and hour first; --limit 0 shows all." : $"{rows.Count} offers, the lowest price per GPU and hour first.");
        text.WriteLine("A low price per hour is not a cheap job: 'sightline gpu plan --model NAME --data N --epochs E' compares what the job costs.");
        foreach (var finding in book.Findings)
        {
            text.WriteLine($"{finding.Verdict}: {finding.Row}: {finding.Explanation}");
        }

        if (book.Unknown.Count > 0)
        {
            text.WriteLine($"Not in the GPU table, so left out: {string.Join(", ", book.Unknown)}.");
        }

        foreach (var note in notes)
        {
            text.WriteLine(note);
        }
    }
}
