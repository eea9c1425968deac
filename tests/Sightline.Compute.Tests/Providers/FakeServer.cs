using System.Net;
using System.Text;

namespace Sightline.Compute.Tests.Providers;

/// <summary>What a provider was asked.</summary>
internal sealed record Asked(string Method, string PathAndQuery, string? Authorization, string Body);

/// <summary>One answer. A status of 0 breaks the connection; <see cref="Delay"/> holds the answer back.</summary>
internal sealed record Reply(int Status, string Body, string? RetryAfter = null, TimeSpan Delay = default);

/// <summary>A web server on loopback that answers as a provider's documentation says.</summary>
internal sealed class FakeServer : IDisposable
{
    private readonly HttpListener _listener;
    private readonly Func<Asked, Reply> _answer;
    private readonly Task _loop;

    public FakeServer(Func<Asked, Reply> answer)
    {
        _answer = answer;
        for (var port = 20_000 + (Environment.ProcessId % 20_000); ; port++)
        {
            _listener = new HttpListener(); // One that failed to start cannot start again.
            _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
            try
            {
                _listener.Start();
                Address = new Uri($"http://127.0.0.1:{port}/");
                break;
            }
            catch (HttpListenerException) when (port < 60_000)
            {
                // Taken; the next.
            }
        }

        _loop = Task.Run(ServeAsync);
    }

    public Uri Address { get; }

    public List<Asked> Requests { get; } = [];

    public void Dispose()
    {
        _listener.Stop();
        _listener.Close();
        _loop.Wait(TimeSpan.FromSeconds(5));
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            using var reader = new StreamReader(context.Request.InputStream);
            var asked = new Asked(context.Request.HttpMethod, context.Request.RawUrl!, context.Request.Headers["Authorization"], await reader.ReadToEndAsync());
            Reply reply;
            lock (Requests)
            {
                Requests.Add(asked);
                reply = _answer(asked);
            }

            await Task.Delay(reply.Delay);
            if (reply.Status == 0)
            {
                // An answer that breaks off: fewer bytes than announced.
                context.Response.ContentLength64 = 5000;
                await context.Response.OutputStream.WriteAsync("{"u8.ToArray());
                await context.Response.OutputStream.FlushAsync();
                context.Response.Abort();
                return;
            }

            context.Response.StatusCode = reply.Status;
            if (reply.RetryAfter is not null)
            {
                context.Response.Headers["Retry-After"] = reply.RetryAfter;
            }

            var bytes = Encoding.UTF8.GetBytes(reply.Body);
            context.Response.ContentLength64 = bytes.Length;
            await context.Response.OutputStream.WriteAsync(bytes);
            context.Response.Close();
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // The client went away, or the test has ended.
        }
    }
}
