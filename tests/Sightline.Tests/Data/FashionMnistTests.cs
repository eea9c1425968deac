using System.Net;
using System.Net.Http.Headers;
using Sightline.Data;
using Xunit;

namespace Sightline.Tests.Data;

public sealed class FashionMnistTests : IDisposable
{
    private const string Package = "/usr/share/datasets/fashion-mnist";
    private const string Smallest = "t10k-labels-idx1-ubyte.gz";

    private static readonly string[] Names =
        ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", Smallest];

    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-test-").FullName;

    private string User => Path.Combine(_folder, "user");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Package_folder_is_taken_first()
    {
        var package = Path.Combine(_folder, "package");
        Directory.CreateDirectory(package);
        foreach (var name in Names)
        {
            await File.WriteAllTextAsync(Path.Combine(package, name), "");
        }

        Assert.Equal(package, await Locate(new Server(""), package));
    }

    [Fact]
    public async Task Download_goes_on_after_breaks_and_leaves_only_the_four_files()
    {
        Assert.SkipUnless(Directory.Exists(Package), "The Debian package dataset-fashion-mnist is not installed; the server of this test needs its files.");
        var server = new Server(Package) { BreakAfter = 20_000_000 };

        var found = await Locate(server);

        Assert.Equal(User, found);
        Assert.Equal(Names.Order(), Directory.GetFiles(User).Select(Path.GetFileName).Order());
        Assert.Contains(server.Ranges, from => from == 20_000_000);
        Assert.Equal(User, await Locate(new Server("")));
    }

    [Fact]
    public async Task Wrong_content_is_refused_and_not_kept()
    {
        var error = await Assert.ThrowsAsync<NotFoundException>(() => Locate(new Server("") { Content = [1, 2, 3] }));

        Assert.Contains("the content of http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/train-images-idx3-ubyte.gz has another SHA-256", error.Message);
        Assert.Empty(Directory.GetFiles(User));
    }

    [Fact]
    public async Task Without_a_network_the_message_says_where_to_put_the_files()
    {
        var error = await Assert.ThrowsAsync<NotFoundException>(() => Locate(new Server("")));

        Assert.Contains("Install the Debian package dataset-fashion-mnist, or put the files train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz", error.Message);
        Assert.Contains($"into '{User}'", error.Message);
        Assert.Equal(ExitCode.NotFound, error.ExitCode);
    }

    [Fact]
    public async Task A_changed_file_in_the_users_folder_is_named()
    {
        Directory.CreateDirectory(User);
        foreach (var name in Names)
        {
            await File.WriteAllBytesAsync(Path.Combine(User, name), [0x1f, 0x8b, 8, 0]);
        }

        var error = await Assert.ThrowsAsync<DataException>(() => Locate(new Server("")));

        Assert.StartsWith($"'{Path.Combine(User, Names[0])}' is not Fashion-MNIST's file", error.Message);
    }

    private async Task<string> Locate(Server server, string package = "/nowhere")
    {
        using var http = new HttpClient(server, disposeHandler: false);
        return await FashionMnist.LocateAsync(
            new FashionMnistOptions { PackageFolder = package, UserFolder = User, MayInstall = false }, http, null, TestContext.Current.CancellationToken);
    }

    /// <summary>Serves a folder's files with ranges, and breaks off each first reply after a number of bytes.</summary>
    private sealed class Server(string folder) : HttpMessageHandler
    {
        public int BreakAfter { get; init; } = int.MaxValue;

        public byte[]? Content { get; init; }

        public List<long> Ranges { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var file = Path.Combine(folder, Path.GetFileName(request.RequestUri!.AbsolutePath));
            if (Content is null && !File.Exists(file))
            {
                throw new HttpRequestException("No such host is known");
            }

            var bytes = Content ?? File.ReadAllBytes(file);
            var from = request.Headers.Range?.Ranges.Single().From ?? 0;
            if (from >= bytes.Length)
            {
                return Task.FromResult(new HttpResponseMessage(HttpStatusCode.RequestedRangeNotSatisfiable));
            }

            Ranges.Add(from);
            var isWhole = bytes.Length - from <= BreakAfter || from > 0;
            Stream body = new MemoryStream(bytes, (int)from, isWhole ? bytes.Length - (int)from : BreakAfter);
            var reply = new HttpResponseMessage(from > 0 ? HttpStatusCode.PartialContent : HttpStatusCode.OK)
            {
                Content = new StreamContent(isWhole ? body : new BreakingStream(body)),
            };
            reply.Content.Headers.ContentRange = from > 0 ? new ContentRangeHeaderValue(from, bytes.Length - 1, bytes.Length) : null;
            return Task.FromResult(reply);
        }
    }

    /// <summary>Throws where its content ends.</summary>
    private sealed class BreakingStream(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = inner.Read(buffer, offset, count);
            return read > 0 ? read : throw new IOException("The connection was reset.");
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
