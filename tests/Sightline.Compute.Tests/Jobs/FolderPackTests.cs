using System.Text;
using Sightline.Compute.Jobs;
using Sightline.Tests.Shared;
using Xunit;

namespace Sightline.Compute.Tests.Jobs;

public sealed class FolderPackTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(".env")]
    [InlineData("config/.env.production")]
    [InlineData("server.pem")]
    [InlineData("a/b/tls.KEY")]
    [InlineData("id_rsa")]
    [InlineData("backup/id_ed25519.old")]
    [InlineData("credentials.json")]
    [InlineData("my-credentials-2.json")]
    [InlineData("google-service-account.json")]
    [InlineData(".aws/config")]
    [InlineData(".ssh/known_hosts")]
    [InlineData(".netrc")]
    [InlineData("kaggle.json")]
    public async Task A_file_that_looks_like_a_secret_is_left_out_and_said_so(string name)
    {
        _folder.Write(name, "secret");
        _folder.Write("picture.jpg", "picture");

        var pack = Pack();

        Assert.StartsWith(name, Assert.Single(pack.LeftOut));
        Assert.Equal(["picture.jpg"], await NamesAsync(pack));
    }

    [Fact]
    public async Task Secrets_are_known_by_their_content_too()
    {
        _folder.Write("notes", "-----BEGIN OPENSSH PRIVATE KEY-----\nabc");
        _folder.Write(".git/config", "[remote \"origin\"]\n\turl = https://me:token123@host/x.git\n");
        _folder.Write("plain/.git/config", "[remote \"origin\"]\n\turl = https://host/x.git\n");
        _folder.Write("id_rsa.pub", "ssh-rsa AAAA");

        var pack = Pack();

        Assert.Equal([".git/config: a git configuration with a token in it", "notes: a private key by its content"], pack.LeftOut.Order());
        Assert.Equal(["id_rsa.pub", "plain/.git/config"], await NamesAsync(pack));
    }

    [Fact]
    public async Task A_link_out_of_the_folder_is_not_followed()
    {
        using var outside = new TestFolder();
        var secret = outside.Write("secret.txt", "outside");
        _folder.Write("in/real.txt", "inside");
        File.CreateSymbolicLink(_folder.At("out.txt"), secret);
        Directory.CreateSymbolicLink(_folder.At("outside"), outside.Path);
        File.CreateSymbolicLink(_folder.At("through.txt"), "outside/secret.txt");
        File.CreateSymbolicLink(_folder.At("near.txt"), "in/real.txt");
        File.CreateSymbolicLink(_folder.At("broken.txt"), "nowhere");

        var pack = Pack();

        Assert.Equal(["in/real.txt", "near.txt"], await NamesAsync(pack));
        Assert.Equal(["broken.txt", "out.txt", "outside", "through.txt"], pack.LeftOut.Select(line => line.Split(':')[0]).Order());
    }

    [Fact]
    public async Task The_same_content_has_the_same_address_and_the_same_bytes()
    {
        using var other = new TestFolder();
        foreach (var folder in new[] { _folder, other })
        {
            folder.Write("b/two.txt", "2");
            folder.Write("a.txt", new string('x', 100_000));
        }

        File.SetLastWriteTimeUtc(other.At("a.txt"), DateTime.UnixEpoch);
        var (first, second) = (Pack(), FolderPack.OfFolder(other.Path, CancellationToken.None));
        other.Write("a.txt", new string('y', 100_000));

        Assert.Equal(first.Address, second.Address);
        Assert.NotEqual(first.Address, FolderPack.OfFolder(other.Path, CancellationToken.None).Address);
        Assert.Equal(await BytesAsync(first), await BytesAsync(Pack()));
        Assert.True(first.IsCompressed);
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_sent_is_noticed()
    {
        _folder.Write("a.jpg", "before");
        var pack = Pack();
        _folder.Write("a.jpg", "after!");

        var error = await Assert.ThrowsAsync<ComputeException>(() => BytesAsync(pack));

        Assert.StartsWith($"'{_folder.At("a.jpg")}' was changed while it was being sent.", error.Message);
    }

    [Fact]
    public void A_pipe_does_not_stop_the_upload()
    {
        ServerProcess.Run("/usr/bin/mkfifo", null, _folder.At("pipe"));

        Assert.Equal(0, Pack().Bytes);
    }

    [Theory]
    [InlineData("gpu1", "", "gpu1", 22)]
    [InlineData("me@gpu1:2222", "me", "gpu1", 2222)]
    [InlineData("me@[::1]:2222", "me", "::1", 2222)]
    [InlineData("me@fe80::1", "me", "fe80::1", 22)]
    public void An_ssh_address_is_read(string text, string user, string host, int port) =>
        Assert.Equal((user.Length > 0 ? user : Environment.UserName, host, port), SshAccess.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("me@")]
    [InlineData("me@host:0")]
    [InlineData("me@host:99999")]
    [InlineData("-oProxyCommand=x")]
    public void A_wrong_ssh_address_is_refused(string text) =>
        Assert.StartsWith($"'{text}' is no SSH address", Assert.Throws<ComputeException>(() => SshAccess.Parse(text)).Message);

    [Fact]
    public void A_hashed_known_hosts_file_of_openssh_is_understood()
    {
        var key = SshKeyPair.Ensure(_folder.At("keys"), "host").PublicKey.Split(' ');
        var other = SshKeyPair.Ensure(_folder.At("keys"), "other").PublicKey.Split(' ');
        var file = _folder.Write("known", $"# a comment\n[gpu1]:2222,gpu2 {key[0]} {key[1]}\n*.lab {key[0]} {key[1]}\n@revoked bad {other[0]} {other[1]}\n");
        ServerProcess.Run("/usr/bin/ssh-keygen", null, "-H", "-f", file);
        var bytes = Convert.FromBase64String(key[1]);
        var others = Convert.FromBase64String(other[1]);

        Assert.Equal(KnownHosts.Verdict.Known, KnownHosts.Check([file], "gpu1", 2222, key[0], bytes).Verdict);
        Assert.Equal(KnownHosts.Verdict.Unknown, KnownHosts.Check([file], "gpu1", 22, key[0], bytes).Verdict);
        Assert.Equal(KnownHosts.Verdict.Known, KnownHosts.Check([file], "GPU2", 22, key[0], bytes).Verdict);
        Assert.Equal(KnownHosts.Verdict.Changed, KnownHosts.Check([file], "gpu2", 22, key[0], others).Verdict);
        Assert.Equal(KnownHosts.Verdict.Known, KnownHosts.Check([file], "node.lab", 22, key[0], bytes).Verdict);
        Assert.Equal(KnownHosts.Verdict.Revoked, KnownHosts.Check([file], "bad", 22, other[0], others).Verdict);
    }

    private FolderPack Pack() => FolderPack.OfFolder(_folder.Path, CancellationToken.None);

    private static async Task<byte[]> BytesAsync(FolderPack pack)
    {
        using var stream = new MemoryStream();
        await pack.WriteAsync(stream, _ => { }, CancellationToken.None);
        return stream.ToArray();
    }

    // What GNU tar says is in it.
    private async Task<string[]> NamesAsync(FolderPack pack)
    {
        using var elsewhere = new TestFolder();
        var file = elsewhere.At("pack");
        await File.WriteAllBytesAsync(file, await BytesAsync(pack));
        return [.. ServerProcess.Run("/usr/bin/tar", null, "-tf", file).Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }
}
