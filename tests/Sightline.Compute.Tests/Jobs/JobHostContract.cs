using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Sightline.Compute.Jobs;
using Xunit;

namespace Sightline.Compute.Tests.Jobs;

/// <summary>What every host of jobs does. Jobs are small shell programs, so that what they leave is known.</summary>
public abstract class JobHostContract : IDisposable
{
    private static int _count;

    private protected TestFolder Folder { get; } = new();

    private protected abstract IJobHost Host { get; }

    public virtual void Dispose()
    {
        KillAll(Folder.Path);
        Folder.Dispose();
    }

    [Fact]
    public async Task A_job_leaves_its_output_and_exit_code()
    {
        var job = await StartAsync("echo to-output; echo to-error >&2; echo value=$NAME; pwd");

        var ended = await EndAsync(job);

        Assert.Equal((JobState.Done, 0), (ended.State, ended.ExitCode));
        var log = Encoding.UTF8.GetString(await Host.ReadAsync(job, "log", 0, 1000, CancellationToken.None)).Split('\n');
        Assert.Equal(["to-output", "to-error", "value=a 'b' $c", await Host.PrepareAsync(job, CancellationToken.None), ""], log);
    }

    [Fact]
    public async Task A_failed_job_keeps_its_exit_code()
    {
        var ended = await EndAsync(await StartAsync("exit 7"));

        Assert.Equal((JobState.Failed, 7, "ended with exit code 7"), (ended.State, ended.ExitCode, ended.Message));
    }

    [Fact]
    public async Task A_killed_job_is_failed_with_its_signal()
    {
        var job = await StartAsync("echo $$ > pid; while :; do sleep 0.1; done");
        Kill(await TextAsync(job, "pid"));

        var ended = await EndAsync(job);

        Assert.Equal((JobState.Failed, 9), (ended.State, ended.Signal));
    }

    [Fact]
    public async Task A_stopped_job_writes_its_checkpoint_first()
    {
        var job = await StartAsync("trap 'echo whole > checkpoint; exit 10' TERM; echo up > up; while :; do sleep 0.1; done");
        await TextAsync(job, "up");
        Assert.Equal(JobState.Running, (await Host.StatusAsync(job, CancellationToken.None)).State);

        await Host.StopAsync(job, TimeSpan.FromMinutes(1), CancellationToken.None);
        var ended = await EndAsync(job);

        Assert.Equal((JobState.Stopped, 10), (ended.State, ended.ExitCode));
        Assert.Equal("whole", await TextAsync(job, "checkpoint"));
    }

    [Fact]
    public async Task A_running_job_has_a_fresh_heartbeat()
    {
        var job = await StartAsync("while [ ! -e stop ]; do sleep 0.1; done");

        var seen = await UntilAsync(job, status => status is { State: JobState.Running, HeartbeatAge: not null });
        await Host.StopAsync(job, TimeSpan.FromSeconds(5), CancellationToken.None);

        Assert.InRange(seen.HeartbeatAge!.Value.TotalSeconds, 0, 60); // It is not null above.
        await EndAsync(job);
    }

