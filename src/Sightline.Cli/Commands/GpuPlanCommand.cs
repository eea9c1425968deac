using System.CommandLine;
using Sightline.Cli.CommandLine;
using Sightline.Cli.Gpus;
using Sightline.Cli.Output;
using Sightline.Compute.Gpus;
using Sightline.Compute.Offers;
using Sightline.Compute.Planning;
using Sightline.Compute.Reports;

namespace Sightline.Cli.Commands;

/// <summary><c>sightline gpu plan</c>: what a job needs on each GPU, and what it costs on each offer.</summary>
internal static class GpuPlanCommand
{
    public static Command Create()
    {
        var job = new JobArguments();
        var offers = new OfferArguments();
        var deadline = new Option<double?>("--deadline") { Description = "Longest time from start to end, hours.", HelpName = "H" };
        var html = new Option<string?>("--html") { Description = "Write the comparison as a page.", HelpName = "FILE" };
        var limit = new Option<int>("--limit") { Description = "Offers to show; 0 shows all.", HelpName = "N", DefaultValueFactory = _ => 15 };
        var command = new Command("plan", "Memory, batch, speed, hours and cost of a training job, per GPU and per offer: USD per finished job.");
        job.AddTo(command);
        command.Add(deadline);
        command.Add(html);
        command.Add(limit);
        offers.AddTo(command);
        return command.Does(invocation =>
        {
            var arguments = invocation.Arguments;
            var work = job.Job(invocation);
            var query = offers.Query(arguments, count: 1); // Training runs on one GPU.
            var (book, notes) = PriceAccess.Read(invocation, offers, query);
            var ranked = OfferRanking.Rank(work, book.Offers.Where(query.Admits), job.Terms(arguments), arguments.GetValue(deadline));
            var plans = GpuCatalog.All.Where(gpu => query.Gpus.Count == 0 || query.Gpus.Any(id => gpu.Id.StartsWith(id, StringComparison.OrdinalIgnoreCase)))
                .Select(gpu => JobPlanner.Plan(work, gpu)).ToList();
            if (arguments.GetValue(html) is { } page)
            {
                AtomicFile.WriteText(page, ComparisonPage.Write(work, plans, ranked, job.Terms(arguments), PriceAccess.Today));
                invocation.Say($"The comparison is in {page}.");
            }

            invocation.Result(PlanOutput.Document(work, plans, ranked, notes, PriceAccess.Today), text => PlanOutput.Write(text, work, plans, ranked, notes, PriceAccess.Today, arguments.GetValue(limit)));
        });
    }
}
