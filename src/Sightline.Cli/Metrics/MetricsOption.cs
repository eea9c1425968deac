using System.CommandLine;
using Sightline.Cli.CommandLine;

namespace Sightline.Cli.Metrics;

/// <summary><c>--metrics-port</c>.</summary>
internal static class MetricsOption
{
    public static Option<int?> Create() => new("--metrics-port")
    {
        Description = "Serve the training's figures to Prometheus at http://localhost:N/metrics while it runs.",
        HelpName = "N",
    };

    /// <summary>The server, while it is wanted; null where it is not.</summary>
    public static MetricsServer? Serve(this Option<int?> option, Invocation invocation) =>
        invocation.Arguments.GetValue(option) is { } port ? new MetricsServer(port) : null;
}
