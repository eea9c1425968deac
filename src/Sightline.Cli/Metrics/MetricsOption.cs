using System.CommandLine;
using Sightline.Cli.CommandLine;

namespace Sightline.Cli.Metrics;

/// <summary><c>--metrics-port</c> and <c>--otlp-endpoint</c>: where a training's figures go.</summary>
internal sealed class MetricsOption
{
    private readonly Option<int?> _port = new("--metrics-port")
    {
        Description = "Serve the training's figures to Prometheus at http://localhost:N/metrics while it runs.",
        HelpName = "N",
    };

    private readonly Option<string?> _endpoint = new("--otlp-endpoint")
    {
        Description = "Push the training's figures to an OpenTelemetry collector (OTLP over HTTP, JSON), such as http://localhost:4318.",
        HelpName = "URL",
    };

    public void AddTo(Command command)
    {
        command.Add(_port);
        command.Add(_endpoint);
    }

    /// <summary>What serves and pushes the figures, while it is wanted; to be disposed when the training is over.</summary>
    /// <exception cref="SettingsException">A port or an address cannot be used.</exception>
    public IDisposable Serve(Invocation invocation)
    {
        var push = invocation.Arguments.GetValue(_endpoint) is { } endpoint
            ? new OtlpPush(endpoint, typeof(MetricsOption).Assembly.GetName().Version?.ToString(3) ?? "unknown", TimeProvider.System, invocation.Say)
            : null;
        try
        {
            return new Both(push, invocation.Arguments.GetValue(_port) is { } port ? new MetricsServer(port) : null);
        }
        catch
        {
            push?.Dispose();
            throw;
        }
    }

    private sealed class Both(OtlpPush? push, MetricsServer? server) : IDisposable
    {
        public void Dispose()
        {
            push?.Dispose();
            server?.Dispose();
        }
    }
}
