using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Sightline.Studio;
using Sightline.Studio.Access;
using Xunit;

namespace Sightline.App.Tests.Studio;

/// <summary>Ways in that must be shut.</summary>
[Collection("Studio")]
public sealed partial class StudioSecurityTests(StudioFixture studio)
{
    [GeneratedRegex("""<meta name="token" content="([^"]+)">""")]
    private static partial Regex TokenMeta();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_session_nothing_is_shown()
    {
        using var stranger = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = studio.Server.Address };

        var json = await stranger.GetAsync("/runs?format=json", Cancel);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/runs");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
        var page = await stranger.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.Unauthorized, json.StatusCode);
        Assert.Equal("/login", page.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_token_works_once_and_a_forged_one_never()
    {
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = studio.Server.Address };
        var address = studio.Server.Invite(Role.Viewer);

        var first = await client.GetAsync(address, Cancel);
        var second = await client.GetAsync(address, Cancel);
        var forged = await client.GetAsync("/login?token=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", Cancel);

        Assert.Equal(HttpStatusCode.Redirect, first.StatusCode);
        var cookie = Assert.Single(first.Headers.GetValues("Set-Cookie"));
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.Forbidden, second.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
    }

    [Fact]
    public async Task A_forged_cookie_is_no_session()
    {
        using var client = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = studio.Server.Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/runs?format=json");
        request.Headers.Add("Cookie", $"sightline_{studio.Server.Address.Port}={new string('A', 43)}");

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.SendAsync(request, Cancel)).StatusCode);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("127.0.0.1:1")]
    public async Task Another_sites_name_for_this_address_is_refused(string host)
    {
        using var client = studio.Client(Role.Owner);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = host } };

        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await client.SendAsync(request, Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_change_needs_the_sessions_token()
    {
        using var client = studio.Client(Role.Owner);

        var without = await client.PostAsync("/settings/invite", Form(("role", "Owner")), Cancel);
        var forged = await client.PostAsync("/settings/invite", Form(("role", "Owner"), ("_token", "forged")), Cancel);
        var own = await client.PostAsync("/settings/invite", Form(("role", "Owner"), ("_token", await Token(client))), Cancel);

        Assert.Equal(HttpStatusCode.Forbidden, without.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task A_change_from_another_site_is_refused_even_with_the_token(string header, string value)
    {
        using var client = studio.Client(Role.Owner);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/settings/invite") { Content = Form(("role", "Owner"), ("_token", await Token(client))) };
        request.Headers.Add(header, value);

        Assert.Equal(HttpStatusCode.Forbidden, (await client.SendAsync(request, Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_viewer_may_look_and_change_nothing()
    {
        using var client = studio.Client(Role.Viewer);
        var token = await Token(client);

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/data/shots", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsync("/data/shots/review/save", Form(("_token", token)), Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsync("/settings/invite", Form(("role", "Owner"), ("_token", token)), Cancel)).StatusCode);
    }

    [Theory]
    [InlineData("/runs/..%2f..%2fetc%2fpasswd")]
    [InlineData("/runs/..%2fphotos/report")]
    [InlineData("/runs/%2e%2e/report")]
    [InlineData("/data/..%2f..%2fetc")]
    [InlineData("/data/shots/pictures/99999")]
    [InlineData("/runs/first/picture?name=..%2f..%2f..%2fetc%2fpasswd")]
    [InlineData("/assets/..%2f..%2fStudioServer.cs")]
    public async Task A_path_leads_nowhere_else(string path)
    {
        using var client = studio.Client(Role.Owner);

        var answer = await client.GetAsync(path, Cancel);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.DoesNotContain("root:", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_out_of_the_runs_folder_shows_nothing()
    {
        var outside = studio.At("outside");
        Directory.CreateDirectory(outside);
        File.Copy(studio.At("runs", "first", "run.json"), Path.Combine(outside, "run.json"));
        File.WriteAllText(Path.Combine(outside, "report.html"), "secret");
        Directory.CreateSymbolicLink(studio.At("runs", "linked"), outside);
        var inside = studio.WriteRun("links-inside", "resnet10_small", 2, DateTimeOffset.UtcNow.AddDays(-3));
        File.CreateSymbolicLink(Path.Combine(inside, "report.html"), Path.Combine(outside, "report.html"));
        using var client = studio.Client(Role.Owner);

        var run = await client.GetAsync("/runs/linked/report", Cancel);
        var report = await client.GetAsync("/runs/links-inside/report", Cancel);

        Assert.Equal(HttpStatusCode.NotFound, run.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, report.StatusCode);
    }

    [Fact]
    public async Task Names_never_become_markup_and_pages_run_only_the_studios_script()
    {
        using var client = studio.Client(Role.Owner);
        foreach (var path in new[] { "/", "/runs", $"/runs/{Uri.EscapeDataString(StudioFixture.Hostile)}", "/runs?q=%3Cscript%3Ealert(1)%3C/script%3E", "/data/shots", $"/runs/{Uri.EscapeDataString("<script>")}" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/html"));
            var answer = await client.SendAsync(request, Cancel);
            var text = await answer.Content.ReadAsStringAsync(Cancel);

            Assert.DoesNotContain("<img src=x", text, StringComparison.Ordinal);
            Assert.DoesNotContain("<script>", text, StringComparison.Ordinal);
            Assert.Matches("script-src 'self';", string.Join(';', answer.Headers.GetValues("Content-Security-Policy")));
            Assert.DoesNotMatch("(src|href)=\"(https?:)?//", text);
        }
    }

    [Fact]
    public async Task Too_large_a_picture_is_refused()
    {
        using var client = studio.Client(Role.Editor);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/models/try?run=first") { Content = new ByteArrayContent(new byte[Gatekeeper.LargestPicture + 1]) };
        request.Headers.Add(Gatekeeper.TokenHeader, await Token(client));
        request.Headers.ExpectContinue = true;

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await client.SendAsync(request, Cancel)).StatusCode);
    }

    [Fact]
    public async Task What_is_no_picture_is_refused_in_words()
    {
        using var client = studio.Client(Role.Editor);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/models/try?run=first") { Content = new StringContent("#!/bin/sh\nrm -rf /") };
        request.Headers.Add(Gatekeeper.TokenHeader, await Token(client));

        var answer = await client.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("The picture is no picture of a format that is read", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_tries_to_log_in_are_refused()
    {
        await using var other = await StudioServer.StartAsync(studio.Options() with { Secret = "correct-horse-battery" }, TimeProvider.System, _ => { }, Cancel);
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = other.Address };
        for (var i = 0; i < LoginLimiter.Tries; i++)
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await client.PostAsync("/login", Form(("secret", $"guess {i}")), Cancel)).StatusCode);
        }

        var late = await client.PostAsync("/login", Form(("secret", "correct-horse-battery")), Cancel);

        Assert.Equal(HttpStatusCode.TooManyRequests, late.StatusCode);
        Assert.Equal("60", late.Headers.GetValues("Retry-After").Single());
    }

    [Fact]
    public void Another_address_needs_a_secret_and_encryption()
    {
        var open = studio.Options() with { Address = IPAddress.Any };

        Assert.Equal(2, open.Check().Count());
        Assert.Single((open with { Secret = "correct-horse-battery" }).Check());
        Assert.Empty((open with { Secret = "correct-horse-battery", AllowsPlainHttp = true }).Check());
        Assert.Equal(["The secret has 5 characters; it must have at least 16. 'openssl rand -base64 24' makes one."], (studio.Options() with { Secret = "short" }).Check());
    }

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) => new(fields.ToDictionary(field => field.Name, field => field.Value));

    private static async Task<string> Token(HttpClient client) => TokenMeta().Match(await client.GetStringAsync("/settings", Cancel)).Groups[1].Value;
}
