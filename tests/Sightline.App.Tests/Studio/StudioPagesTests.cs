using System.Net;
using System.Text.RegularExpressions;
using Sightline.Studio.Access;
using Sightline.Studio.Runs;
using Xunit;

namespace Sightline.App.Tests.Studio;

/// <summary>What the pages say, as JSON and as a stream.</summary>
[Collection("Studio")]
public sealed partial class StudioPagesTests(StudioFixture studio)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/")]
    [InlineData("/runs")]
    [InlineData("/runs/first")]
    [InlineData("/runs/first/evaluate")]
    [InlineData("/runs/first/mistakes")]
    [InlineData("/runs/first/machine")]
    [InlineData("/runs/first/samples")]
    [InlineData("/runs/first/thresholds?class=dark&at=0.8")]
    [InlineData("/runs/first/mistakes?heat=1")]
    [InlineData("/compare?run=first&run=under-way")]
    [InlineData("/data")]
    [InlineData("/data/shots")]
    [InlineData("/data/shots/pictures")]
    [InlineData("/data/shots/review")]
    [InlineData("/data/shots/map?run=first")]
    [InlineData("/data/shots/augment?augment=trivial&seed=3")]
    [InlineData("/import")]
    [InlineData("/train")]
    [InlineData("/train?data=photos&size=32")]
    [InlineData("/jobs")]
    [InlineData("/jobs/00000000000000aa")]
    [InlineData("/tune")]
    [InlineData("/tune/search?state=pruned&page=1")]
    [InlineData("/models")]
    [InlineData("/models/try?run=first")]
    [InlineData("/gpus")]
    [InlineData("/gpus?model=resnet50&pictures=100000&epochs=30")]
    [InlineData("/tips")]
    [InlineData("/settings")]
    public async Task Each_page_has_a_twin_in_JSON_and_no_link_leads_nowhere(string path)
    {
        using var client = studio.Client(Role.Owner);

        var page = await client.GetStringAsync(path, Cancel);
        var twin = await client.GetAsync(path + (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "format=json", Cancel);

        Assert.Equal("application/json; charset=utf-8", $"{twin.Content.Headers.ContentType}");
        StudioFixture.Json(await twin.Content.ReadAsStringAsync(Cancel));
        foreach (var link in Link().Matches(page).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value)).Distinct())
        {
            var answer = await client.GetAsync(link, HttpCompletionOption.ResponseHeadersRead, Cancel);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path} leads to {link}, which answers {(int)answer.StatusCode}.");
        }
    }

    [Fact]
    public async Task The_list_of_runs_filters_and_sorts_at_the_server()
    {
        using var client = studio.Client(Role.Viewer);

        var found = StudioFixture.Json(await client.GetStringAsync("/runs?q=FIRST&format=json", Cancel));
        var running = StudioFixture.Json(await client.GetStringAsync("/runs?state=running&q=under&format=json", Cancel));

        Assert.Equal("first", Assert.Single(found.GetProperty("runs").EnumerateArray().ToArray()).GetProperty("name").GetString());
        Assert.Equal(0.4, running.GetProperty("runs")[0].GetProperty("done").GetDouble());
    }

    [Fact]
    public async Task Live_events_go_on_exactly_where_a_viewer_was_cut_off()
    {
        studio.WriteRun("streamed", "resnet10_small", 5, DateTimeOffset.UtcNow);
        using var client = studio.Client(Role.Viewer);
        var first = await Events(client, "/runs/streamed/live?after=0", null, 3);

        var rest = await Events(client, "/runs/streamed/live?after=0", first[^1].Id, 2);
        await File.AppendAllTextAsync(studio.At("runs", "streamed", "metrics.jsonl"), StudioFixture.Steps(6, 6, DateTimeOffset.UtcNow, 100), Cancel);
        var appended = await Events(client, "/runs/streamed/live?after=0", rest[^1].Id, 1);

        Assert.Equal([1, 2, 3, 4, 5, 6], [.. first.Concat(rest).Concat(appended).Select(entry => StudioFixture.Json(entry.Data).GetProperty("step").GetInt32())]);
    }

    [Fact]
    public async Task A_resumed_run_that_dropped_its_last_steps_begins_the_stream_anew()
    {
        var run = studio.WriteRun("resumed", "resnet10_small", 9, DateTimeOffset.UtcNow);
        using var client = studio.Client(Role.Viewer);
        using var stream = await client.GetStreamAsync("/runs/resumed/live?after=0", Cancel);
        using var reader = new StreamReader(stream);
        await Until(reader, "\"step\":9");

        await File.WriteAllTextAsync(Path.Combine(run, "metrics.jsonl"), StudioFixture.Steps(1, 4, DateTimeOffset.UtcNow, 100), Cancel);

        await Until(reader, "event: reset");
        await Until(reader, "\"step\":4");
    }

    [Fact]
    public void Thinned_out_curves_keep_every_peak()
    {
        var curve = new Curve("Loss", "loss");
        for (var step = 0; step < 1_000_000; step++)
        {
            curve.Add(step, step == 654_321 ? 99 : Math.Sin(step));
        }

        var (x, y) = curve.Within(0, int.MaxValue - 1, 1000);
        var (near, _) = curve.Within(654_300, 654_340, 1000);

        Assert.InRange(x.Length, 500, 1000);
        Assert.Contains(99f, y);
        Assert.Equal(654_321, x[Array.IndexOf(y, 99f)]);
        Assert.True(x.SequenceEqual(x.Order()));
        Assert.Equal(Enumerable.Range(654_299, 43), near); // One point on each side.
    }

    [Fact]
    public async Task A_broken_line_of_metrics_hides_no_other()
    {
        var run = studio.WriteRun("broken-line", "resnet10_small", 3, DateTimeOffset.UtcNow.AddDays(-4));
        await File.AppendAllTextAsync(Path.Combine(run, "metrics.jsonl"), "{\"kind\":\"step\",\"st\n" + StudioFixture.Steps(4, 4, DateTimeOffset.UtcNow, 100) + "{\"kind\":\"st", Cancel);
        using var client = studio.Client(Role.Viewer);

        var charts = StudioFixture.Json(await client.GetStringAsync("/runs/broken-line/curves", Cancel)).GetProperty("charts");

        Assert.Equal("[1,2,3,4]", charts[0].GetProperty("series")[0].GetProperty("x").ToString());
    }

    [GeneratedRegex("""<a [^>]*href="(/[^"]*)""")]
    private static partial Regex Link();

    private static async Task<List<(string Id, string Data)>> Events(HttpClient client, string path, string? after, int count)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (after is not null)
        {
            request.Headers.Add("Last-Event-ID", after);
        }

        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancel));
        var (found, id) = (new List<(string, string)>(), "");
        while (found.Count < count && await reader.ReadLineAsync(Cancel) is { } line)
        {
            id = line.StartsWith("id: ", StringComparison.Ordinal) ? line[4..] : id;
            if (line.StartsWith("data: {\"kind\":\"step\"", StringComparison.Ordinal))
            {
                found.Add((id, line[6..]));
            }
        }

        return found;
    }

    private static async Task Until(StreamReader reader, string part)
    {
        while (await reader.ReadLineAsync(Cancel) is { } line)
        {
            if (line.Contains(part, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"The stream ended before '{part}'.");
    }
}
