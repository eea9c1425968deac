using Sightline.Studio;
using Sightline.Studio.Access;
using Sightline.Studio.Jobs;
using Sightline.Tests.Shared;
using Xunit;

namespace Sightline.App.Tests.Studio;

/// <summary>A training on a leased machine, begun on the page Train: the lease is real, its machine is an sshd on loopback that a price sheet names.</summary>
[Collection("Studio")]
public sealed class StudioRentedTests(StudioFixture studio)
{
    [Fact]
    public async Task An_owner_trains_on_a_leased_machine_and_it_is_ended()
    {
        Assert.SkipWhen(SshServer.Absent is not null, SshServer.Absent ?? "");
        using var machine = new SshServer();
        TinyData.WriteIdx(studio.At("idx"), train: 64);
        Directory.CreateDirectory(studio.At("rented"));
        File.WriteAllText(studio.At("rented", "own.csv"), $"provider,instance,accelerator,count,gpu_memory_mib,region,price_usd_hour,seen_on,source,host\nnear,one,A100,1,81920,lab,0.01,2026-11-24,test,{machine.Address}\n");
        // What a user has in ~/.ssh, and the tool as it is installed on the machine.
        File.WriteAllText(studio.At("tool.sh"), $"""
            #!/bin/sh
            export XDG_CONFIG_HOME='{studio.At("rented", "config")}'
            [ "$1" = train ] && set -- "$@" --identity '{machine.Identity}' --known-hosts '{machine.KnownHosts}' --host-folder root --tool '{Cli.Executable}'
            exec '{Cli.Executable}' "$@"
            """);
        var options = studio.Options() with { Prices = (studio.At("prices"), studio.At("rented")), Database = studio.At("rented", "leases.db"), Tool = new Tool("sh", studio.At("tool.sh")) };
        await using var server = await StudioServer.StartAsync(options, TimeProvider.System, text => TestContext.Current.SendDiagnosticMessage(text), TestContext.Current.CancellationToken);
        using var client = new StudioClient(StudioFixture.Client(server, Role.Owner));

        var job = await client.Start("/train/lease", ("data", "idx"), ("model", "resnet10_small"), ("batch", "16"), ("epochs", "1"), ("more", "threads=1 layout=nhwc device=cpu"), ("name", "rented"),
            ("offer", "near/one"), ("maxCost", "5"), ("maxHours", "2"), ("yes", "yes"));
        Assert.True(job.TryGetProperty("next", out var next), job.GetProperty("lines").ToString());
        await StudioClient.Until(async () => (await client.Twin("/jobs")).EnumerateArray().First(other => other.GetProperty("id").GetString() == job.GetProperty("id").GetString()).GetProperty("state").GetString() != "running", "the end of the command");

        Assert.Equal("/runs/rented", next.GetString());
        Assert.Equal("finished", (await client.Twin("/runs/rented")).GetProperty("run").GetProperty("state").GetString());
        var lease = Assert.Single((await client.Twin("/gpus")).GetProperty("leases").EnumerateArray().ToArray());
        Assert.Equal("ended", lease.GetProperty("state").GetString());
        Assert.Equal(5m, lease.GetProperty("maxCostUsd").GetDecimal());
    }
}
