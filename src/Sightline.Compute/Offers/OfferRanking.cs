using Sightline.Compute.Planning;

namespace Sightline.Compute.Offers;

/// <summary>Orders offers by what the finished job is expected to cost, not by their price per hour.</summary>
public static class OfferRanking
{
    private const double HoursPerMonth = 730;

    /// <summary>Ranks offers for a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="offers">Offers; those whose GPU cannot run the job are left out. Sightline trains on one GPU: of a machine with several, the rest idles.</param>
    /// <param name="terms">Set-up, disk, traffic, interruptions.</param>
    /// <param name="deadlineHours">Longest time from start to end, hours, that must hold at the expected speed; null for none.</param>
    /// <returns>The cheapest first; among equals the fastest.</returns>
    /// <exception cref="ComputeException">A value of the job or of the terms is out of its range.</exception>
    public static IReadOnlyList<RankedOffer> Rank(TrainingJob job, IEnumerable<Offer> offers, CostTerms terms, double? deadlineHours = null)
    {
        if (terms.Check().ToList() is { Count: > 0 } problems)
        {
            throw new ComputeException(ComputeTrouble.Usage, string.Join(Environment.NewLine, problems));
        }

        var plans = new Dictionary<string, GpuPlan>();
        var ranked = new List<RankedOffer>();
        foreach (var offer in offers)
        {
            if (!plans.TryGetValue(offer.Gpu.Id, out var plan))
            {
                plan = plans[offer.Gpu.Id] = JobPlanner.Plan(job, offer.Gpu);
            }

            if (plan is { Hours: { } hours, LowHours: { } low, HighHours: { } high })
            {
                ranked.Add(Price(job, offer, plan, (hours, low, high), terms));
            }
        }

        return MarkPareto([.. ranked.Where(row => deadlineHours is null || row.Hours <= deadlineHours).OrderBy(row => row.TotalUsd).ThenBy(row => row.Hours)]);
    }

    private static RankedOffer Price(TrainingJob job, Offer offer, GpuPlan plan, (double Expected, double Low, double High) hours, CostTerms terms)
    {
        double Lease(double training) => StartHours(terms) + training + (offer.IsSpot ? LostHours(training, terms) : 0);
        var lease = Lease(hours.Expected);
        var egress = terms.EgressPerGbUsd * (decimal)terms.ResultGb;
        decimal Total(double time) => (offer.PricePerHourUsd * (decimal)time) + Disk(terms, time) + egress;
        var total = Total(lease);
        return new RankedOffer
        {
            Offer = offer,
            Plan = plan,
            Hours = lease,
            HoursRange = (Lease(hours.Low), Lease(hours.High)),
            MachineUsd = offer.PricePerHourUsd * (decimal)lease,
            DiskUsd = Disk(terms, lease),
            EgressUsd = egress,
            TotalRangeUsd = (Total(Lease(hours.Low)), Total(Lease(hours.High))),
            UsdPerMillionImages = total / (decimal)job.TotalPictures * 1_000_000m,
        };
    }

    // The copy runs on the paid machine.
    private static double StartHours(CostTerms terms) => (terms.SetUpMinutes / 60) + (terms.DataGb * 1000 / terms.TransferMBps / 3600);

    // Each interruption costs a new start and half an interval between checkpoints.
    private static double LostHours(double training, CostTerms terms) =>
        training * terms.SpotInterruptionsPerHour * (StartHours(terms) + (terms.CheckpointMinutes / 120));

    private static decimal Disk(CostTerms terms, double hours) => terms.DiskPerGbMonthUsd * (decimal)((terms.DiskGb + terms.DataGb) * hours / HoursPerMonth);

    private static List<RankedOffer> MarkPareto(List<RankedOffer> sorted)
    {
        var fastest = double.PositiveInfinity;
        for (var i = 0; i < sorted.Count; i++)
        {
            if (sorted[i].Hours < fastest)
            {
                fastest = sorted[i].Hours;
                sorted[i] = sorted[i] with { IsPareto = true };
            }
        }

        return sorted;
    }
}
