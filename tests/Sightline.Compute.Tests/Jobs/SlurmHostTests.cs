using Sightline.Compute.Jobs;
using Sightline.Tests.Shared;
using Xunit;

namespace Sightline.Compute.Tests.Jobs;

/// <summary>One cluster for all tests of the class.</summary>
public sealed class SlurmFixture : IDisposable
{
    internal SlurmCluster? Cluster { get; } = SlurmCluster.Absent is null ? new SlurmCluster() : null;

    public void Dispose() => Cluster?.Dispose();
}

/// <summary>Against a real Slurm cluster of two nodes on loopback.</summary>
public sealed class SlurmHostTests : JobHostContract, IClassFixture<SlurmFixture>
{
    private readonly SlurmCluster _cluster;
    private readonly SlurmHost _host;

    public SlurmHostTests(SlurmFixture fixture)
    {
        Assert.SkipWhen(fixture.Cluster is null, SlurmCluster.Absent ?? "");
        _cluster = fixture.Cluster!; // The test was skipped where it is null.
        _host = new SlurmHost(new LocalShell(_cluster.Environment), Path.Combine(_cluster.Folder, "sightline"), isLocal: true, TimeProvider.System);
    }

    private protected override IJobHost Host => _host;

    [Fact]
    public async Task The_warning_before_the_time_limit_leaves_a_checkpoint_and_the_job_goes_on_in_its_next_turn()
    {
        var job = NewName();
        await _host.StartAsync(
            Spec(job, "trap 'echo one >> checkpoints; exit 10' TERM; echo up > up; while :; do sleep 0.05; done") with { Resume = ["sh", "-c", "echo two >> checkpoints"], ResumeWhen = "checkpoints" },
            CancellationToken.None);
        await TextAsync(job, "up");
        var number = await TextAsync(job, "slurm");
        // What Slurm sends by itself near the limit; it looks at limits only every 30 s.
        _cluster.Run("scancel", "--batch", "--signal=USR1", number);

        var waiting = await UntilAsync(job, status => status.State == JobState.Queued);
        // A job that goes back into the queue waits two minutes by default; within the same second its node would refuse it.
        _cluster.Run("scontrol", "update", $"JobId={number}", "StartTime=now+3");
        var ended = await EndAsync(job);

        Assert.Contains("goes on for the 2. time", waiting.Message);
        Assert.True(ended.State == JobState.Done, $"{ended} {_cluster.Run("scontrol", "-o", "show", "job", number)} {await TextAsync(job, "slurm.log")}");
        Assert.Equal(1, ended.Restarts);
        Assert.Equal("one\ntwo", await TextAsync(job, "checkpoints"));
    }

    [Fact]
    public async Task Slurm_is_told_to_warn_the_job_before_the_limit()
    {
        var job = NewName();
        await _host.StartAsync(
            Spec(job, "trap 'exit 10' TERM; echo up > up; while :; do sleep 0.05; done") with { Slurm = new SlurmOptions { Partition = "main", TimeLimit = TimeSpan.FromSeconds(301), Cpus = 1, More = ["--comment=ab"] } },
            CancellationToken.None);
        await TextAsync(job, "up");

        var shown = _cluster.Run("scontrol", "-o", "show", "job", await TextAsync(job, "slurm"));
        await _host.StopAsync(job, TimeSpan.FromSeconds(30), CancellationToken.None);

        Assert.Contains("TimeLimit=00:06:00", shown);
        Assert.Contains("Partition=main", shown);
        Assert.Contains("#SBATCH --signal=B:USR1@120", await TextAsync(job, "batch"));
        Assert.Equal(JobState.Stopped, (await EndAsync(job)).State);
    }

    [Fact]
    public async Task The_tasks_of_an_array_run_on_both_nodes_and_are_told_apart()
    {
        var job = NewName();
        await _host.StartAsync(
            Spec(job, "echo $SLURMD_NODENAME > node-$SLURM_ARRAY_TASK_ID; while [ ! -e node-0 ] || [ ! -e node-1 ]; do sleep 0.05; done; exit $((SLURM_ARRAY_TASK_ID * 3))") with { Slurm = new SlurmOptions { ArrayTasks = 2 } },
            CancellationToken.None);

        var ended = await EndAsync(job);

        Assert.Equal((JobState.Failed, "2 tasks: 1 done, 1 failed"), (ended.State, ended.Message));
        Assert.Equal((JobState.Done, 0), (ended.Tasks[0].State, ended.Tasks[0].ExitCode));
        Assert.Equal((JobState.Failed, 3), (ended.Tasks[1].State, ended.Tasks[1].ExitCode));
        Assert.Equal(["n1", "n2"], new[] { await TextAsync(job, "node-0"), await TextAsync(job, "node-1") }.Order());
    }

    [Fact]
    public async Task A_job_that_waits_leaves_the_queue_when_it_is_stopped()
    {
        var job = NewName();
        await _host.StartAsync(Spec(job, "echo never > never") with { Slurm = new SlurmOptions { More = ["--begin=now+1hour"] } }, CancellationToken.None);
        var waiting = await UntilAsync(job, status => status.State == JobState.Queued);

        await _host.StopAsync(job, TimeSpan.FromSeconds(30), CancellationToken.None);
        var ended = await EndAsync(job);

        Assert.Equal("waits: BeginTime", waiting.Message);
        Assert.Equal(JobState.Stopped, ended.State);
    }

    [Fact]
    public async Task What_slurm_refuses_is_said_in_its_words()
    {
        var error = await Assert.ThrowsAsync<ComputeException>(() =>
            _host.StartAsync(Spec(NewName(), "true") with { Slurm = new SlurmOptions { Partition = "nowhere" } }, CancellationToken.None));

        Assert.Contains("could not give the job to Slurm", error.Message);
        Assert.Contains("invalid partition", error.Message);
    }

    [Fact]
    public async Task A_job_whose_node_forgot_it_is_failed_with_slurms_word()
    {
        var job = await StartAsync("echo up > up; while :; do sleep 0.05; done");
        await TextAsync(job, "up");

        _cluster.Run("scancel", await TextAsync(job, "slurm"));
        var ended = await EndAsync(job);

        Assert.NotEqual(JobState.Running, ended.State);
    }
}
