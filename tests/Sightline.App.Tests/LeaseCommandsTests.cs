using System.Text.Json;
using Xunit;

namespace Sightline.App.Tests;

/// <summary><c>gpu lease</c>, <c>leases</c>, <c>extend</c>, <c>end</c> as a user runs them, on a host of a price sheet: nothing is rented.</summary>
public sealed class LeaseCommandsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public LeaseCommandsTests()
    {
        Directory.CreateDirectory(_folder.At("prices"));
        File.WriteAllText(_folder.At("prices/own.csv"), """
            provider,instance,accelerator,count,gpu_memory_mib,region,price_usd_hour,seen_on,source,host
            burncloud,box-1,A100,1,81920,here,1.50,2026-11-20,a quotation,me@gpu.example.com:2200
            burncloud,box-2,A100,1,81920,here,1.70,2026-11-20,a quotation,me@gpu2.example.com
            """);
    }

    [Fact]
    public void Lease_then_list_extend_and_end()
    {
        var leased = Run("gpu", "lease", "burncloud/box-1", "--max-cost", "6", "--max-hours", "4", "--yes", "--for", "a test", "--json").With(ExitCode.Done);
        var id = leased.Json.GetProperty("id").GetString()!;
        var listed = Run("gpu", "leases", "--json").With(ExitCode.Done);
        var story = Run("gpu", "leases", id, "--json").With(ExitCode.Done);
        var extended = Run("gpu", "extend", id, "--max-hours", "8", "--max-cost", "12", "--yes", "--json").With(ExitCode.Done);
        var ended = Run("gpu", "end", id, "--wait", "5", "--json").With(ExitCode.Done);
        var after = Run("gpu", "leases", "--json").With(ExitCode.Done);

        Assert.Equal("ready", leased.Json.GetProperty("state").GetString());
        Assert.Equal("gpu.example.com", leased.Json.GetProperty("sshHost").GetString());
        Assert.Contains("burncloud box-1, 1 x a100-80", leased.Error, StringComparison.Ordinal);
        Assert.Contains("1.5 USD/h, price of 2026-11-20; 6 USD pay 4.0 hours", leased.Error, StringComparison.Ordinal);
        Assert.Contains("is reserved, not rented", leased.Error, StringComparison.Ordinal);
        Assert.Equal(id, listed.Json.GetProperty("leases")[0].GetProperty("id").GetString());
        Assert.Equal(["requested", "intent", "created", "ready"], story.Json.GetProperty("events").EnumerateArray().Select(entry => entry.GetProperty("kind").GetString()));
        Assert.Equal(12m, extended.Json.GetProperty("lease").GetProperty("maxCostUsd").GetDecimal());
        Assert.Equal("ended", ended.Json.GetProperty("leases")[0].GetProperty("state").GetString());
        Assert.Equal(0, after.Json.GetProperty("leases").GetArrayLength());
        Approved.Match("json.gpu-lease", JsonNames.Of(leased.Json));
        Approved.Match("json.gpu-leases", JsonNames.Of(listed.Json));
        Approved.Match("json.gpu-leases-one", JsonNames.Of(story.Json));
        Approved.Match("json.gpu-extend", JsonNames.Of(extended.Json));
        Approved.Match("json.gpu-end", JsonNames.Of(ended.Json));
    }

    [Fact]
    public void Lease_of_a_reserved_host_takes_the_next_and_then_none()
    {
        Run("gpu", "lease", "burncloud", "--max-cost", "6", "--yes").With(ExitCode.Done);
        var second = Run("gpu", "lease", "burncloud", "--max-cost", "6", "--yes", "--json").With(ExitCode.Done);
        var third = Run("gpu", "lease", "burncloud", "--max-cost", "6", "--yes").With(ExitCode.Provider);

        Assert.Equal("gpu2.example.com", second.Json.GetProperty("sshHost").GetString());
        Assert.Contains("The host gpu.example.com:2200 is reserved by another lease.", third.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_at_once_on_one_host_give_one_lease()
    {
        var both = Enumerable.Range(0, 2).Select(_ => Task.Run(() => Run("gpu", "lease", "burncloud/box-1", "--max-cost", "6", "--yes"))).ToArray();

        var codes = both.Select(each => each.GetAwaiter().GetResult().ExitCode).Order().ToList();

        Assert.Equal([(int)ExitCode.Done, (int)ExitCode.Provider], codes);
        Assert.Equal(1, Run("gpu", "leases", "--json").Json.GetProperty("leases").GetArrayLength());
    }

    [Fact]
    public void End_tells_that_the_seller_bills_on()
    {
        Run("gpu", "lease", "burncloud/box-1", "--max-cost", "6", "--yes").With(ExitCode.Done);

        var ended = Run("gpu", "end", "--all", "--wait", "5").With(ExitCode.Done);

        Assert.Contains("Sightline reserves this host and cannot end it: burncloud bills 1.5 USD per hour until you end it there yourself.", ended.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ExitCode.Usage, "gpu lease burncloud --yes", "--max-cost is missing: the most that the lease may cost in all, USD.")]
    [InlineData(ExitCode.Usage, "gpu lease burncloud --max-cost 6", "Lease it, for at most 6 USD? Nobody is at the terminal to say yes: pass --yes.")]
    [InlineData(ExitCode.Usage, "gpu lease burncloud --max-cost 0 --yes", "The most it may cost is 0 USD; it must be above 0. Pass --max-cost.")]
    [InlineData(ExitCode.Usage, "gpu lease burncloud --max-cost 6 --max-hours 0 --yes", "The longest time is 0 hours; it must be above 0 and at most a year. Pass --max-hours.")]
    [InlineData(ExitCode.Usage, "gpu end", "gpu end needs the leases to end, or --all.")]
    [InlineData(ExitCode.Usage, "gpu extend x --yes", "gpu extend needs a new limit: --max-hours H, --max-cost USD, or both.")]
    [InlineData(ExitCode.NotFound, "gpu lease nobody/nothing --max-cost 6 --yes", "There is no offer 'nobody/nothing' among those that the filters admit.")]
    [InlineData(ExitCode.NotFound, "gpu end nothing", "There is no lease 'nothing'. No lease is open. 'sightline gpu leases --all' shows all.")]
    [InlineData(ExitCode.NotFound, "gpu extend nothing --max-hours 3 --yes", "There is no lease 'nothing'.")]
    [InlineData(ExitCode.LimitReached, "gpu lease burncloud/box-1 --max-cost 1 --yes", "No machine was leased: nothing fits the limits.")]
    [InlineData(ExitCode.LimitReached, "gpu lease burncloud/box-1 --max-cost 6 --until 2026-01-01T00:00Z --yes", "the limits leave 0 minutes, counted in steps of 60; less than 10 is not worth a machine.")]
    public void Troubles_are_explained(ExitCode code, string line, string expected)
    {
        var ended = Run(line.Split(' ')).With(code);

        Assert.Contains(expected, ended.Error, StringComparison.Ordinal);
        Assert.Empty(ended.Out);
    }

    [Fact]
    public void Lease_with_a_private_key_is_refused()
    {
        File.WriteAllText(_folder.At("key"), "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n");

        var ended = Run("gpu", "lease", "--gpu", "a100", "--on-demand", "--max-cost", "6", "--yes", "--ssh-key", "key").With(ExitCode.Usage);

        Assert.Contains("'key' is a private key, which must not leave this machine.", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Leases_without_any_say_so()
    {
        var ended = Run("gpu", "leases").With(ExitCode.Done);

        Assert.Equal("No lease is open.", ended.Out.Trim());
    }

    public void Dispose() => _folder.Dispose();

    private Ended Run(params string[] arguments)
    {
        var start = Cli.Start(_folder.Path, Cli.Executable, arguments);
        start.Environment["SIGHTLINE_PRICES"] = _folder.At("prices");
        start.Environment["SIGHTLINE_CREDENTIALS"] = _folder.At("none");
        start.Environment["SIGHTLINE_DATABASE"] = _folder.At("s.db");
        return Cli.Execute(start);
    }
}
