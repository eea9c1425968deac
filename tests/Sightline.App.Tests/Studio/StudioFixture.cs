using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Sightline.Cli.Settings;
using Sightline.Studio;
using Sightline.Studio.Access;
using Sightline.Studio.Jobs;
using Sightline.Tuning;
using Xunit;

namespace Sightline.App.Tests.Studio;

/// <summary>A studio over real folders: one trained run, one that is under way, one with a hostile name, a data set that was checked; and a browser.</summary>
public sealed class StudioFixture : IAsyncLifetime
{
    internal const string Hostile = "<img src=x onerror=alert(1)>";

    private readonly TemporaryFolder _folder = new();
    private IPlaywright? _playwright;

    public string Folder => _folder.Path;

    internal StudioServer Server { get; private set; } = null!; // Set before any test runs.

    internal IBrowser? Browser { get; private set; }

    internal static string? Chromium { get; } = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);

    public async ValueTask InitializeAsync()
    {
        TinyData.WriteClassFolders(At("photos"));
        TinyData.WriteBmp(At("photos", "dark", "twin.bmp"), 40);
        TinyData.WriteBmp(At("photos", "dark", $"{Hostile.Replace('/', '_')}.bmp"), 47);
        Training.Run(Folder, "photos", "--epochs", "3", "--name", "first", "--json").With(ExitCode.Done);
        Run("data", "import", "photos", "--name", "shots").With(ExitCode.Done);
        Run("data", "check", "shots").With(ExitCode.Done);
        Directory.CreateDirectory(At("sheets"));
        // A host of one's own: leasing it asks nobody.
        File.WriteAllText(At("sheets", "own.csv"), "provider,instance,accelerator,count,gpu_memory_mib,region,price_usd_hour,seen_on,source,host\nburncloud,box-1,A100,1,81920,here,1.50,2026-11-20,a quotation,me@gpu.example.com:2200\n");
        WriteStudy("search");
        WriteJob("00000000000000aa", "A command that failed", exit: 4, Hostile);
        WriteRun("under-way", model: "resnet10_small", steps: 40, DateTimeOffset.UtcNow);
        WriteRun(Hostile, model: Hostile, steps: 3, DateTimeOffset.UtcNow.AddDays(-2));
        Server = await StudioServer.StartAsync(Options(), TimeProvider.System, text => TestContext.Current.SendDiagnosticMessage(text), CancellationToken.None);
        if (Chromium is not null)
        {
            _playwright = await Playwright.CreateAsync();
            Browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = ["--no-sandbox", "--disable-gpu"] });
        }
    }

    public string At(params string[] parts) => _folder.At(parts);

    internal StudioOptions Options() => new() { Runs = At("runs"), Store = At("store"), Prices = (At("prices"), At("sheets")), Port = 0, Project = Folder, Database = At(".sightline", "sightline.db"), Tool = new Tool(Cli.Executable), ReadSettings = StudioSettings.Read, Recipes = new Dictionary<string, string> { ["quick"] = "// A recipe.\n// Repeat: sightline train\n{}", ["fine-tune"] = Recipe.Read("fine-tune") } };

    /// <summary>A client that is logged in as the role; cookies are its own.</summary>
    internal HttpClient Client(Role role) => Client(Server, role);

    /// <summary>The same at another studio.</summary>
    internal static HttpClient Client(StudioServer server, Role role)
    {
        var cookies = new CookieContainer();
        var client = new HttpClient(new HttpClientHandler { CookieContainer = cookies, AllowAutoRedirect = false }) { BaseAddress = server.Address };
        client.GetAsync(server.Invite(role)).GetAwaiter().GetResult();
        return client;
    }

    /// <summary>A change without fields, as the button of a page asks for it.</summary>
    internal async Task Post(HttpClient client, string address)
    {
        var token = Regex.Match(await client.GetStringAsync("/"), "<meta name=\"token\" content=\"([^\"]+)\"").Groups[1].Value;
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["_token"] = token });
        Assert.Equal(HttpStatusCode.SeeOther, (await client.PostAsync(new Uri(Server.Address, address), form)).StatusCode);
    }

    /// <summary>A page that is logged in.</summary>
    internal async Task<IPage> Page(Role role = Role.Owner, ColorScheme scheme = ColorScheme.Light, int width = 1280, int height = 900)
    {
        Assert.SkipWhen(Browser is null, "Chromium is not installed; './test' installs it.");
        var context = await Browser!.NewContextAsync(new BrowserNewContextOptions { ColorScheme = scheme, ViewportSize = new ViewportSize { Width = width, Height = height }, ReducedMotion = ReducedMotion.Reduce });
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(30_000);
        await page.GotoAsync(Server.Invite(role).AbsoluteUri);
        return page;
    }

    /// <summary>Keeps a picture of the page beside the test results.</summary>
    internal static async Task Shoot(IPage page, string name)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "screenshots");
        Directory.CreateDirectory(folder);
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}.png"), FullPage = false });
    }

    /// <summary>A run as a trainer would have written it up to now: the settings of the trained one, other events.</summary>
    internal string WriteRun(string name, string model, int steps, DateTimeOffset until)
    {
        var path = At("runs", name);
        Directory.CreateDirectory(path);
        var settings = File.ReadAllText(At("runs", "first", "run.json"));
        var node = System.Text.Json.Nodes.JsonNode.Parse(settings)!.AsObject();
        node["model"] = model;
        node["createdAt"] = until.AddMinutes(-3);
        File.WriteAllText(Path.Combine(path, "run.json"), node.ToJsonString());
        File.WriteAllText(Path.Combine(path, "metrics.jsonl"), Steps(1, steps, until, total: 100));
        return path;
    }

    internal static string Steps(int from, int to, DateTimeOffset at, int total)
    {
        var text = new StringBuilder();
        for (var step = from; step <= to; step++)
        {
            var loss = (2.3 / (1 + (0.05 * step))) + (0.02 * Math.Sin(step));
            text.Append(CultureInfo.InvariantCulture, $$"""{"kind":"step","at":"{{at:O}}","epoch":{{1 + (step / 10)}},"step":{{step}},"totalSteps":{{total}},"trainLoss":{{loss:0.####}},"trainAccuracy":{{1 - (loss / 3):0.####}},"learningRate":0.1,"imagesPerSecond":120,"dataWaitShare":0.02,"seconds":{{step}}}""").Append('\n');
            if (step % 10 == 0)
            {
                text.Append(CultureInfo.InvariantCulture, $$"""{"kind":"epoch","at":"{{at:O}}","epoch":{{step / 10}},"step":{{step}},"totalSteps":{{total}},"trainLoss":{{loss:0.####}},"trainAccuracy":{{1 - (loss / 3):0.####}},"validationLoss":{{loss + 0.1:0.####}},"validationAccuracy":{{0.95 - (loss / 3):0.####}},"seconds":{{step}}}""").Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>A study of 60 trials, some of them stopped early.</summary>
    private void WriteStudy(string name)
    {
        Directory.CreateDirectory(At(".sightline"));
        var space = new SearchSpace(new FloatParameter("optimizer.learningRate", 0.001, 1) { Log = true }, new CategoricalParameter("augment", ["basic", Hostile]));
        using var study = Study.Create(At(".sightline", "sightline.db"), space, new StudyOptions { Name = name, Directions = [Direction.Maximize], Sampler = "random", Pruner = new PrunerOptions { Kind = PrunerKind.Median } },
            new StudyBudget { Trials = 100, CostUsd = 5 });
        for (var i = 0; i < 60; i++)
        {
            var trial = study.Ask()!; // The budget is larger.
            var value = 0.9 - (0.1 * Math.Abs(Math.Log10(trial.Configuration.Float("optimizer.learningRate")) + 1));
            if (study.Report(trial.Number, 1, value / 2) == Verdict.Continue)
            {
                study.Tell(trial.Number, value);
            }
        }
    }

    /// <summary>What a command that the studio started left behind.</summary>
    private void WriteJob(string id, string title, int exit, string said)
    {
        var folder = At(".sightline", "studio", id);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "job.json"), JsonSerializer.Serialize(new ToolJobNote(id, title, "sightline data import", "/data", null, DateTimeOffset.UtcNow, Sightline.Runs.ProcessIdentity.Own), SightlineJson.Line));
        File.WriteAllText(Path.Combine(folder, "err"), said + "\n");
        File.WriteAllText(Path.Combine(folder, "exit"), $"{exit}\n");
    }

    internal static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement.Clone();

    internal Ended Run(params string[] arguments)
    {
        var start = Cli.Start(Folder, Cli.Executable, arguments);
        start.Environment["SIGHTLINE_DATASETS"] = At("store");
        start.Environment["SIGHTLINE_PRICES"] = At("sheets");
        return Cli.Execute(start);
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
        {
            await Browser.DisposeAsync();
        }

        _playwright?.Dispose();
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>One studio and one browser for all its tests.</summary>
[CollectionDefinition("Studio")]
public sealed class StudioCollection : ICollectionFixture<StudioFixture>;
