using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sightline.Compute.Jobs;

/// <summary>
/// Jobs on a machine with a shell. All that is done there is in <c>host.sh</c>, which is put there first; this class only calls its verbs.
/// </summary>
/// <param name="shell">The machine. Disposed with this.</param>
/// <param name="root">Sightline's folder on it: an absolute path, or one below the home folder.</param>
/// <param name="time">Clock of the waits.</param>
internal class ShellHost(IShell shell, string root, TimeProvider time) : IJobHost
{
    /// <summary>Below the home folder, where nothing else is asked for.</summary>
    public const string DefaultRoot = ".sightline";

    private const int UploadTries = 6;
    private const int NoSuchJob = 4;
    private const int Damaged = 3;
    private const int NoSuchFile = 5;
    private const int Piece = 8 << 20;

    private static readonly byte[] _script = ReadScript();
    private static readonly string _scriptName = $"host-{Convert.ToHexStringLower(SHA256.HashData(_script))[..12]}.sh";

    private static readonly string[] _quickVerbs = ["have", "prepare", "put", "start", "status", "files", "append", "stop", "mark", "release", "slurm"];

    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly Dictionary<string, DateTimeOffset> _unknownSince = new(StringComparer.Ordinal);
    private string? _program;

    public virtual string Address => shell.Address;

    /// <summary>The wait before an upload goes on; doubled after each break. Default 1 second.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a small command may take before the connection counts as broken. Default 2 minutes.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(2);

    protected TimeProvider Time => time;

    public virtual async Task<string> PutFolderAsync(FolderPack pack, IProgress<UploadProgress>? progress, CancellationToken cancellationToken)
    {
        var best = -1L;
        for (var (failures, wait) = (0, FirstWait); ; )
        {
            try
            {
                var have = await ValuesAsync("have", [pack.Address], cancellationToken).ConfigureAwait(false);
                if (have.TryGetValue("folder", out var folder))
                {
                    return folder;
                }

                var offset = Number(have, "bytes");
                // A break after some progress is a bad line, and patience pays; breaks without any are a wall.
                (failures, wait, best) = offset > best ? (0, FirstWait, offset) : (failures, wait, best);
                var sha256 = await SendAsync(pack, offset, progress, cancellationToken).ConfigureAwait(false);
                var unpacked = await VerbAsync("unpack", [pack.Address, sha256, pack.IsCompressed ? "z" : ""], null, null, cancellationToken).ConfigureAwait(false);
                if (unpacked.ExitCode == 0)
                {
                    return Values(unpacked.Output)["folder"];
                }

                if (unpacked.ExitCode != Damaged || ++failures == UploadTries)
                {
                    throw Failed("unpack what was sent", unpacked);
                }

                best = -1;
            }
            catch (HostLostException error)
            {
                if (++failures == UploadTries)
                {
                    throw new HostLostException($"The upload to {Address} broke {failures} times without getting further: {error.Message} What was sent stays there; repeat the command to go on.", error);
                }

                await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
                wait *= 2;
            }
        }
    }

    public async Task<string> PrepareAsync(string job, CancellationToken cancellationToken)
    {
        CheckName(job);
        var result = await RequireAsync("prepare", "make the job's folder", [job], null, null, cancellationToken).ConfigureAwait(false);
        return result.Output.TrimEnd('\n');
    }

    public Task PutFileAsync(string job, string file, Stream content, CancellationToken cancellationToken) => RequireAsync(
        "put", $"write '{file}'", [job, file], (stream, token) => content.CopyToAsync(stream, token), null, cancellationToken);

    public virtual async Task StartAsync(JobSpec job, CancellationToken cancellationToken)
    {
        await PutScriptsAsync(job, cancellationToken).ConfigureAwait(false);
        await RequireAsync("start", "start the job", [job.Id], null, null, cancellationToken).ConfigureAwait(false);
    }

    public async Task<JobStatus> StatusAsync(string job, CancellationToken cancellationToken)
    {
        try
        {
            var status = await AskAsync(job, cancellationToken).ConfigureAwait(false);
            _unknownSince.Remove(job);
            return status;
        }
        catch (HostLostException error)
        {
            _unknownSince.TryAdd(job, time.GetUtcNow());
            return new JobStatus { State = JobState.Unknown, UnknownSince = _unknownSince[job], Message = error.Message };
        }
    }

