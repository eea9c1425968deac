using System.Net.Http.Headers;

namespace Sightline.Cli.Metrics;

/// <summary>Pushes a training's figures to an OpenTelemetry collector while it runs, and once at the end.</summary>
internal sealed class OtlpPush : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Uri _address;
    private readonly Action<string> _say;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _begun;
    private readonly string _version;
    private readonly TrainingFigures _figures;
    private readonly HttpClient _http = new() { Timeout = Patience };
    private readonly ManualResetEventSlim _isOver = new();
    private readonly Thread _thread;
    private bool _hasComplained;

    /// <param name="endpoint">The collector's address, such as <c>http://localhost:4318</c>; <c>/v1/metrics</c> is added.</param>
    /// <param name="version">Ours.</param>
    /// <param name="time">For the figures' times.</param>
    /// <param name="say">Told once when the collector does not answer; from another thread.</param>
    /// <exception cref="SettingsException">The address is none of http or https.</exception>
    public OtlpPush(string endpoint, string version, TimeProvider time, Action<string> say)
    {
        if (!Uri.TryCreate($"{endpoint.TrimEnd('/')}/v1/metrics", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new SettingsException($"--otlp-endpoint is '{endpoint}'; it must be the address of an OpenTelemetry collector for OTLP over HTTP, such as http://localhost:4318.");
        }

        (_address, _version, _time, _say) = (address, version, time, say);
        _begun = time.GetUtcNow();
        _figures = new TrainingFigures(time);
        _thread = new Thread(Push) { IsBackground = true, Name = "Sightline OTLP" };
        _thread.Start();
    }

    public void Dispose()
    {
        _isOver.Set();
        _thread.Join(); // It ends within the patience of the last push.
        _figures.Dispose();
        _http.Dispose();
        _isOver.Dispose();
    }

    private void Push()
    {
        bool isOver;
        do
        {
            isOver = _isOver.Wait(Interval);
            Send();
        }
        while (!isOver);
    }

    // A collector that is down is no reason to stop a training; figures are cumulative or current, so nothing is lost when it comes back.
    private void Send()
    {
        var figures = _figures.Now();
        if (figures.Count == 0)
        {
            return;
        }

        try
        {
            using var content = new ByteArrayContent(OtlpJson.Of(figures, _begun, _version));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var request = new HttpRequestMessage(HttpMethod.Post, _address) { Content = content };
            using var response = _http.Send(request);
            if (!response.IsSuccessStatusCode)
            {
                Complain($"it answered {(int)response.StatusCode}");
            }
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            Complain(error.Message);
        }
    }

    private void Complain(string reason)
    {
        if (!_hasComplained)
        {
            _hasComplained = true;
            _say($"The figures could not be pushed to {_address} ({reason}). The training goes on, and the next push is tried.");
        }
    }
}
