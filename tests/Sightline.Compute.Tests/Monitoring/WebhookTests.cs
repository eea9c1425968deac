using System.Text.Json;
using Sightline.Compute.Monitoring;
using Sightline.Compute.Tests.Providers;
using Xunit;

namespace Sightline.Compute.Tests.Monitoring;

public sealed class WebhookTests
{
    private static readonly Alert Sample = new("stalled", Severity.Critical, new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero), "stalled", "No step has ended.");

    [Fact]
    public async Task An_alert_arrives_as_json()
    {
        using var server = new FakeServer(_ => new Reply(204, ""));

        Assert.Null(await Send(server));

        var asked = Assert.Single(server.Requests);
        Assert.Equal(("POST", "/hook?token=secret"), (asked.Method, asked.PathAndQuery));
        var json = JsonDocument.Parse(asked.Body).RootElement;
        Assert.Equal("schema run rule severity at message text", string.Join(' ', json.EnumerateObject().Select(member => member.Name)));
        Assert.Equal("stalled", json.GetProperty("rule").GetString());
        Assert.Equal("critical", json.GetProperty("severity").GetString());
        Assert.Equal("first: No step has ended.", json.GetProperty("text").GetString());
    }

    [Theory]
    [InlineData(500)]
    [InlineData(429)]
    public async Task A_receiver_in_trouble_is_tried_again(int status)
    {
        var count = 0;
        using var server = new FakeServer(_ => ++count < 3 ? new Reply(status, "") : new Reply(200, ""));

        Assert.Null(await Send(server));

        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_refusal_is_told_at_once_and_without_the_addresss_secret()
    {
        using var server = new FakeServer(_ => new Reply(403, ""));

        Assert.Equal("127.0.0.1 answered 403", await Send(server));

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_receiver_that_stays_away_is_told_after_three_tries()
    {
        Uri gone;
        using (var server = new FakeServer(_ => new Reply(200, "")))
        {
            gone = new Uri(server.Address, "hook?token=secret");
        }

        using var http = new HttpClient();
        var trouble = await new Webhook(http, gone, new Impatient()).SendAsync("first", Sample, CancellationToken.None);

        Assert.StartsWith("127.0.0.1 could not be reached", trouble);
        Assert.EndsWith(", three times", trouble);
        Assert.DoesNotContain("secret", trouble);
    }

    [Theory]
    [InlineData("ftp://host/secret")]
    [InlineData("host/secret")]
    public void An_address_of_another_kind_is_refused_without_telling_it(string address)
    {
        var refused = Assert.Throws<ComputeException>(() => Webhook.Address(address));

        Assert.Equal(ComputeTrouble.Usage, refused.Trouble);
        Assert.DoesNotContain("secret", refused.Message);
    }

    private static async Task<string?> Send(FakeServer server)
    {
        using var http = new HttpClient();
        return await new Webhook(http, new Uri(server.Address, "hook?token=secret"), new Impatient()).SendAsync("first", Sample, CancellationToken.None);
    }

    // Waits no longer than a moment.
    private sealed class Impatient : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : TimeSpan.FromMilliseconds(1), period);
    }
}
