using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;
using Sightline.Studio.Access;
using Sightline.Studio.Evaluate;
using Sightline.Studio.Runs;
using Xunit;

namespace Sightline.App.Tests.Studio;

/// <summary>The threshold slider, and where the model looked.</summary>
[Collection("Studio")]
public sealed class StudioEvaluateTests(StudioFixture studio)
{
    private const string Address = "/runs/first/thresholds?split=validation";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Thresholds_are_those_of_the_command()
    {
        using var client = studio.Client(Role.Editor);
        await Judge(studio, "validation");
        var said = studio.Run("eval", "thresholds", "first", "--split", "validation", "--class", "dark", "--json").With(ExitCode.Done).Json;

        foreach (var row in said.GetProperty("classes")[0].GetProperty("rows").EnumerateArray())
        {
            var given = await Given(client, $"{Address}&class=dark&at={row.GetProperty("threshold").GetDouble().ToString(CultureInfo.InvariantCulture)}");
            Assert.Equal(row.GetProperty("called").GetInt32(), given.GetProperty("kept").GetInt32());
            Assert.Equal(row.GetProperty("recall").GetDouble(), given.GetProperty("recall").GetDouble());
            Assert.Equal(row.GetProperty("f1").GetDouble(), given.GetProperty("f1").GetDouble());
            Assert.Equal(row.GetProperty("precision").GetDouble(), given.TryGetProperty("precision", out var precision) ? precision.GetDouble() : 0);
        }

        foreach (var point in said.GetProperty("selective").GetProperty("points").EnumerateArray())
        {
            var given = await Given(client, $"{Address}&at={point.GetProperty("threshold").GetDouble().ToString("R", CultureInfo.InvariantCulture)}");
            Assert.True(given.GetProperty("kept").GetInt32() >= point.GetProperty("kept").GetInt32()); // Equal probabilities cross together.
        }
    }

    [Fact]
    public async Task The_slider_works_by_keys_and_the_address_keeps_it()
    {
        await Judge(studio, "validation");
        var page = await studio.Page(Role.Viewer);
        await page.GotoAsync(At($"{Address}&class=dark&at=0.5"));
        await page.Locator("#slider").FocusAsync();

        await page.Keyboard.PressAsync("ArrowRight");
        await page.Keyboard.PressAsync("ArrowRight");
        await page.WaitForURLAsync("**&at=0.51");
        await Assertions.Expect(page.Locator("#threshold-curve .mark text")).ToHaveTextAsync("0.510", new LocatorAssertionsToHaveTextOptions { Timeout = 30_000 });
        Assert.Equal("0.51", await page.Locator("#at").InputValueAsync());
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "0.01 less" }).ClickAsync();
        await page.WaitForURLAsync("**&at=0.5");
        await page.Locator("#at").FillAsync("1");
        await Assertions.Expect(page.Locator("[data-given=kept]")).ToHaveTextAsync("0");
        await page.ReloadAsync();

        Assert.Equal("1", await page.Locator("#at").InputValueAsync());
        Assert.Equal("–", await page.Locator("[data-given=precision]").InnerTextAsync());
    }

    [Theory]
    [InlineData("at=1.5", "The threshold is '1.5'; it must be a number from 0 to 1, such as 0.9.")]
    [InlineData("split=train", "The split is 'train'; it must be test or validation.")]
    public async Task What_is_no_threshold_is_refused(string query, string said)
    {
        using var client = studio.Client(Role.Viewer);

        var answer = await client.GetAsync($"/runs/first/thresholds?{query}", Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(said, StudioFixture.Json(await answer.Content.ReadAsStringAsync(Cancel)).GetProperty("error").GetString());
    }

    [Fact]
    public async Task Where_the_model_looked_is_a_picture_of_its_own_for_each_class()
    {
        using var client = studio.Client(Role.Viewer);
        var address = $"/runs/first/heat?name={Uri.EscapeDataString("bright/3.bmp")}&class=";

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => client.GetAsync(address + (i % 2 == 0 ? "bright" : "dark"), Cancel)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.All(answers, answer => Assert.StartsWith("image/", $"{answer.Content.Headers.ContentType}", StringComparison.Ordinal));
        var pictures = await Task.WhenAll(answers.Select(answer => answer.Content.ReadAsByteArrayAsync(Cancel)));
        Assert.Equal(2, pictures.Select(Convert.ToHexString).Distinct().Count());
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(address + "cat", Cancel)).StatusCode);
    }

    [Fact]
    public async Task More_requests_than_may_wait_are_sent_away()
    {
        using var pictures = new RunPictures();
        using var heats = new HeatStore(pictures, mostWaiting: 0);
        var run = new RunIndex(studio.At("runs"), TimeProvider.System).Find("first");

        var refused = await Assert.ThrowsAsync<BadHttpRequestException>(() => heats.Of(run, "bright/3.bmp", "bright", Cancel));

        Assert.Equal(503, refused.StatusCode);
    }

    private static async Task<System.Text.Json.JsonElement> Given(HttpClient client, string address) =>
        StudioFixture.Json(await client.GetStringAsync($"{address}&format=json", Cancel)).GetProperty("given");

    /// <summary>Has a split of the run judged.</summary>
    internal static async Task Judge(StudioFixture studio, string split)
    {
        using var client = studio.Client(Role.Editor);
        await studio.Post(client, $"/runs/first/thresholds?split={split}");
    }

    private string At(string path) => new Uri(studio.Server.Address, path).AbsoluteUri;
}
