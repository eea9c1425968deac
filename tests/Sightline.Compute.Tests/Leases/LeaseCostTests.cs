using Sightline.Compute.Leases;
using Xunit;

namespace Sightline.Compute.Tests.Leases;

public sealed class LeaseCostTests
{
    private static readonly DateTimeOffset _start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("runpod", 90, "3.00")] // 1.5 h at 2 USD.
    [InlineData("lambda", 90.5, "3.0333333333333333333333333333")] // 91 started minutes.
    [InlineData("ssh", 61, "4")] // Two started hours.
    public void Cost_counts_started_steps_from_the_request(string provider, double minutes, string usd)
    {
        var attempt = Attempt(provider);

        Assert.Equal(decimal.Parse(usd, System.Globalization.CultureInfo.InvariantCulture), LeaseCost.OfUsd(attempt, _start.AddMinutes(minutes)), 10);
    }

    [Fact]
    public void Cost_on_vast_is_disk_from_creation_and_gpu_from_running()
    {
        var loading = Attempt("vast") with { DiskGib = 72 }; // 72 GiB x 0.10 USD / 720 h = 0.01 USD per hour.
        var running = loading with { RunningAt = _start.AddHours(1) };

        Assert.Equal(0.03m, LeaseCost.OfUsd(loading, _start.AddHours(3)));
        Assert.Equal(4.03m, LeaseCost.OfUsd(running, _start.AddHours(3)));
        Assert.Equal(4.03m, LeaseCost.OfUsd(running with { GoneAt = _start.AddHours(3) }, _start.AddHours(9)));
    }

    [Fact]
    public void Cost_of_a_machine_that_never_was_is_nothing() =>
        Assert.Equal(0, LeaseCost.OfUsd(Attempt("runpod") with { MachineId = null, State = AttemptState.Unsettled }, _start.AddHours(3)));

    [Theory]
    [InlineData("runpod", 3, 90)]
    [InlineData("ssh", 3, 60)] // 3 USD do not pay a second started hour of 2 USD.
    [InlineData("ssh", 1.99, 0)]
    public void Paid_until_never_passes_the_amount(string provider, double usd, double minutes) =>
        Assert.Equal(_start.AddMinutes(minutes), LeaseCost.PaidUntil(provider, _start, 2m, 50, (decimal)usd));

    [Fact]
    public void Paid_until_of_a_free_host_is_never() => Assert.Equal(DateTimeOffset.MaxValue, LeaseCost.PaidUntil("ssh", _start, 0, 50, 1m));

    private static LeaseAttempt Attempt(string provider) => new()
    {
        Number = 1, Provider = provider, IntentAt = _start, State = AttemptState.Alive, MachineId = "m", PricePerHourUsd = 2m, DiskGib = 0,
    };
}
