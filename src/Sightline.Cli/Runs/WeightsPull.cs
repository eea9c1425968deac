using Sightline.Cli.CommandLine;
using Sightline.Cli.Datasets;
using Sightline.Training;
using Sightline.Weights;

namespace Sightline.Cli.Runs;

/// <summary>Brings published weights to this machine.</summary>
internal static class WeightsPull
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The weights that a training asks for by name, fetched where they are missing.</summary>
    public static void Ensure(TrainOptions options, Invocation invocation)
    {
        if (WeightsCatalog.Chosen(options.Pretrained, options.Model) is { } weights)
        {
            var cached = Run(weights, new WeightsPullOptions(), invocation);
            invocation.Say($"Weights {weights.Name} ({weights.Source}){(cached.WasFetched ? $" are now in {cached.Path}" : "")}.");
        }
    }

    // The one network wait of these commands; the rest is synchronous, so it is waited for here.
    public static CachedWeights Run(PublishedWeights weights, WeightsPullOptions options, Invocation invocation)
    {
        using var http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = Patience }) { Timeout = TimeSpan.FromHours(24) };
        var lines = new ImportLines(invocation, TimeProvider.System);
        try
        {
            var stop = invocation.Interrupts.StopSaying("Stopping the download; the next one goes on from here.");
            return new WeightsCache(WeightsCache.DefaultFolder, TimeProvider.System).PullAsync(weights, options, http, lines, stop).GetAwaiter().GetResult();
        }
        finally
        {
            lines.End();
        }
    }
}
