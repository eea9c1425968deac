using Sightline.Compute.Offers;
using Sightline.Compute.Providers;
using Xunit;

namespace Sightline.Compute.Tests.Providers;

/// <summary>What holds for every provider that is asked over the network; inherited by one class each.</summary>
public abstract class ProviderContract
{
    private static readonly HttpClient _http = new();

    protected abstract string Id { get; }

    protected abstract string Region { get; }

    /// <summary>The provider's answer to a request, as documented.</summary>
    internal abstract Reply Answer(Asked asked);

    private IOfferSource Source => ProviderCatalog.All.Single(source => source.Id == Id);

    internal async Task<IReadOnlyList<PriceRow>> FetchAsync(FakeServer server, TimeSpan? timeout = null, string? key = "secret-key") => await Source.FetchAsync(new PriceRequest
    {
        Address = server.Address,
        Credential = key,
        Client = new ProviderClient(_http, TimeProvider.System) { FirstWait = TimeSpan.FromMilliseconds(5), Timeout = timeout ?? TimeSpan.FromSeconds(10) },
        Regions = [Region],
        Today = new DateOnly(2026, 11, 24),
    }, CancellationToken.None);

    [Fact]
    public async Task Prices_are_dated_sourced_and_make_offers()
    {
        using var server = new FakeServer(Answer);

        var rows = await FetchAsync(server);

        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Equal((Id, new DateOnly(2026, 11, 24)), (row.Provider, row.SeenOn)));
        Assert.All(rows, row => Assert.NotEmpty(row.Source));
        Assert.NotEmpty(OfferBook.From(rows).Offers);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(0)]
    public async Task A_passing_trouble_is_tried_again(int status)
    {
        var troubles = 2;
        using var server = new FakeServer(asked => troubles-- > 0 ? new Reply(status, "busy", status == 429 ? "0" : null) : Answer(asked));

        var rows = await FetchAsync(server);

        Assert.NotEmpty(rows);
    }

    [Fact]
    public async Task A_lasting_trouble_ends_after_four_tries_with_the_reason()
    {
        using var server = new FakeServer(_ => new Reply(503, "no"));

        var error = await Assert.ThrowsAsync<ComputeException>(() => FetchAsync(server));

        Assert.Equal(ComputeTrouble.Provider, error.Trouble);
        Assert.StartsWith($"{Source.Name} answered 503 Service Unavailable (4 tries): {server.Address}", error.Message);
        Assert.Equal(4, server.Requests.Count);
    }

    [Fact]
    public async Task A_wait_longer_than_a_minute_is_not_waited()
    {
        using var server = new FakeServer(_ => new Reply(429, "", RetryAfter: "3600"));

        var error = await Assert.ThrowsAsync<ComputeException>(() => FetchAsync(server));

        Assert.Contains("answered 429 Too Many Requests and asks to wait 3600 s", error.Message);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task No_answer_in_time_is_tried_again_and_then_said()
    {
        var slow = 1;
        using var server = new FakeServer(asked => slow-- > 0 ? Answer(asked) with { Delay = TimeSpan.FromSeconds(1.5) } : Answer(asked));

        var rows = await FetchAsync(server, TimeSpan.FromMilliseconds(500));

        Assert.NotEmpty(rows);
        Assert.True(server.Requests.Count >= 2);
    }

    [Fact]
    public async Task A_refused_key_is_not_tried_again_and_not_shown()
    {
        using var server = new FakeServer(_ => new Reply(401, """{"error":"bad key"}"""));

        var error = await Assert.ThrowsAsync<ComputeException>(() => FetchAsync(server));

        Assert.Single(server.Requests);
        Assert.Contains("401", error.Message);
        Assert.EndsWith("Check the key and its rights.", error.Message);
        Assert.DoesNotContain("secret-key", error.Message);
    }

    [Theory]
    [InlineData("<html>maintenance</html>")]
    [InlineData("{\"cut\": ")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task An_answer_of_another_form_says_so(string body)
    {
        using var server = new FakeServer(_ => new Reply(200, body));

        var error = await Assert.ThrowsAsync<ComputeException>(() => FetchAsync(server));

        Assert.StartsWith($"{Source.Name} answered", error.Message);
        Assert.Equal(ComputeTrouble.Provider, error.Trouble);
    }
}
