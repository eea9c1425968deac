using System.Net.Sockets;
using System.Text;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Sightline.Compute.Jobs;

/// <summary>
/// Commands on another machine by SSH. Connects when first used and again after a break; a key that is not known is refused.
/// </summary>
/// <param name="access">The machine.</param>
internal sealed class SshShell(SshAccess access) : IShell
{
    private static readonly TimeSpan _keepAlive = TimeSpan.FromSeconds(15);

    // SSH.NET only reports the input's end when something was written before, so a byte goes ahead of every input.
    private const string SkipFirst = "dd bs=1 count=1 of=/dev/null 2>/dev/null";

    private readonly SemaphoreSlim _connecting = new(1, 1);
    private SshClient? _client;

    public string Address => access.Address;

    public async Task<ShellResult> RunAsync(string command, Func<Stream, CancellationToken, Task>? input, Stream? output, CancellationToken cancellationToken)
    {
        var client = await ConnectAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => ExecuteAsync(client, input is null ? $"{command} </dev/null" : $"{SkipFirst}; {command}", input, output, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (IsBreak(error))
        {
            Drop(client);
            throw new HostLostException($"The connection to {Address} broke: {error.Message.TrimEnd('.')}.", error);
        }
    }

    public void Reset()
    {
        if (_client is { } client)
        {
            Drop(client);
        }
    }

    public ValueTask DisposeAsync()
    {
        _client?.Dispose();
        _client = null;
        _connecting.Dispose();
        return ValueTask.CompletedTask;
    }

    private static bool IsBreak(Exception error) =>
        error is SshConnectionException or SshOperationTimeoutException or SocketException or IOException or ObjectDisposedException or SshException { InnerException: SocketException }
        || error.GetType() == typeof(SshException);

    private static async Task<ShellResult> ExecuteAsync(
        SshClient client, string line, Func<Stream, CancellationToken, Task>? input, Stream? output, CancellationToken cancellationToken)
    {
        // The user's shell may be none of POSIX, so it only starts sh.
        using var command = client.CreateCommand($"sh -c {ShellHost.Quote(line)}");
        var running = command.ExecuteAsync(cancellationToken);
        var copying = output is null ? Task.CompletedTask : Task.Run(() => command.OutputStream.CopyTo(output, 1 << 16), cancellationToken);
        if (input is not null)
        {
            try
            {
                await using var stream = command.CreateInputStream();
                await stream.WriteAsync(new byte[1], cancellationToken).ConfigureAwait(false);
                await input(stream, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (IsBreak(error) && client.IsConnected && running.IsCompleted)
            {
                // The command ended before it had read all; its exit code says why.
            }
        }

        await running.ConfigureAwait(false);
        await copying.ConfigureAwait(false);
        if (command.ExitStatus is not { } code)
        {
            if (command.ExitSignal is { Length: > 0 } signal)
            {
                return new ShellResult(128, "", $"ended by signal {signal}");
            }

            throw new SshConnectionException("the command's end was not reported");
        }

        return new ShellResult(code, output is null ? command.Result : "", command.Error);
    }

    private async Task<SshClient> ConnectAsync(CancellationToken cancellationToken)
    {
        await _connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_client is { IsConnected: true } connected)
            {
                return connected;
            }

            _client?.Dispose();
            _client = null;
            return _client = await OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private async Task<SshClient> OpenAsync(CancellationToken cancellationToken)
    {
        var info = new ConnectionInfo(access.Host, access.Port, access.User, new PrivateKeyAuthenticationMethod(access.User, [.. Keys()])) { Timeout = access.Timeout };
        AskForKnownTypes(info);
        var client = new SshClient(info) { KeepAliveInterval = _keepAlive };
        ComputeException? refused = null;
        client.HostKeyReceived += (_, received) =>
        {
            refused = Judge(received.HostKeyName, received.HostKey);
            received.CanTrust = refused is null;
        };
        try
        {
            await client.ConnectAsync(cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch (Exception error) when (error is SshException or SocketException or IOException or ObjectDisposedException or AggregateException)
        {
            client.Dispose();
            throw refused ?? (Exception)(error is SshAuthenticationException
                ? new ComputeException(
                    ComputeTrouble.Provider,
                    $"{Address} does not accept {(access.Identities.Count == 1 ? $"the key '{access.Identities[0]}'" : $"any of {access.Identities.Count} keys")}: {error.Message} " +
                    "Add the public key to the machine's authorized_keys, or pass the right one with --identity.", error)
                : new HostLostException($"{Address} cannot be reached: {error.Message.TrimEnd('.')}.", error));
        }
    }

    private IEnumerable<PrivateKeyFile> Keys()
    {
        var keys = new List<PrivateKeyFile>();
        string? trouble = null;
        foreach (var file in access.Identities)
        {
            if (PrivateFiles.Exposure(file) is { } exposure)
            {
                trouble = exposure;
                continue;
            }

            try
            {
                keys.Add(new PrivateKeyFile(file, Environment.GetEnvironmentVariable("SIGHTLINE_SSH_PASSPHRASE") ?? ""));
            }
            catch (SshPassPhraseNullOrEmptyException)
            {
                trouble = $"'{file}' needs a passphrase; set SIGHTLINE_SSH_PASSPHRASE";
            }
            catch (Exception error) when (error is SshException or IOException or UnauthorizedAccessException or FormatException or NotSupportedException)
            {
                trouble = $"'{file}' cannot be read as a private key ({error.Message})";
            }
        }

        return keys.Count > 0 ? keys : throw new ComputeException(
            ComputeTrouble.Provider,
            $"There is no SSH key for {Address}: {trouble ?? "none of the usual files is there (~/.ssh/id_ed25519, id_ecdsa, id_rsa)"}. Pass one with --identity FILE, or make one with ssh-keygen.");
    }

    // The host has several keys and offers the type that we name first: name those we know, so that a known host is known.
    private void AskForKnownTypes(ConnectionInfo info)
    {
        var known = KnownHosts.Types(access.KnownHosts, access.Host, access.Port);
        if (known.Count == 0)
        {
            return;
        }

        var all = info.HostKeyAlgorithms.ToList();
        var ordered = all.OrderBy(pair => IsOf(pair.Key, known) ? 0 : 1).ToList();
        info.HostKeyAlgorithms.Clear();
        foreach (var pair in ordered)
        {
            info.HostKeyAlgorithms.Add(pair.Key, pair.Value);
        }
    }

    // A key of the type ssh-rsa signs by several algorithms.
    private static bool IsOf(string algorithm, IReadOnlyList<string> types) =>
        types.Contains(algorithm) || (algorithm.StartsWith("rsa-sha2-", StringComparison.Ordinal) && !algorithm.Contains("cert", StringComparison.Ordinal) && types.Contains("ssh-rsa"));

    private ComputeException? Judge(string algorithm, byte[] key)
    {
        var type = TypeOf(key) ?? algorithm;
        var fingerprint = KnownHosts.Fingerprint(key);
        var (verdict, where) = KnownHosts.Check(access.KnownHosts, access.Host, access.Port, type, key);
        if (verdict == KnownHosts.Verdict.Revoked)
        {
            return new ComputeException(ComputeTrouble.Provider, $"The key of {Address} ({fingerprint}) is marked as revoked in {where}. Do not use this machine.");
        }

        if (access.HostKey is { } expected)
        {
            if (expected != fingerprint)
            {
                return new ComputeException(
                    ComputeTrouble.Provider,
                    $"{Address} has the {type} key {fingerprint}, not {expected} as was given. Either this is another machine, or somebody is in between; nothing was sent. Compare with what the provider shows.");
            }

            if (verdict == KnownHosts.Verdict.Unknown)
            {
                KnownHosts.Add(access.KnownHosts[0], access.Host, access.Port, type, key);
            }

            // An expressly given fingerprint wins over an older line.
            return null;
        }

        if (verdict == KnownHosts.Verdict.Unknown && access.AcceptsFirst)
        {
            KnownHosts.Add(access.KnownHosts[0], access.Host, access.Port, type, key);
            return null;
        }

        return verdict switch
        {
            KnownHosts.Verdict.Known => null,
            KnownHosts.Verdict.Changed => new ComputeException(
                ComputeTrouble.Provider,
                $"WARNING: the key of {Address} has CHANGED. It is now {fingerprint} ({type}); another one is known in {where}. Either the machine was set up anew, or somebody is in " +
                $"between; nothing was sent. When you have made sure of it, remove that line and pass --host-key {fingerprint}."),
            _ => new ComputeException(
                ComputeTrouble.Provider,
                $"The key of {Address} is not known: {fingerprint} ({type}). Compare it with what the machine shows (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then pass " +
                $"--host-key {fingerprint} once, or add the machine to ~/.ssh/known_hosts by connecting with ssh."),
        };
    }

    // The key's own first field, RFC 4253 section 6.6.
    private static string? TypeOf(ReadOnlySpan<byte> key)
    {
        if (key.Length < 4)
        {
            return null;
        }

        var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(key);
        return length is > 0 and < 100 && key.Length >= 4 + length ? Encoding.ASCII.GetString(key.Slice(4, length)) : null;
    }

    private void Drop(SshClient client)
    {
        client.Dispose();
        Interlocked.CompareExchange(ref _client, null, client);
    }
}

/// <summary>Jobs on a machine that is reached by SSH.</summary>
/// <param name="access">The machine.</param>
/// <param name="root">Sightline's folder there; null takes one below the home folder.</param>
/// <param name="time">Clock of the waits.</param>
internal sealed class SshHost(SshAccess access, string? root, TimeProvider time) : ShellHost(new SshShell(access), root ?? DefaultRoot, time);
