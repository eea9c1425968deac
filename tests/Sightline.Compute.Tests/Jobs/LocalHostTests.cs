using System.Globalization;
using Sightline.Compute.Jobs;
using Xunit;

namespace Sightline.Compute.Tests.Jobs;

public sealed class LocalHostTests : JobHostContract
{
    private readonly LocalHost _host;

    public LocalHostTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Jobs need a POSIX shell.");
        _host = new LocalHost(Folder.At("host"), TimeProvider.System);
    }

    private protected override IJobHost Host => _host;

    [Fact]
    public async Task A_job_that_ignores_the_request_to_stop_is_killed_with_all_its_children()
    {
        var job = await StartAsync("trap '' TERM; (trap '' TERM; while :; do sleep 0.1; done) & echo $! > child; while :; do sleep 0.1; done");
        var child = int.Parse(await TextAsync(job, "child"), CultureInfo.InvariantCulture);

        await Host.StopAsync(job, TimeSpan.FromSeconds(1), CancellationToken.None);
        var ended = await EndAsync(job);

        Assert.Equal((JobState.Failed, 9), (ended.State, ended.Signal));
        Assert.Contains("after it was asked to stop", ended.Message);
        Sightline.Tests.Shared.ServerProcess.Wait(() => !IsAlive(child), "the child has ended");
    }

    [Fact]
    public async Task A_job_whose_supervisor_was_killed_with_it_is_failed_and_not_running_for_ever()
    {
        var job = await StartAsync("echo $$ > pid; while :; do sleep 0.1; done");
        var process = await TextAsync(job, "pid");
        Kill((await TextAsync(job, "supervisor")).Split(' ')[0]);
        Assert.Equal(JobState.Running, (await Host.StatusAsync(job, CancellationToken.None)).State);
        Kill(process);

        var ended = await EndAsync(job);

        Assert.Equal((JobState.Failed, null), (ended.State, ended.ExitCode));
        Assert.Contains("without leaving an exit code", ended.Message);
    }

    [Fact]
    public async Task A_process_of_another_job_with_the_same_number_is_not_taken_for_it()
    {
        var job = await StartAsync("sleep 100");
        var parts = (await TextAsync(job, "process")).Split(' ');
        Kill((await TextAsync(job, "supervisor")).Split(' ')[0]);
        Kill(parts[0]);
        // The number now belongs to this very process, which began at another time.
        await Host.PutFileAsync(job, "process", new MemoryStream(System.Text.Encoding.ASCII.GetBytes($"{Environment.ProcessId} {string.Join(' ', parts[1..])}\n")), CancellationToken.None);

        Assert.Equal(JobState.Failed, (await EndAsync(job)).State);
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a b")]
    [InlineData("-n")]
    [InlineData(".hidden")]
    public async Task A_name_that_could_lead_elsewhere_is_refused(string name)
    {
        var error = await Assert.ThrowsAsync<ComputeException>(() => Host.PrepareAsync(name, CancellationToken.None));

        Assert.Equal(ComputeTrouble.Usage, error.Trouble);
        Assert.StartsWith($"A job cannot be called '{name}'", error.Message);
    }

    [Fact]
    public async Task A_folder_of_this_machine_is_used_where_it_lies()
    {
        Folder.Write("data/a.txt", "a");

        var path = await Host.PutFolderAsync(FolderPack.OfFolder(Folder.At("data"), CancellationToken.None), null, CancellationToken.None);

        Assert.Equal(Folder.At("data"), path);
    }

    private static bool IsAlive(int process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
