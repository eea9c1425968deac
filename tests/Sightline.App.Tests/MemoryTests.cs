using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Sightline.App.Tests;

/// <summary>Plans, and runs under real limits of the process.</summary>
[Collection("Alone")]
public sealed class MemoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public MemoryTests() => TinyData.WriteClassFolders(_folder.At("photos"), perClass: 60);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Plan_names_each_term_and_the_probe_measures_what_it_says()
    {
        var plan = Sightline("train", "plan", "photos", "--model", "resnet18", "--size", "128", "--batch", "48", "--set", "threads=1", "--probe", "--json").With(ExitCode.Done).Json;

        Approved.Match("json.train-plan", JsonNames.Of(plan));
        Assert.Equal("done", plan.GetProperty("probeOutcome").GetString());
        Assert.InRange(plan.GetProperty("probeError").GetDouble(), -0.1, 0.1);
        Assert.True(plan.GetProperty("fits").GetBoolean());
        Assert.Equal(11_177_538L * 4, plan.GetProperty("gradientBytes").GetInt64()); // torchvision's resnet18 with two classes.
    }

    [Fact]
    public void Plan_that_does_not_fit_says_what_the_run_would_change()
    {
        var ended = Sightline("train", "plan", "photos", "--model", "resnet18", "--size", "128", "--batch", "64", "--set", "memory.limitBytes=600000000").With(ExitCode.Done);

        Assert.Contains("It does not fit as it is. The run would change: freed memory goes back to the system at once", ended.Out);
        Assert.Contains("each batch of 64 goes through the model in", ended.Out);
    }

    [Fact]
    public void Allocation_that_fails_within_the_limit_of_the_data_segment_is_caught_and_the_step_done_again()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/prlimit"), "Needs prlimit (util-linux).");

        // The plan is told a limit that is not there, so that the real one is met by an allocation.
        var ended = Limited(800_000_000, "--name", "limited", "--set", "memory.limitBytes=100000000000").With(ExitCode.Done);

        Assert.Contains("The memory ran out in training; from here on: each batch of 64 goes through the model in ", ended.Error);
        var told = Events("limited").Where(e => e.GetProperty("kind").GetString() == "memory").ToList();
        Assert.InRange(told.Count, 3, 6);
        Assert.All(told.Skip(2), e => Assert.StartsWith("The memory ran out", e.GetProperty("message").GetString()));
        var last = Events("limited").Last(e => e.GetProperty("kind").GetString() == "epoch");
        Assert.Equal(2, last.GetProperty("step").GetInt64()); // One step in each of two epochs: none was lost.
    }

    [Fact]
    public void Limit_of_the_data_segment_is_read_and_the_run_fits_itself_in()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/prlimit"), "Needs prlimit (util-linux).");

        var ended = Limited(800_000_000, "--name", "fitted").With(ExitCode.Done);

        Assert.Contains("(the data segment (ulimit -d))", ended.Error);
        Assert.Contains("To fit into the memory: each batch of 64 goes through the model in ", ended.Error);
    }

    // The kernel kills what goes beyond a group's limit: nothing can be caught, so the plan alone keeps a run alive.
    [Fact]
    public void Limit_of_a_memory_control_group_is_read_and_the_run_stays_below_it()
    {
        using var group = MemoryGroup.Create(700_000_000);
        Assert.SkipWhen(group is null, "Needs a memory control group that this user can make (root, and /sys/fs/cgroup writable).");
        string[] arguments = ["train", "photos", "--model", "resnet18", "--size", "128", "--batch", "64", "--epochs", "1", "--set", "threads=1", "--set", "workers=1"];

        var blind = group.Run(_folder.Path, [.. arguments, "--name", "blind", "--set", "memory.limitBytes=100000000000"]);
        var fitted = group.Run(_folder.Path, [.. arguments, "--name", "caged"]).With(ExitCode.Done);

        Assert.Equal(128 + 9, blind.ExitCode); // SIGKILL: the limit is real.
        Assert.Contains("(the memory control group '", fitted.Error);
        Assert.Contains("To fit into the memory: ", fitted.Error);
    }

    [Fact]
    public void Plan_counts_a_teacher_drop_block_and_frozen_stages_as_the_probe_measures_them()
    {
        string[] common = ["photos", "--model", "resnet18", "--size", "128", "--set", "threads=1"];
        Sightline(["train", .. common, "--batch", "16", "--epochs", "1", "--name", "teacher"]).With(ExitCode.Done);

        var plan = Sightline([
            "train", "plan", .. common, "--batch", "48", "--freeze", "1", "--set", "regularisation.dropBlock=0.1", "--set", "distill.run=teacher", "--probe", "--json"]).With(ExitCode.Done).Json;

        Assert.Equal("done", plan.GetProperty("probeOutcome").GetString());
        Assert.InRange(plan.GetProperty("probeError").GetDouble(), -0.1, 0.1);
        Assert.True(plan.GetProperty("teacherBytes").GetInt64() > 11_177_538L * 4);
    }

    [Fact]
    public void Run_that_cannot_fit_ends_with_six_and_says_what_would()
    {
        var nothing = Sightline("train", "photos", "--model", "resnet18", "--size", "128", "--batch", "64", "--epochs", "1", "--set", "memory.limitBytes=50000000");
        var rigid = Sightline("train", "photos", "--model", "resnet18", "--size", "128", "--batch", "64", "--epochs", "1", "--set", "memory.limitBytes=600000000", "--set", "memory.adapt=false");

        Assert.Equal((int)ExitCode.OutOfMemory, nothing.ExitCode);
        Assert.Contains("Take a smaller --size or --model", nothing.Error);
        Assert.Equal((int)ExitCode.OutOfMemory, rigid.ExitCode);
        Assert.Contains("By the plan this would fit: --batch 64 --set memory.microBatch=4 --set memory.checkpointing=balanced", rigid.Error);
    }

    [Fact]
    public void Batch_larger_than_the_data_is_refused_where_it_was_asked_for()
    {
        var ended = Sightline("train", "photos", "--model", "resnet10_small", "--batch", "500", "--epochs", "1").With(ExitCode.Usage);

        Assert.Equal("The batch is 500, and there are 96 training pictures. Pass --batch 96 or less, or leave it out.", ended.Error.Trim().Split('\n')[^1]);
    }

    [Fact]
    public void Batch_auto_takes_the_largest_part_that_survives_in_another_process()
    {
        var ended = Sightline(
            "train", "photos", "--model", "resnet18_light", "--size", "64", "--batch", "auto", "--epochs", "1", "--set", "threads=1", "--set", "memory.limitBytes=500000000",
            "--set", "memory.allocator=compact", "--name", "auto").With(ExitCode.Done);

        Assert.Contains("64 pictures at once: ", ended.Error);
        Assert.Contains("which fits", ended.Error);
        var options = JsonDocument.Parse(File.ReadAllText(_folder.At("runs", "auto", "run.json"))).RootElement.GetProperty("options");
        Assert.Equal(64, options.GetProperty("batchSize").GetInt32());
        Assert.InRange(options.GetProperty("memory").GetProperty("microBatch").GetInt32(), 4, 48);
    }

    private Ended Sightline(params string[] arguments) => Cli.Run(_folder.Path, arguments);

    // RLIMIT_DATA bounds what malloc can get; the garbage collector's reserve, which counts too, is bounded beside it.
    private Ended Limited(long bytes, params string[] more)
    {
        var start = Cli.Start(
            _folder.Path, "/usr/bin/prlimit",
            [$"--data={bytes}", Cli.Executable, "train", "photos", "--model", "resnet18", "--size", "128", "--batch", "64", "--epochs", "2", "--set", "threads=1", "--set", "workers=1", .. more]);
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x8000000";
        return Cli.Execute(start);
    }

    private List<JsonElement> Events(string run) => File.ReadLines(_folder.At("runs", run, "metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToList();
}
