using Sightline.Native;
using Xunit;

namespace Sightline.Tests.Native;

/// <summary>Files as the kernel writes them, under a folder of our own: a test cannot make control groups on every machine.</summary>
public sealed class MemoryLimitTests : IDisposable
{
    private const long Mega = 1 << 20;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("sightline-limit-");

    public MemoryLimitTests()
    {
        Write("proc/meminfo", "MemTotal:       24000000 kB\nMemFree:         1000000 kB\nMemAvailable:    8388608 kB\n");
        Write("proc/self/status", "Name:\tsightline\nVmPeak:\t 3145728 kB\nVmSize:\t 2097152 kB\nVmHWM:\t  307200 kB\nVmRSS:\t  204800 kB\nVmData:\t  409600 kB\n");
        Write("proc/self/limits", "Limit                     Soft Limit           Hard Limit           Units     \nMax data size             unlimited            unlimited            bytes     \nMax address space         unlimited            unlimited            bytes     \n");
        Write("proc/self/cgroup", "0::/user.slice/run-1.scope\n");
    }

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Without_limits_it_is_what_the_machine_has_free_and_what_this_process_holds() =>
        Assert.Equal(new MemoryLimit((8192 + 200) * Mega, "the machine's free memory") { Kills = true }, Read());

    [Fact]
    public void Second_version_of_control_groups_counts_what_others_of_the_group_hold()
    {
        Write("sys/fs/cgroup/user.slice/run-1.scope/memory.max", $"{1000 * Mega}\n");
        Write("sys/fs/cgroup/user.slice/run-1.scope/memory.stat", $"anon {500 * Mega}\nfile {300 * Mega}\n");

        // Of 500 MiB in the group 200 are ours; file pages can be dropped.
        Assert.Equal(new MemoryLimit(700 * Mega, "the memory control group 'sys/fs/cgroup/user.slice/run-1.scope/memory.max'") { Kills = true }, Read());
    }

    [Fact]
    public void A_parents_limit_binds_too_and_max_is_none()
    {
        Write("sys/fs/cgroup/user.slice/run-1.scope/memory.max", "max\n");
        Write("sys/fs/cgroup/user.slice/memory.max", $"{900 * Mega}\n");

        Assert.Equal(900 * Mega, Read()!.Bytes);
    }

    [Fact]
    public void In_a_container_whose_path_is_the_hosts_the_limit_lies_at_the_top()
    {
        Write("proc/self/cgroup", "0::/docker/8f3a\n");
        Write("sys/fs/cgroup/memory.max", $"{800 * Mega}\n");

        Assert.Equal(800 * Mega, Read()!.Bytes);
    }

    [Fact]
    public void First_version_has_its_own_names_and_its_own_word_for_none()
    {
        Write("proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory:/a/b\n");
        Write("sys/fs/cgroup/memory/a/b/memory.limit_in_bytes", "9223372036854771712\n");
        Write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", $"{600 * Mega}\n");
        Write("sys/fs/cgroup/memory/a/memory.stat", $"cache 1\ntotal_rss {250 * Mega}\n");

        Assert.Equal(550 * Mega, Read()!.Bytes);
    }

    [Fact]
    public void Process_limits_count_what_is_reserved_too()
    {
        Write("proc/self/limits", $"Max data size             {1000 * Mega}            unlimited            bytes\nMax address space         {5000 * Mega} {5000 * Mega} bytes\n");

        // 400 MiB of data are reserved, 200 of them resident: 600 are left beside those.
        Assert.Equal(new MemoryLimit(800 * Mega, "the data segment (ulimit -d)"), Read());
        Assert.Contains(new MemoryLimit(((5000 - 2048) + 200) * Mega, "the address space (ulimit -v)"), MemoryLimit.All(_root.FullName));
    }

    [Fact]
    public void Nothing_is_known_without_these_files() => Assert.Null(MemoryLimit.Read(Path.Combine(_root.FullName, "none")));

    private MemoryLimit? Read() => MemoryLimit.Read(_root.FullName);

    private void Write(string path, string text)
    {
        var file = Path.Combine(_root.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!); // Never the root.
        File.WriteAllText(file, text);
    }
}
