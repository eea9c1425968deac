using System.Net;
using System.Text;

namespace Sightline.Cli.Metrics;

/// <summary>Serves a training's figures to Prometheus at <c>http://localhost:PORT/metrics</c> while it runs.</summary>
internal sealed class MetricsServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly TrainingFigures _figures = new(TimeProvider.System);

    /// <exception cref="SettingsException">The port is out of range or taken.</exception>
    public MetricsServer(int port)
    {
        if (port is < 1 or > 65_535)
        {
            throw new SettingsException($"--metrics-port is {port}; it must be from 1 to 65535.");
        }

        // This machine only: figures are nobody else's business unless a proxy says so.
        _listener.Prefixes.Add($"http://localhost:{port}/");
        try
        {
            _listener.Start();
        }
        catch (HttpListenerException error)
        {
            throw new SettingsException($"Port {port} cannot be listened on ({error.Message}). Pass another --metrics-port.");
        }

        new Thread(Serve) { IsBackground = true, Name = "Sightline metrics" }.Start();
    }

    public void Dispose()
    {
        _listener.Close();
        _figures.Dispose();
    }

    private void Serve()
    {
        while (_listener.IsListening)
        {
            try
            {
                Answer(_listener.GetContext());
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or InvalidOperationException or IOException)
            {
                // The asker went away, or the training is over.
            }
        }
    }

    private void Answer(HttpListenerContext context)
    {
        using var response = context.Response;
        var isKnown = context.Request.Url?.AbsolutePath == "/metrics" && context.Request.HttpMethod == "GET";
        var body = Encoding.UTF8.GetBytes(isKnown ? MetricsText.Of(_figures.Now()) : "The figures are at /metrics.\n");
        response.StatusCode = isKnown ? 200 : 404;
        response.ContentType = isKnown ? "text/plain; version=0.0.4; charset=utf-8" : "text/plain; charset=utf-8";
        response.ContentLength64 = body.Length;
        response.OutputStream.Write(body);
    }
}
