using System.Security.Cryptography;
using Sightline.Compute.Jobs;
using Sightline.Tests.Shared;
using Xunit;

namespace Sightline.Compute.Tests.Jobs;

/// <summary>Against a real sshd on loopback.</summary>
public sealed class SshHostTests : JobHostContract
{
    private readonly SshServer _server;
    private readonly SshHost _host;

    public SshHostTests()
    {
        Assert.SkipWhen(SshServer.Absent is not null, SshServer.Absent ?? "");
        _server = new SshServer();
        _host = new SshHost(Access(), _server.At("host-root"), TimeProvider.System) { FirstWait = TimeSpan.FromMilliseconds(100) };
    }

    private protected override IJobHost Host => _host;

    public override void Dispose()
    {
        _host.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _server.Dispose();
        base.Dispose();
    }

    [Fact]
    public async Task A_folder_arrives_whole_and_is_not_sent_twice()
    {
        Folder.Write("data/one/a b.txt", "a");
        Folder.Write("data/two/empty", "");
        File.WriteAllBytes(Folder.At("data/big.jpg"), RandomNumberGenerator.GetBytes(1_000_000));
        var program = Folder.Write("data/run.sh", "echo ran");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var pack = FolderPack.OfFolder(Folder.At("data"), CancellationToken.None);
        var sent = new List<UploadProgress>();

        var path = await Host.PutFolderAsync(pack, new Reports(sent), CancellationToken.None);
        var again = await Host.PutFolderAsync(pack, new Reports(null), CancellationToken.None);

        Assert.Equal(path, again);
        Assert.EndsWith($"/store/{pack.Address}", path);
        Assert.Equal(Snapshot(Folder.At("data")), Snapshot(path));
        Assert.Equal(pack.Bytes, sent[^1].PackedBytes);
        Assert.True((File.GetUnixFileMode(Path.Combine(path, "run.sh")) & UnixFileMode.UserExecute) != 0);
    }

    [Fact]
    public async Task An_upload_that_is_cut_goes_on_where_it_broke_off()
    {
        Directory.CreateDirectory(Folder.At("data"));
        File.WriteAllBytes(Folder.At("data/big.jpg"), RandomNumberGenerator.GetBytes(40_000_000));
        var pack = FolderPack.OfFolder(Folder.At("data"), CancellationToken.None);
        var part = Path.Combine(_server.At("host-root"), "store", pack.Address + ".part");
        var cut = 0;
        var atCut = 0L;
        // Two cuts, each after the host has written something.
        var progress = new Reports(null)
        {
            Seen = report =>
            {
                if (cut < 2 && report.Bytes > (cut + 1) * 12_000_000)
                {
                    ServerProcess.Wait(() => File.Exists(part) && new FileInfo(part).Length > (cut * 12_000_000) + 5_000_000, "the host has written some of it");
                    atCut = new FileInfo(part).Length;
                    Assert.True(_server.CutConnections() > 0);
                    cut++;
                }
            },
        };

        var path = await Host.PutFolderAsync(pack, progress, CancellationToken.None);

        Assert.Equal(2, cut);
        Assert.True(atCut > 12_000_000, $"The second try began anew: {atCut} bytes were there at the second cut.");
        Assert.Equal(Snapshot(Folder.At("data")), Snapshot(path));
        Assert.False(File.Exists(part));
    }

    [Fact]
    public async Task An_upload_that_was_damaged_on_the_way_is_sent_anew()
    {
        Folder.Write("data/a.txt", new string('a', 100_000));
        var pack = FolderPack.OfFolder(Folder.At("data"), CancellationToken.None);
        await Host.PrepareAsync("any", CancellationToken.None);
        Directory.CreateDirectory(_server.At("host-root/store"));
        File.WriteAllText(_server.At($"host-root/store/{pack.Address}.part"), "nonsense");

        var path = await Host.PutFolderAsync(pack, null, CancellationToken.None);

        Assert.Equal(Snapshot(Folder.At("data")), Snapshot(path));
    }

    [Fact]
    public async Task A_job_goes_on_when_the_connection_dies_and_another_command_finds_it()
    {
        var job = await StartAsync("echo up > up; while [ ! -e go ]; do sleep 0.05; done; echo ended > ended");
        await TextAsync(job, "up");
        _server.Stop();

        var gone = await Host.StatusAsync(job, CancellationToken.None);
        var still = await Host.StatusAsync(job, CancellationToken.None);
        File.WriteAllText(_server.At($"host-root/jobs/{job}/go"), "");
        ServerProcess.Wait(() => File.Exists(_server.At($"host-root/jobs/{job}/ended")), "the job went on without us");
        _server.Restart();
        await using var other = new SshHost(Access(), _server.At("host-root"), TimeProvider.System);

        Assert.Equal(JobState.Unknown, gone.State);
        Assert.Equal(gone.UnknownSince, still.UnknownSince);
        Assert.Contains("cannot be reached", still.Message);
        Assert.Equal(JobState.Done, (await EndAsync(job)).State);
        Assert.Equal(JobState.Done, (await other.StatusAsync(job, CancellationToken.None)).State);
    }

