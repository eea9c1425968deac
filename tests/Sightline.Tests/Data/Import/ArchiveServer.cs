using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Sightline.Tests.Data.Import;

/// <summary>Serves one file over HTTP on this machine, with ranges and a strong tag; may cut its first answer.</summary>
internal sealed class ArchiveServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly byte[] _content;
    private readonly Task _serving;

    public ArchiveServer(byte[] content)
    {
        _content = content;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/archive";
        }

        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _serving = Task.Run(ServeAsync);
    }

    public string Address { get; }

    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(_content));

    /// <summary>Bytes after which the first answer ends.</summary>
    public int? CutAfter { get; set; }

    public int Status { get; init; } = 200;

    /// <summary>Where the first request of each address is sent instead.</summary>
    public string? RedirectTo { get; init; }

    /// <summary>Leave the length out and end early, as a broken proxy does.</summary>
    public int? EndAfter { get; init; }

    /// <summary>The Range header of each request.</summary>
    public List<string?> Ranges { get; } = [];

    public void Dispose()
    {
        _listener.Close();
        _serving.Wait();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                Answer(await _listener.GetContextAsync());
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    private void Answer(HttpListenerContext context)
    {
        var range = context.Request.Headers["Range"];
        Ranges.Add(range);
        if (RedirectTo is { } target)
        {
            context.Response.Redirect(target);
            context.Response.Close();
            return;
        }

        if (EndAfter is { } end)
        {
            context.Response.SendChunked = true;
            context.Response.Close(_content[..end], willBlock: true);
            return;
        }

        var from = range is null ? 0 : int.Parse(range["bytes=".Length..].TrimEnd('-'));
        context.Response.StatusCode = Status == 200 && from > 0 ? 206 : Status;
        context.Response.AddHeader("ETag", "\"v1\"");
        if (from > 0)
        {
            context.Response.AddHeader("Content-Range", $"bytes {from}-{_content.Length - 1}/{_content.Length}");
        }

        context.Response.ContentLength64 = _content.Length - from;
        if (CutAfter is { } cut)
        {
            CutAfter = null;
            context.Response.OutputStream.Write(_content, 0, cut);
            context.Response.OutputStream.Flush();
            context.Response.Abort();
            return;
        }

        context.Response.Close(_content[from..], willBlock: true);
    }
}
