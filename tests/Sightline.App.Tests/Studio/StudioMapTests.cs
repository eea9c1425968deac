using System.Net;
using System.Text.Json;
using Microsoft.Playwright;
using Sightline.Curation.Embeddings;
using Sightline.Data;
using Sightline.Studio.Access;
using Xunit;

namespace Sightline.App.Tests.Studio;

/// <summary>The embedding map, nearest pictures, and the contact sheet of an augmentation.</summary>
[Collection("Studio")]
public sealed class StudioMapTests(StudioFixture studio)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nearest_pictures_are_those_of_the_models_vectors()
    {
        using var client = studio.Client(Role.Editor);
        await Make(studio);
        var points = await Json(client, "/data/shots/map/points?run=first");
        var places = points.GetProperty("place").EnumerateArray().Select(place => place.GetInt32()).ToList();
        var names = points.GetProperty("name").EnumerateArray().Select(name => name.GetString()!).ToList(); // Each has one.
        var files = new FileImages(studio.At("photos"), [.. names]);
        var unit = Embedder.Run(studio.At("runs", "first"), files, [.. Enumerable.Range(0, names.Count)], null, Cancel);
        unit.Normalize();

        var near = await Json(client, $"/data/shots/near?run=first&place={places[0]}&format=json");

        var nearest = near.GetProperty("nearest").EnumerateArray().ToList();
        var expected = Enumerable.Range(1, names.Count - 1).Select(row => (names[row], Distance: Distance(unit.Row(0).ToArray(), unit.Row(row).ToArray()))).OrderBy(pair => pair.Distance).ToList();
        Assert.Equal(names[0], near.GetProperty("name").GetString());
        Assert.NotEmpty(nearest);
        Assert.DoesNotContain(nearest, other => other.GetProperty("place").GetInt32() == places[0]);
        foreach (var (other, (_, distance)) in nearest.Zip(expected))
        {
            Assert.Equal(distance, other.GetProperty("distance").GetDouble(), 1e-7 + (1e-3 * distance)); // Another batch rounds otherwise.
        }
    }

    [Fact]
    public async Task The_map_is_the_same_each_time_and_its_mean_is_its_middle()
    {
        using var client = studio.Client(Role.Editor);
        await Make(studio);

        var points = await Json(client, "/data/shots/map/points?run=first");

        Assert.Equal(0, points.GetProperty("x").EnumerateArray().Average(x => x.GetDouble()), 1e-4);
        Assert.Equal(0, points.GetProperty("y").EnumerateArray().Average(y => y.GetDouble()), 1e-4);
        Assert.All(points.GetProperty("label").EnumerateArray(), label => Assert.InRange(label.GetInt32(), 0, 1));
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/data/shots/near?run=first&place=99999", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("/data/shots/map/points?run=under-way", Cancel)).StatusCode);
    }

    [Fact]
    public async Task The_map_is_gone_through_by_keys_and_leads_to_a_picture()
    {
        var page = await studio.Page(Role.Editor);
        await page.GotoAsync(At("/data/shots/map?run=first"));
        if (await page.Locator("#map").CountAsync() == 0)
        {
            await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Make the map" }).ClickAsync();
        }

        await page.Locator("#map[data-drawn]").WaitForAsync(); // The page loads itself anew when the map is there.
        await StudioFixture.Shoot(page, "embedding-map");
        await page.Locator("#map").FocusAsync();

        await page.Keyboard.PressAsync("ArrowRight");
        var first = await page.Locator("#map-picture a").InnerTextAsync();
        await page.Keyboard.PressAsync("ArrowLeft");
        await page.Keyboard.PressAsync("ArrowUp");
        await page.Keyboard.PressAsync("ArrowRight");
        var chosen = await page.Locator("#map-picture a").InnerTextAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/data/shots**/near?**");

        Assert.NotEmpty(first);
        Assert.Equal(chosen, await page.Locator("h1").InnerTextAsync());
        await page.Locator(".gallery figure").First.WaitForAsync();
    }

    [Fact]
    public async Task The_contact_sheet_is_that_of_the_command()
    {
        using var client = studio.Client(Role.Viewer);
        studio.Run("data", "preview", "shots", "--augment", "trivial", "--set", "seed=3", "--rows", "4", "--columns", "3", "--out", "sheet.png").With(ExitCode.Done);

        var sheet = await client.GetByteArrayAsync("/data/shots/augment/sheet?augment=trivial&seed=3&rows=4&columns=3", Cancel);
        var page = await Json(client, "/data/shots/augment?augment=trivial&seed=3&rows=4&columns=3&format=json");
        var refused = await client.GetAsync("/data/shots/augment?augment=nonsense", Cancel);

        Assert.Equal(await File.ReadAllBytesAsync(studio.At("sheet.png"), Cancel), sheet);
        Assert.Equal(4, page.GetProperty("rows").GetArrayLength());
        Assert.Equal("trivial", page.GetProperty("augment").GetProperty("policy").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    // 1 - cosine of unit vectors.
    private static double Distance(float[] one, float[] other) => one.Zip(other, (a, b) => ((double)a - b) * ((double)a - b)).Sum() / 2;

    private static async Task<JsonElement> Json(HttpClient client, string path) => StudioFixture.Json(await client.GetStringAsync(path, Cancel));

    /// <summary>Has the map of the data set by its run made.</summary>
    internal static async Task Make(StudioFixture studio)
    {
        using var client = studio.Client(Role.Editor);
        await studio.Post(client, "/data/shots/map?run=first");
        while (!(await Json(client, "/data/shots/map?run=first&format=json")).TryGetProperty("pictures", out _))
        {
            await Task.Delay(100, Cancel);
        }
    }

    private string At(string path) => new Uri(studio.Server.Address, path).AbsoluteUri;
}
