using System.Net;
using System.Text;
using System.Text.Json;

namespace Sightline.App.Tests;

/// <summary>A server on loopback that answers as Lambda's documentation says, for one account; see docs/leases-providers.md.</summary>
internal sealed class TinyLambda : IDisposable
{
    private readonly HttpListener _listener;
    private readonly Dictionary<string, string> _keys = [];
    private int _made;

    public TinyLambda()
    {
        for (var port = 40_000 + (Environment.ProcessId % 10_000); ; port++)
        {
            _listener = new HttpListener(); // One that failed to start cannot start again.
            _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
            try
            {
                _listener.Start();
                Address = $"http://127.0.0.1:{port}";
                break;
            }
            catch (HttpListenerException) when (port < 60_000)
            {
                // Taken; the next.
            }
        }

        _ = Task.Run(ServeAsync);
    }

    public string Address { get; }

    /// <summary>Machines by id: their names.</summary>
    public Dictionary<string, string> Machines { get; } = [];

    /// <summary>The bodies of all launches.</summary>
    public List<JsonElement> Launches { get; } = [];

    /// <summary>Set once a launch took effect; its answer is then held back for good where <see cref="HoldsLaunches"/>.</summary>
    public ManualResetEventSlim Launched { get; } = new();

    public bool HoldsLaunches { get; set; }

    /// <summary>Answers launches with "no capacity".</summary>
    public bool IsFull { get; set; }

    public void Dispose()
    {
        _listener.Stop();
        _listener.Close();
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                _ = Task.Run(() => AnswerAsync(context));
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            using var reader = new StreamReader(context.Request.InputStream);
            var text = await reader.ReadToEndAsync();
            int status;
            object body;
            var isLaunch = context.Request.Url!.AbsolutePath.EndsWith("/launch", StringComparison.Ordinal);
            lock (Machines)
            {
                (status, body) = context.Request.Headers["Authorization"] != "Bearer secret-key-1234"
                    ? (401, Error("global/invalid-api-key"))
                    : Answer(context.Request.HttpMethod, context.Request.Url.AbsolutePath, text.Length > 0 ? JsonDocument.Parse(text).RootElement : default);
            }

            if (isLaunch)
            {
                Launched.Set();
                if (HoldsLaunches)
                {
                    return;
                }
            }

            var bytes = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(body));
            context.Response.StatusCode = status;
            context.Response.ContentLength64 = bytes.Length;
            await context.Response.OutputStream.WriteAsync(bytes);
            context.Response.Close();
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // The client went away.
        }
    }

    private (int Status, object Body) Answer(string method, string path, JsonElement body)
    {
        switch (method, path)
        {
            case ("GET", "/api/v1/instance-types"):
                return (200, new
                {
                    data = new Dictionary<string, object>
                    {
                        ["gpu_1x_a100"] = new
                        {
                            instance_type = new { name = "gpu_1x_a100", description = "1x A100 (40 GB PCIe)", price_cents_per_hour = 199, specs = new { vcpus = 30, memory_gib = 200, storage_gib = 512 } },
                            regions_with_capacity_available = IsFull ? [] : new[] { new { name = "us-west-1" } },
                        },
                    },
                });
            case ("GET", "/api/v1/ssh-keys"):
                return (200, new { data = _keys.Select(key => new { id = key.Key, name = key.Key, public_key = key.Value }) });
            case ("POST", "/api/v1/ssh-keys"):
                _keys[body.GetProperty("name").GetString()!] = body.GetProperty("public_key").GetString()!;
                return (200, new { data = new { id = "k", name = body.GetProperty("name").GetString() } });
            case ("POST", "/api/v1/instance-operations/launch"):
                Launches.Add(body.Clone());
                var id = $"machine-{++_made}";
                Machines[id] = body.GetProperty("name").GetString()!;
                return (200, new { data = new { instance_ids = new[] { id } } });
            case ("GET", "/api/v1/instances"):
                return (200, new { data = Machines.Select(machine => new { id = machine.Key, name = machine.Value, status = "active", ip = "198.51.100.7", instance_type = new { price_cents_per_hour = 199 } }) });
            case ("POST", "/api/v1/instance-operations/terminate"):
                var ids = body.GetProperty("instance_ids").EnumerateArray().Select(each => each.GetString()!).ToList();
                ids.ForEach(each => Machines.Remove(each));
                return (200, new { data = new { terminated_instances = ids.Select(each => new { id = each }) } });
            default:
                return (404, Error("global/not-found"));
        }
    }

    private static object Error(string code) => new { error = new { code, message = code } };
}
