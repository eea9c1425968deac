using System.Diagnostics;
using Sightline.Compute.Leases;
using Xunit;

namespace Sightline.Compute.Tests.Leases;

public sealed class LeaseHolderTests
{
    [Fact]
    public void Own_process_lives() => Assert.False(LeaseHolder.IsDead(LeaseHolder.Name("x")));

    [Fact]
    public void Process_that_ended_is_dead()
    {
        using var process = Process.Start(new ProcessStartInfo("sleep", "60"))!; // Null only where the shell runs it.
        var start = new DateTimeOffset(process.StartTime).ToUnixTimeSeconds();
        var holder = LeaseHolder.Name(process.Id, start, "x");

        var before = LeaseHolder.IsDead(holder);
        process.Kill();
        process.WaitForExit();

        Assert.False(before);
        Assert.True(LeaseHolder.IsDead(holder));
    }

    [Fact]
    public void Another_process_of_the_same_id_is_not_the_holder() => Assert.True(LeaseHolder.IsDead(LeaseHolder.Name(Environment.ProcessId, 12345, "x")));

    [Theory]
    [InlineData("")]
    [InlineData("123-abc")]
    [InlineData("elsewhere/boot/pid|1|1|x")]
    public void Holder_of_another_place_is_not_judged(string holder) => Assert.False(LeaseHolder.IsDead(holder));
}