    [Fact]
    public async Task Files_are_read_by_offset_listed_and_brought_whole_though_they_are_replaced()
    {
        var job = NewName();
        await Host.PrepareAsync(job, CancellationToken.None);
        var content = RandomNumberGenerator.GetBytes(300_000);
        await Host.PutFileAsync(job, "run/check points/last.bin", new MemoryStream(content), CancellationToken.None);

        Assert.Equal(content[1000..1500], await Host.ReadAsync(job, "run/check points/last.bin", 1000, 500, CancellationToken.None));
        Assert.Empty(await Host.ReadAsync(job, "run/check points/last.bin", content.Length, 500, CancellationToken.None));
        Assert.Empty(await Host.ReadAsync(job, "run/absent", 0, 500, CancellationToken.None));
        var listed = Assert.Single(await Host.FilesAsync(job, "run", CancellationToken.None));
        Assert.Equal(("check points/last.bin", content.Length), (listed.Name, listed.Bytes));
        var sha256 = await Host.FetchAsync(job, "run/check points/last.bin", Folder.At("got/last.bin"), null, CancellationToken.None);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), sha256);
        Assert.Equal(content, await File.ReadAllBytesAsync(Folder.At("got/last.bin")));
        await Host.PutFileAsync(job, "run/check points/last.bin", new MemoryStream(content[..10]), CancellationToken.None);
        Assert.NotEqual(listed.Inode, Assert.Single(await Host.FilesAsync(job, "run", CancellationToken.None)).Inode);
        Assert.Empty(await Host.FilesAsync(job, "no/such", CancellationToken.None));
    }

    [Fact]
    public async Task An_empty_file_can_be_written()
    {
        var job = NewName();
        await Host.PrepareAsync(job, CancellationToken.None);

        await Host.PutFileAsync(job, "empty", new MemoryStream([]), CancellationToken.None);

        Assert.Equal(0, Assert.Single(await Host.FilesAsync(job, ".", CancellationToken.None)).Bytes);
    }

    [Fact]
    public async Task Control_lines_are_appended_once()
    {
        var job = NewName();
        await Host.PrepareAsync(job, CancellationToken.None);

        Assert.Equal(4, await Host.AppendAsync(job, "run/control.jsonl", 0, "one\n"u8.ToArray(), CancellationToken.None));
        // The answer to the first was lost, so it is sent again.
        Assert.Equal(4, await Host.AppendAsync(job, "run/control.jsonl", 0, "one\n"u8.ToArray(), CancellationToken.None));
        Assert.Equal(8, await Host.AppendAsync(job, "run/control.jsonl", 4, "two\n"u8.ToArray(), CancellationToken.None));

        Assert.Equal("one\ntwo", await TextAsync(job, "run/control.jsonl"));
    }

    [Fact]
    public async Task Secrets_reach_the_program_and_are_gone_afterwards()
    {
        var job = NewName();
        await Host.StartAsync(
            new JobSpec { Id = job, Command = ["sh", "-c", "[ ${#TOKEN} = 3 ] && cat start batch 2>/dev/null | grep -c 'x[ ]y'"], Secrets = new Dictionary<string, string> { ["TOKEN"] = "x y" } },
            CancellationToken.None);

        await EndAsync(job);

        Assert.Equal("0", await TextAsync(job, "log"));
        Assert.DoesNotContain(await Host.FilesAsync(job, ".", CancellationToken.None), file => file.Name == "secrets");
    }

    [Fact]
    public async Task A_job_that_runs_is_not_started_twice()
    {
        var job = await StartAsync("echo begun >> begun; while [ ! -e go ]; do sleep 0.1; done; exit 10");
        await TextAsync(job, "begun");

        await Host.StartAsync(Spec(job, "echo begun >> begun"), CancellationToken.None);
        await Host.PutFileAsync(job, "go", new MemoryStream([]), CancellationToken.None);
        await EndAsync(job);

        Assert.Equal("begun", await TextAsync(job, "begun"));
    }

    [Fact]
    public async Task A_job_that_was_cut_off_goes_on_with_its_other_command()
    {
        var job = NewName();
        var spec = Spec(job, "echo first >> order; echo > place; exit 1") with { Resume = ["sh", "-c", "echo second >> order"], ResumeWhen = "place" };
        await Host.StartAsync(spec, CancellationToken.None);
        await EndAsync(job);

        await Host.StartAsync(spec, CancellationToken.None);
        var ended = await EndAsync(job);

        Assert.Equal(JobState.Done, ended.State);
        Assert.Equal("first\nsecond", await TextAsync(job, "order"));
    }

    [Fact]
    public async Task A_job_that_nobody_knows_is_failed()
    {
        var status = await Host.StatusAsync("no-such-job", CancellationToken.None);

        Assert.Equal(JobState.Failed, status.State);
        Assert.Contains("knows no job 'no-such-job'", status.Message);
    }

    [Fact]
    public async Task A_finished_job_can_be_removed()
    {
        var job = await StartAsync("true");
        await EndAsync(job);

        await Host.RemoveAsync(job, CancellationToken.None);

        Assert.Equal(JobState.Failed, (await Host.StatusAsync(job, CancellationToken.None)).State);
    }

    private protected string NewName() => $"job-{Interlocked.Increment(ref _count)}-{GetType().Name}";

    private protected static JobSpec Spec(string job, string script) =>
        new() { Id = job, Command = ["sh", "-c", script], Environment = new Dictionary<string, string> { ["NAME"] = "a 'b' $c" } };

    private protected async Task<string> StartAsync(string script)
    {
        var job = NewName();
        await Host.StartAsync(Spec(job, script), CancellationToken.None);
        return job;
    }

    private protected Task<JobStatus> EndAsync(string job) => UntilAsync(job, status => status.IsOver);

    private protected async Task<JobStatus> UntilAsync(string job, Func<JobStatus, bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var status = await Host.StatusAsync(job, CancellationToken.None);
            if (condition(status))
            {
                return status;
            }

            if (clock.Elapsed > TimeSpan.FromMinutes(2))
            {
                Assert.Fail($"The job is at {status} after two minutes. Its log: {Encoding.UTF8.GetString(await Host.ReadAsync(job, "log", 0, 10_000, CancellationToken.None))}");
            }

            await Task.Delay(50);
        }
    }

    /// <summary>The content of a file of the job, as soon as there is some; without the last line's end.</summary>
    private protected async Task<string> TextAsync(string job, string file)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var text = Encoding.UTF8.GetString(await Host.ReadAsync(job, file, 0, 10_000, CancellationToken.None));
            if (text.EndsWith('\n'))
            {
                return text.TrimEnd('\n');
            }

            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), $"'{file}' was not there after two minutes; {await Host.StatusAsync(job, CancellationToken.None)}");
            await Task.Delay(50);
        }
    }

    private protected static void Kill(string process)
    {
        using var kill = Process.Start("/bin/kill", ["-9", "--", process]);
        kill.WaitForExit();
    }

    /// <summary>Ends what jobs below a folder left running, whole sessions; a test that failed half-way leaves some that ignore every other signal.</summary>
    private protected static void KillAll(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "process", SearchOption.AllDirectories))
        {
            var parts = File.ReadAllText(file).Split(' ');
            var stat = $"/proc/{parts[0]}/stat";
            // By number and start: the number may be another's by now. A leader that is gone may have left the others of its session.
            if (parts.Length > 1 && int.TryParse(parts[0], out _) && (!File.Exists(stat) || File.ReadAllText(stat).Split(") ")[^1].Split(' ').ElementAtOrDefault(19) == parts[1]))
            {
                foreach (var left in Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(id => int.TryParse(id, out _) && SessionOf(id!) == parts[0]))
                {
                    Kill(left!); // Not null: it has a name.
                }
            }
        }
    }

    private static string SessionOf(string process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' ')[3];
        }
        catch (IOException)
        {
            return ""; // It has ended meanwhile.
        }
    }
}

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("sightline-jobs-").FullName;

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string content)
    {
        var file = At(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!); // A file has a folder.
        File.WriteAllText(file, content);
        return file;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
