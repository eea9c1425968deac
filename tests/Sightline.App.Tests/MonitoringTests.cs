using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Sightline.App.Tests;

/// <summary>What monitoring systems see of a training.</summary>
public sealed partial class MonitoringTests
{
    // The first record holds when the file was begun.
    private const int Head = 42;

    // A line of the text format 0.0.4 (prometheus/docs: exposition_formats.md).
    [GeneratedRegex("""^(# (HELP [a-z_]+ .+|TYPE [a-z_]+ (gauge|counter))|[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? ([-+0-9.eE]+|NaN|[+-]Inf))$""")]
    private static partial Regex Line();

    [Fact]
    public async Task Prometheus_reads_the_figures_while_a_training_runs()
    {
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"), train: 400);
        var port = FreePort();
        using var process = Process.Start(Cli.Start(
            folder.Path, Cli.Executable, Training.Arguments("idx", "--epochs", "200", "--name", "watched", "--metrics-port", $"{port}")))!; // The shell does not run it.
        using var http = new HttpClient();
        var text = "";
        var patience = Stopwatch.StartNew();
        try
        {
            while (!text.Contains("sightline_validation_accuracy{", StringComparison.Ordinal))
            {
                Assert.True(patience.Elapsed < TimeSpan.FromMinutes(1) && !process.HasExited, $"The figures did not come: {text}");
                await Task.Delay(100, TestContext.Current.CancellationToken);
                try
                {
                    text = await http.GetStringAsync($"http://localhost:{port}/metrics", TestContext.Current.CancellationToken);
                }
                catch (HttpRequestException)
                {
                    // Not started yet.
                }
            }

            var elsewhere = await http.GetAsync($"http://localhost:{port}/", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.All(text.TrimEnd('\n').Split('\n'), line => Assert.Matches(Line(), line));
        Assert.Matches("""(?m)^sightline_training_step\{run="watched"\} [1-9][0-9]*$""", text);
        Assert.Contains("# TYPE sightline_training_step gauge\n", text);
    }

    // What a collector takes: opentelemetry-proto, metrics.proto in proto3's JSON form.
    [Fact]
    public async Task A_collector_is_pushed_the_figures_at_the_end_of_a_training_at_the_latest()
    {
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"));
        var port = FreePort();
        using var collector = new HttpListener();
        collector.Prefixes.Add($"http://localhost:{port}/");
        collector.Start();
        var training = Task.Run(() => Training.Run(folder.Path, "idx", "--epochs", "1", "--name", "pushed", "--otlp-endpoint", $"http://localhost:{port}"), TestContext.Current.CancellationToken);

        JsonElement request = default;
        while (!training.IsCompleted)
        {
            var asked = collector.GetContextAsync();
            if (await Task.WhenAny(asked, training) == training && !asked.IsCompleted)
            {
                break;
            }

            var context = await asked;
            Assert.Equal(("POST", "/v1/metrics", "application/json"), (context.Request.HttpMethod, context.Request.Url!.AbsolutePath, context.Request.ContentType)); // HTTP/1.1 has an address.
            request = (await JsonDocument.ParseAsync(context.Request.InputStream, cancellationToken: TestContext.Current.CancellationToken)).RootElement;
            context.Response.Close();
        }

        (await training).With(ExitCode.Done);
        var resource = request.GetProperty("resourceMetrics")[0];
        Assert.Equal("sightline", resource.GetProperty("resource").GetProperty("attributes")[0].GetProperty("value").GetProperty("stringValue").GetString());
        var metrics = resource.GetProperty("scopeMetrics")[0].GetProperty("metrics").EnumerateArray().ToDictionary(metric => metric.GetProperty("name").GetString()!);
        var point = metrics["sightline.training.step"].GetProperty("gauge").GetProperty("dataPoints")[0];
        Assert.True(point.GetProperty("asDouble").GetDouble() >= 1);
        Assert.Equal("run", point.GetProperty("attributes")[0].GetProperty("key").GetString());
        Assert.Equal("pushed", point.GetProperty("attributes")[0].GetProperty("value").GetProperty("stringValue").GetString());
        var at = DateTimeOffset.UnixEpoch.AddTicks(long.Parse(point.GetProperty("timeUnixNano").GetString()!, System.Globalization.CultureInfo.InvariantCulture) / 100);
        Assert.InRange(at, DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow.AddMinutes(1));
        Assert.InRange(metrics["sightline.validation.accuracy"].GetProperty("gauge").GetProperty("dataPoints")[0].GetProperty("asDouble").GetDouble(), 0, 1);
    }

    [Fact]
    public void A_collector_that_is_not_there_does_not_stop_a_training()
    {
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"));
        var port = FreePort();

        var ended = Training.Run(folder.Path, "idx", "--epochs", "1", "--otlp-endpoint", $"http://localhost:{port}").With(ExitCode.Done);
        var wrong = Training.Run(folder.Path, "idx", "--epochs", "1", "--otlp-endpoint", "localhost").With(ExitCode.Usage);

        Assert.Contains($"The figures could not be pushed to http://localhost:{port}/v1/metrics (", ended.Error);
        Assert.StartsWith("--otlp-endpoint is 'localhost'; it must be the address of an OpenTelemetry collector", wrong.Error);
    }

    [Fact]
    public void A_port_that_is_taken_is_explained()
    {
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"));
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var ended = Training.Run(folder.Path, "idx", "--metrics-port", $"{port}").With(ExitCode.Usage);

        Assert.StartsWith($"Port {port} cannot be listened on", ended.Error);
    }

    [Fact]
    public void TensorBoard_files_are_written_beside_the_events_and_exported_later()
    {
        using var folder = new TemporaryFolder();
        TinyData.WriteIdx(folder.At("idx"));
        Training.Run(folder.Path, "idx", "--epochs", "1", "--name", "live", "--set", "tensorBoard=true").With(ExitCode.Done);

        var json = Cli.Run(folder.Path, "run", "export", "live", "--tensorboard", "later", "--json").With(ExitCode.Done).Json;

        Approved.Match("json.run-export", JsonNames.Of(json));
        Assert.Equal(
            File.ReadAllBytes(Directory.GetFiles(folder.At("runs", "live", "tensorboard")).Single())[Head..],
            File.ReadAllBytes(Directory.GetFiles(folder.At("later")).Single())[Head..]);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