    public async Task<IReadOnlyList<HostFile>> FilesAsync(string job, string folder, CancellationToken cancellationToken)
    {
        var result = await RequireAsync("files", "list the job's files", [job, folder], null, null, cancellationToken).ConfigureAwait(false);
        return [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 4))
            .Where(parts => parts.Length == 4)
            .Select(parts => new HostFile(parts[3][2..], Parse(parts[1]), Parse(parts[0]), Parse(parts[2])))]; // Names begin with './'.
    }

    public async Task<byte[]> ReadAsync(string job, string file, long offset, int count, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        await RequireAsync("read", $"read '{file}'", [job, file, Text(offset), Text(count)], null, content, cancellationToken).ConfigureAwait(false);
        return content.ToArray();
    }

    public async Task<string> FetchAsync(string job, string file, string target, Func<string, string?>? known, CancellationToken cancellationToken)
    {
        var held = await VerbAsync("hold", [job, file], null, null, cancellationToken).ConfigureAwait(false);
        if (held.ExitCode == NoSuchFile)
        {
            throw new FileNotFoundException($"{Address} has no file '{file}' of the job {job}.", file);
        }

        Require($"read '{file}'", held);
        var parts = held.Output.TrimEnd('\n').Split(' ');
        var (name, size, sha256) = (parts[0], Parse(parts[1]), parts[2]);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!); // A file has a folder.
        var temporary = $"{target}.{Environment.ProcessId}.tmp";
        try
        {
            if (known?.Invoke(sha256) is { } copy)
            {
                File.Copy(copy, temporary, overwrite: true);
            }
            else
            {
                await BringAsync(job, name, size, temporary, cancellationToken).ConfigureAwait(false);
            }

            await using (var whole = File.OpenRead(temporary))
            {
                var found = Convert.ToHexStringLower(await SHA256.HashDataAsync(whole, cancellationToken).ConfigureAwait(false));
                if (found != sha256)
                {
                    throw new HostLostException($"'{file}' came damaged from {Address}.");
                }
            }

            File.Move(temporary, target, overwrite: true);
            return sha256;
        }
        finally
        {
            File.Delete(temporary);
            await VerbAsync("release", [job, name], null, null, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<long> AppendAsync(string job, string file, long offset, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var result = await RequireAsync(
            "append", $"write to '{file}'", [job, file, Text(offset)], (stream, token) => stream.WriteAsync(content, token).AsTask(), null, cancellationToken).ConfigureAwait(false);
        return Parse(result.Output.Trim());
    }

    public virtual Task StopAsync(string job, TimeSpan grace, CancellationToken cancellationToken) =>
        RequireAsync("stop", "stop the job", [job, Text((long)Math.Ceiling(grace.TotalSeconds))], null, null, cancellationToken);

    public virtual Task RemoveAsync(string job, CancellationToken cancellationToken) => RequireAsync("remove", "remove the job", [job], null, null, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await shell.DisposeAsync().ConfigureAwait(false);
        _starting.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The state by the supervisor's files.</summary>
    protected virtual async Task<JobStatus> AskAsync(string job, CancellationToken cancellationToken)
    {
        var result = await VerbAsync("status", [job], null, null, cancellationToken).ConfigureAwait(false);
        return result.ExitCode == NoSuchJob ? Vanished(job) : Read(Values(Require("ask for the job", result).Output.Split("task=")[0]));
    }

    protected static JobStatus Vanished(string job) =>
        new() { State = JobState.Failed, Message = $"the host knows no job '{job}': its folder was removed, or the machine is another one" };

    /// <summary>The state by values of <c>status</c>, where the host's own processes can be seen.</summary>
    protected static JobStatus Read(IReadOnlyDictionary<string, string> values)
    {
        var age = values.TryGetValue("heartbeat", out var beat) && values.TryGetValue("now", out var now) ? TimeSpan.FromSeconds(Math.Max(0, Parse(now) - Parse(beat))) : (TimeSpan?)null;
        var restarts = values.TryGetValue("restarts", out var count) ? (int)Parse(count) : 0;
        if (values.TryGetValue("exit", out var exit))
        {
            return JobStatus.Ended((int)Parse(exit), values.GetValueOrDefault("cause")) with { HeartbeatAge = age, Restarts = restarts, Notice = values.GetValueOrDefault("notice", "") };
        }

        var isAlive = values.GetValueOrDefault("process") == "alive" || values.GetValueOrDefault("supervisor") == "alive";
        return new JobStatus
        {
            State = isAlive ? JobState.Running : JobState.Failed,
            HeartbeatAge = age,
            Restarts = restarts,
            Notice = values.GetValueOrDefault("notice", ""),
            Message = isAlive ? "" : "ended without leaving an exit code: it was killed together with its supervisor, or the machine was started anew",
        };
    }

    /// <summary>Writes the scripts that the supervisor runs.</summary>
    protected async Task PutScriptsAsync(JobSpec job, CancellationToken cancellationToken)
    {
        await PrepareAsync(job.Id, cancellationToken).ConfigureAwait(false);
        foreach (var (name, content) in Scripts(job))
        {
            await PutFileAsync(job.Id, name, new MemoryStream(Encoding.UTF8.GetBytes(content)), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Calls a verb of <c>host.sh</c> and turns a failure into a message.</summary>
    protected async Task<ShellResult> RequireAsync(
        string verb, string what, IReadOnlyList<string> arguments, Func<Stream, CancellationToken, Task>? input, Stream? output, CancellationToken cancellationToken) =>
        Require(what, await VerbAsync(verb, arguments, input, output, cancellationToken).ConfigureAwait(false));

    /// <summary>Calls a verb of <c>host.sh</c>.</summary>
    protected async Task<ShellResult> VerbAsync(
        string verb, IReadOnlyList<string> arguments, Func<Stream, CancellationToken, Task>? input, Stream? output, CancellationToken cancellationToken)
    {
        // A network that went away without a word is only noticed by waiting; uploads, unpacking and large files may rightly take long.
        using var limit = new CancellationTokenSource(_quickVerbs.Contains(verb) ? Patience : Timeout.InfiniteTimeSpan, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var program = await ProgramAsync(both.Token).ConfigureAwait(false);
            return await shell.RunAsync($"sh {Quote(program)} {verb} {string.Join(' ', arguments.Select(Quote))}", input, output, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            shell.Reset();
            throw new HostLostException(string.Create(CultureInfo.InvariantCulture, $"{Address} gave no answer within {Patience.TotalSeconds:0} s."));
        }
    }

    protected ComputeException Failed(string what, ShellResult result) => new(
        ComputeTrouble.Provider,
        $"{Address} could not {what}: {(result.Error.Trim() is { Length: > 0 } error ? error : $"exit code {result.ExitCode}")}. Look at the machine's disk, memory and permissions, then try again.");

    protected static long Parse(string text) => long.Parse(text.Trim(), CultureInfo.InvariantCulture);

    protected static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Lines of NAME=VALUE.</summary>
    protected static Dictionary<string, string> Values(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split('=', 2))
        .Where(parts => parts.Length == 2)
        .GroupBy(parts => parts[0], StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.First()[1], StringComparer.Ordinal);

    /// <summary>A word of a shell's command line.</summary>
    internal static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static IEnumerable<(string Name, string Content)> Scripts(JobSpec job)
    {
        // On Slurm the program may be started again, so the supervisor removes the secrets at the end.
        var head = $"[ -r secrets ] && . ./secrets\n[ -n \"$SLURM_JOB_ID\" ] || rm -f secrets\n"
            + string.Concat(job.Environment.Select(pair => $"export {Name(pair.Key)}={Quote(pair.Value)}\n"))
            + (job.Setup.Length > 0 ? $"set -e\n{job.Setup}\nset +e\n" : "");
        if (job.Secrets.Count > 0)
        {
            yield return ("secrets", string.Concat(job.Secrets.Select(pair => $"export {Name(pair.Key)}={Quote(pair.Value)}\n")));
        }

        yield return ("start", $"{head}exec {Line(job.Command)}\n");
        if (job.Resume.Count > 0)
        {
            yield return ("resume-when", job.ResumeWhen + "\n");
            yield return ("restarts-most", Text(job.Slurm.MostRestarts) + "\n");
            yield return ("resume", $"{head}exec {Line(job.Resume)}\n");
        }
    }

    private static string Line(IReadOnlyList<string> command) => string.Join(' ', command.Select(Quote));

    private static string Name(string variable) => variable.Length > 0 && variable.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_') && !char.IsAsciiDigit(variable[0])
        ? variable
        : throw new ArgumentException($"'{variable}' is no name of a variable.", nameof(variable));

    private static void CheckName(string job)
    {
        if (job.Length == 0 || job[0] is '.' or '-' || job.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_' or '.')))
        {
            throw new ComputeException(ComputeTrouble.Usage, $"A job cannot be called '{job}'; letters, digits, '-', '_' and '.' can be used. Choose another --name.");
        }
    }

    private static byte[] ReadScript()
    {
        using var stream = typeof(ShellHost).Assembly.GetManifestResourceStream("host.sh")!; // Embedded by the project file.
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static long Number(Dictionary<string, string> values, string name) => values.TryGetValue(name, out var text) ? Parse(text) : 0;

    private ShellResult Require(string what, ShellResult result) => result.ExitCode == 0 ? result : throw Failed(what, result);

    private async Task<Dictionary<string, string>> ValuesAsync(string verb, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        Values((await RequireAsync(verb, "look for what was sent", arguments, null, null, cancellationToken).ConfigureAwait(false)).Output);

    private async Task<string> SendAsync(FolderPack pack, long offset, IProgress<UploadProgress>? progress, CancellationToken cancellationToken)
    {
        var sha256 = "";
        await RequireAsync(
            "receive", "take the upload", [pack.Address, Text(offset)], async (stream, token) =>
            {
                var packed = 0L;
                await using var wire = new WireStream(stream, offset, sent => progress?.Report(new UploadProgress(sent, packed, pack.Bytes)));
                await pack.WriteAsync(wire, bytes => packed = bytes, token).ConfigureAwait(false);
                sha256 = wire.Sha256();
                progress?.Report(new UploadProgress(wire.Position, pack.Bytes, pack.Bytes));
            }, null, cancellationToken).ConfigureAwait(false);
        return sha256;
    }

    private async Task BringAsync(string job, string held, long size, string target, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(target, FileMode.Create, FileAccess.Write, FileShare.None);
        for (var failures = 0; stream.Position < size;)
        {
            var start = stream.Position;
            try
            {
                await RequireAsync("read", $"read '{held}'", [job, held, Text(start), Text(Math.Min(Piece, size - start))], null, stream, cancellationToken).ConfigureAwait(false);
                if (stream.Position == start)
                {
                    throw new HostLostException($"{Address} gave nothing of '{held}' from byte {start} on.");
                }

                failures = 0;
            }
            catch (HostLostException) when (stream.Position > start || ++failures < UploadTries)
            {
                await Task.Delay(FirstWait, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // The path of host.sh on the machine, which is put there when it is not.
    private async Task<string> ProgramAsync(CancellationToken cancellationToken)
    {
        if (_program is { } known)
        {
            return known;
        }

        await _starting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var folder = Path.IsPathRooted(root) ? Quote(root) : $"\"$HOME\"/{Quote(root)}";
            var looked = await shell.RunAsync(
                $"umask 077; mkdir -p {folder}/bin && cd {folder}/bin && pwd -P && {{ [ -s {_scriptName} ] && echo yes || echo no; }}", null, null, cancellationToken).ConfigureAwait(false);
            var lines = looked.Output.Split('\n');
            if (looked.ExitCode != 0 || lines.Length < 2)
            {
                throw Failed($"make the folder '{root}'", looked);
            }

            var program = $"{lines[0]}/{_scriptName}";
            if (lines[1] == "no")
            {
                var put = await shell.RunAsync(
                    $"cd {Quote(lines[0])} && umask 077 && cat > {_scriptName}.$$ && mv {_scriptName}.$$ {_scriptName}",
                    (stream, token) => stream.WriteAsync(_script, token).AsTask(), null, cancellationToken).ConfigureAwait(false);
                Require("take its script", put);
            }

            return _program = program;
        }
        finally
        {
            _starting.Release();
        }
    }
}

/// <summary>Jobs on this machine, which go on when the command that started them ends. Nothing is copied.</summary>
/// <param name="root">Folder of the jobs; null takes one below the home folder.</param>
/// <param name="time">Clock of the waits.</param>
internal sealed class LocalHost(string? root, TimeProvider time) : ShellHost(new LocalShell(), root ?? DefaultRoot, time)
{
    public override Task<string> PutFolderAsync(FolderPack pack, IProgress<UploadProgress>? progress, CancellationToken cancellationToken) =>
        pack.LocalPath is { } path ? Task.FromResult(path) : base.PutFolderAsync(pack, progress, cancellationToken);
}
