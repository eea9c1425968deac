using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Sightline.Studio.Access;
using Xunit;

namespace Sightline.App.Tests.Studio;

/// <summary>Ways in through what the studio starts: each tried and refused.</summary>
[Collection("Studio")]
public sealed class StudioStartSecurityTests(StudioFixture studio)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/train/start", Role.Viewer)]
    [InlineData("/train/measure", Role.Viewer)]
    [InlineData("/train/lease", Role.Editor)]
    [InlineData("/import", Role.Viewer)]
    [InlineData("/data/shots/check", Role.Viewer)]
    [InlineData("/tune/search/stop", Role.Viewer)]
    [InlineData("/gpus/lease", Role.Editor)]
    [InlineData("/gpus/extend", Role.Editor)]
    [InlineData("/gpus/end", Role.Editor)]
    public async Task A_role_below_the_needed_one_a_forged_token_and_another_site_start_nothing(string path, object below)
    {
        using var lower = StudioClient.As(studio, (Role)below);
        using var owner = StudioClient.As(studio, Role.Owner);
        (string, string)[] form = [.. StudioTrainTests.Small, ("source", "photos"), ("id", StudioClient.Id()), ("maxCost", "1"), ("maxHours", "1"), ("yes", "yes"), ("offer", "burncloud/box-1")];
        var before = (await owner.Twin("/jobs")).GetArrayLength();

        using var asLower = await lower.Post(path, form);
        using var forged = await owner.Http.PostAsync(path, new FormUrlEncodedContent([.. form.Select(field => KeyValuePair.Create(field.Item1, field.Item2)), KeyValuePair.Create("_token", "forged")]), Cancel);
        owner.Http.DefaultRequestHeaders.Add("Sec-Fetch-Site", "cross-site");
        using var elsewhere = await owner.Post(path, form);

        Assert.Equal([HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden], [asLower.StatusCode, forged.StatusCode, elsewhere.StatusCode]);
        Assert.Equal(before, (await owner.Twin("/jobs")).GetArrayLength());
    }

    [Theory]
    [InlineData("/etc")]
    [InlineData("../")]
    [InlineData("photos/../..")]
    [InlineData("link-out")]
    [InlineData("--help")]
    public async Task A_path_outside_the_project_is_neither_imported_nor_trained_on(string path)
    {
        if (!Path.Exists(studio.At("link-out")))
        {
            Directory.CreateSymbolicLink(studio.At("link-out"), "/etc");
        }

        using var client = StudioClient.As(studio, Role.Owner);

        using var imported = await client.Post("/import", ("source", path), ("name", "stolen"), ("id", StudioClient.Id()));
        using var trained = await client.Post("/train/start", ("data", path), ("id", StudioClient.Id()));

        Assert.Equal(HttpStatusCode.BadRequest, imported.StatusCode);
        Assert.Contains("aria-invalid", await imported.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, trained.StatusCode);
        Assert.Contains("is neither a stored data set nor a folder below", await trained.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_that_leads_out_of_its_folder_is_refused_and_writes_nothing()
    {
        using (var zip = ZipFile.Open(studio.At("escape.zip"), ZipArchiveMode.Create))
        {
            foreach (var name in new[] { "cat/1.bmp", "../../escaped/2.bmp" })
            {
                zip.CreateEntryFromFile(studio.At("photos", "dark", "1.bmp"), name);
            }
        }

        using var client = StudioClient.As(studio, Role.Editor);

        var job = await client.Start("/import", ("source", "escape.zip"), ("name", "escape"));

        Assert.Equal("failed", job.GetProperty("state").GetString());
        Assert.Contains("leads out of the folder", job.GetProperty("lines").ToString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(studio.At("store", "escape")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.GetTempPath(), "escaped"));
    }

    [Theory]
    [InlineData("/train?data=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")]
    [InlineData("/train?data=photos&more=%3Cscript%3E=1")]
    [InlineData("/train?data=photos&name=%22%3E%3Cscript%3E")]
    [InlineData("/train/plan?data=photos&epochs=%3Cimg%20src%3Dx%3E")]
    [InlineData("/import?source=%3Cscript%3E&name=%22%3E%3Cimg%20src%3Dx%3E")]
    [InlineData("/tune/search")]
    [InlineData("/jobs/00000000000000aa")]
    public async Task Names_and_values_never_become_markup(string path)
    {
        using var client = studio.Client(Role.Owner);
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Accept = { new MediaTypeWithQualityHeaderValue("text/html") } } };

        var answer = await client.SendAsync(request, Cancel);
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        text = path.StartsWith("/train/plan", StringComparison.Ordinal) ? StudioFixture.Json(text).GetProperty("html").GetString() : text;

        Assert.DoesNotContain("<img src=x", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/train/start")]
    [InlineData("/import")]
    public async Task Too_large_a_form_is_refused(string path)
    {
        using var client = StudioClient.As(studio, Role.Owner);

        using var answer = await client.Post(path, ("data", new string('a', 100_000)), ("source", "photos"));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Theory]
    [InlineData("..%2f..%2fruns")]
    [InlineData("00000000000000AA")]
    [InlineData("x")]
    public async Task A_job_is_found_by_its_id_alone(string id)
    {
        using var client = studio.Client(Role.Owner);

        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"/jobs/{id}", Cancel)).StatusCode);
    }
}
