using Sightline.Compute.Leases;
using Sightline.Compute.Storage;
using Xunit;

namespace Sightline.Compute.Tests.Leases;

public sealed class SshReservationTests
{
    [Theory]
    [InlineData("gpu.example.com", "root", "gpu.example.com", 22)]
    [InlineData("me@gpu.example.com:2200", "me", "gpu.example.com", 2200)]
    [InlineData("me@[2001:db8::7]:2200", "me", "2001:db8::7", 2200)]
    public async Task Create_reads_user_host_and_port(string host, string user, string name, int port)
    {
        await using var database = await Database.InMemoryAsync(Guid.NewGuid().ToString(), default);

        var machine = await new SshReservations(database, TimeProvider.System).CreateAsync(Request("insta1-aaaaaaaa", host), default);

        Assert.Equal((user, name, port), (machine.SshUser, machine.SshHost, machine.SshPort));
        Assert.Equal("Sightline reserves this host and cannot end it: burncloud bills 1.5 USD per hour until you end it there yourself.", machine.Message);
    }

    [Fact]
    public async Task Create_of_a_reserved_host_is_no_capacity_until_the_first_ends()
    {
        await using var database = await Database.InMemoryAsync(Guid.NewGuid().ToString(), default);
        var hosts = new SshReservations(database, TimeProvider.System);
        var first = await hosts.CreateAsync(Request("insta1-aaaaaaaa", "h"), default);

        var error = await Assert.ThrowsAsync<LeaseException>(() => hosts.CreateAsync(Request("insta1-bbbbbbbb", "other@h:22"), default));
        await hosts.EndAsync(first.Id, default);
        await hosts.EndAsync(first.Id, default);
        var second = await hosts.CreateAsync(Request("insta1-bbbbbbbb", "h"), default);

        Assert.Equal(LeaseTrouble.Capacity, error.Trouble);
        Assert.Equal("The host h:22 is reserved by another lease. 'sightline gpu leases' shows which; end that one first, or take another host.", error.Message);
        Assert.Null(await hosts.FindAsync(first.Id, default));
        Assert.Equal([second.Id], (await hosts.ListAsync(default)).Select(machine => machine.Id));
    }

    [Fact]
    public async Task Create_with_a_host_that_is_none_says_its_form()
    {
        await using var database = await Database.InMemoryAsync(Guid.NewGuid().ToString(), default);

        var error = await Assert.ThrowsAsync<LeaseException>(() => new SshReservations(database, TimeProvider.System).CreateAsync(Request("insta1-aaaaaaaa", "h/path"), default));

        Assert.Equal("The host is 'h/path'; in a price sheet it has the form USER@HOST:PORT, and user and port may be left out.", error.Message);
    }

    private static MachineRequest Request(string lease, string host) => new()
    {
        LeaseId = lease, Offer = TestOffers.Of("burncloud", 1.5m) with { Host = host }, DiskGib = 50, Image = "", SshPublicKey = "", StartScript = "", EndBy = DateTimeOffset.MaxValue, MaxPricePerHourUsd = 2m,
    };
}
