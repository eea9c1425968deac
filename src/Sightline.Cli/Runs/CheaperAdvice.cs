using Sightline.Cli.Gpus;
using Sightline.Compute.Offers;
using Sightline.Compute.Providers;
using Sightline.Native;
using Sightline.Planning;
using Sightline.Runs;

namespace Sightline.Cli.Runs;

/// <summary>What the rest of a run would cost on a cheaper card, by the prices that are known on this machine.</summary>
internal static class CheaperAdvice
{
    /// <summary>The cheapest offer and the saving, in words; null where GPU, price or time left are not known, or staying is cheapest.</summary>
    public static string? Of(RunFolder run, RunView view, RunJob job)
    {
        var card = CheaperRun.Card(job, view.System?.Gpus.FirstOrDefault(seen => seen.Name is not null));
        if (card is not { } here || job.PricePerHourUsd is not { } price || view.SecondsLeft is not { } left || view.TotalSteps == 0)
        {
            return null;
        }

        var epochsLeft = (int)Math.Ceiling(run.Settings.Adjusted.Epochs * (1 - ((double)view.Step / view.TotalSteps)));
        var store = new PriceStore(Path.Combine(NativeRuntime.CacheFolder, "prices"), Path.Combine(PriceAccess.ConfigFolder, "prices"));
        return CheaperRun.Name(run, epochsLeft, here, price, left / 3600, OfferBook.From(store.Read([])).Offers);
    }
}