    [Fact]
    public async Task A_host_whose_key_is_not_known_is_refused_with_its_fingerprint()
    {
        await using var host = HostWith(Access() with { KnownHosts = [Folder.At("known")] });

        var error = await Assert.ThrowsAsync<ComputeException>(() => host.PrepareAsync("x", CancellationToken.None));

        Assert.StartsWith($"The key of ssh:{_server.Address} is not known: {_server.Fingerprint} (ssh-ed25519).", error.Message);
        Assert.Contains($"--host-key {_server.Fingerprint}", error.Message);
        Assert.False(Directory.Exists(_server.At("other-root")));
    }

    [Fact]
    public async Task A_fingerprint_that_was_given_is_accepted_and_remembered()
    {
        var access = Access() with { KnownHosts = [Folder.At("config/known")] };
        await using (var host = HostWith(access with { HostKey = _server.Fingerprint }))
        {
            await host.PrepareAsync("x", CancellationToken.None);
        }

        await using var later = HostWith(access);
        await later.PrepareAsync("y", CancellationToken.None);

        // ssh itself reads the same file.
        var line = ServerProcess.Run("/usr/bin/ssh-keygen", null, "-F", $"[127.0.0.1]:{_server.Port}", "-f", Folder.At("config/known"));
        Assert.Contains("found: line 1", line);
    }

    [Fact]
    public async Task Another_fingerprint_than_was_given_is_refused()
    {
        await using var host = HostWith(Access() with { HostKey = "SHA256:AAAA" });

        var error = await Assert.ThrowsAsync<ComputeException>(() => host.PrepareAsync("x", CancellationToken.None));

        Assert.Contains($"has the ssh-ed25519 key {_server.Fingerprint}, not SHA256:AAAA as was given", error.Message);
    }

    [Fact]
    public async Task A_host_whose_key_has_changed_is_refused_loudly()
    {
        await Host.PrepareAsync("before", CancellationToken.None);
        _server.ChangeHostKey();

        var error = await Assert.ThrowsAsync<ComputeException>(async () =>
        {
            // The broken connection is noticed by the first call.
            await Host.StatusAsync("before", CancellationToken.None);
            await Host.PrepareAsync("after", CancellationToken.None);
        });

        Assert.StartsWith($"WARNING: the key of ssh:{_server.Address} has CHANGED. It is now {_server.Fingerprint}", error.Message);
        Assert.Contains($"{_server.KnownHosts}:1", error.Message);
    }

    [Fact]
    public async Task A_key_that_the_machine_does_not_accept_is_said_so()
    {
        var pair = SshKeyPair.Ensure(Folder.At("keys"), "other");
        await using var host = HostWith(Access() with { Identities = [pair.PrivateFile] });

        var error = await Assert.ThrowsAsync<ComputeException>(() => host.PrepareAsync("x", CancellationToken.None));

        Assert.StartsWith($"ssh:{_server.Address} does not accept the key '{pair.PrivateFile}'", error.Message);
    }

    [Fact]
    public async Task A_private_key_that_others_can_read_is_not_used()
    {
        var file = Folder.At("open");
        File.Copy(_server.Identity, file);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        await using var host = HostWith(Access() with { Identities = [file] });

        var error = await Assert.ThrowsAsync<ComputeException>(() => host.PrepareAsync("x", CancellationToken.None));

        Assert.Contains($"'{file}' can be read or changed by others (mode 440); run: chmod 600", error.Message);
    }

    [Fact]
    public async Task A_pair_made_for_a_lease_opens_the_machine()
    {
        var pair = SshKeyPair.Ensure(Folder.At("keys"), "lease-1");
        File.AppendAllText(_server.At("login.pub"), pair.PublicKey + "\n");
        await using var host = HostWith(Access() with { Identities = [pair.PrivateFile] });

        await host.PrepareAsync("x", CancellationToken.None);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(pair.PrivateFile));
        // OpenSSH derives the same public key from the private one.
        Assert.Equal(pair.PublicKey.Split(' ')[..2], ServerProcess.Run("/usr/bin/ssh-keygen", null, "-y", "-f", pair.PrivateFile).TrimEnd().Split(' ')[..2]);
    }

    private SshAccess Access() => new()
    {
        Host = "127.0.0.1",
        Port = _server.Port,
        User = _server.User,
        Identities = [_server.Identity],
        KnownHosts = [_server.KnownHosts],
        Timeout = TimeSpan.FromSeconds(60),
    };

    private SshHost HostWith(SshAccess access) => new(access, _server.At("other-root"), TimeProvider.System);

    private static IEnumerable<string> Snapshot(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Select(file => $"{Path.GetRelativePath(folder, file)} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))}")
        .Order(StringComparer.Ordinal);

    private sealed class Reports(List<UploadProgress>? kept) : IProgress<UploadProgress>
    {
        public Action<UploadProgress>? Seen { get; init; }

        public void Report(UploadProgress value)
        {
            kept?.Add(value);
            Seen?.Invoke(value);
        }
    }
}
