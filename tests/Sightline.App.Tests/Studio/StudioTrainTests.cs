using System.Net;
using System.Text.Json;
using Sightline.Studio.Access;
using Xunit;

namespace Sightline.App.Tests.Studio;

/// <summary>The plan of the page Train, and what it starts.</summary>
[Collection("Studio")]
public sealed class StudioTrainTests(StudioFixture studio)
{
    internal static readonly (string, string)[] Small =
    [
        ("data", "photos"), ("model", "mobilenet_v3_small"), ("size", "32"), ("batch", "8"), ("more", "threads=1 layout=nhwc"),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_plan_is_that_of_train_plan_and_gpu_plan()
    {
        using var client = StudioClient.As(studio, Role.Viewer);
        File.WriteAllText(studio.At("job.json"), """{ "model": "mobilenet_v3_small", "size": 32, "batchSize": 8, "epochs": 20 }""");

        var plan = await client.Twin($"/train?{Query([.. Small])}");
        var memory = studio.Run("train", "plan", "photos", "--model", "mobilenet_v3_small", "--size", "32", "--batch", "8", "--set", "threads=1", "--json").With(ExitCode.Done).Json;
        var price = studio.Run("gpu", "plan", "job.json", "--data", $"{plan.GetProperty("pictures").GetProperty("train").GetInt32()}", "--classes", "2", "--json").With(ExitCode.Done).Json;

        foreach (var term in new[] { "weightBytes", "gradientBytes", "optimizerBytes", "activationBytes", "workspaceBytes", "pictureBytes" })
        {
            Assert.Equal(memory.GetProperty(term).GetInt64(), plan.GetProperty("memory").GetProperty(term).GetInt64());
        }

        foreach (var (shown, known) in plan.GetProperty("offers").EnumerateArray().Zip(price.GetProperty("offers").EnumerateArray()))
        {
            Assert.Equal(known.GetProperty("instance").GetString(), shown.GetProperty("instance").GetString());
            Assert.Equal(known.GetProperty("totalUsd").GetDecimal(), shown.GetProperty("totalUsd").GetDecimal());
        }

        // The fixture trained this model at this size here.
        Assert.StartsWith("the run ", plan.GetProperty("speed").GetProperty("source").GetString(), StringComparison.Ordinal);
        Assert.True(plan.GetProperty("secondsHere").GetDouble() > 0);
        Assert.Equal("sightline train photos --set threads=1 --set layout=nhwc --model mobilenet_v3_small --size 32 --batch 8", plan.GetProperty("command").GetString());
    }

    [Theory]
    [InlineData("epochs=none", "epochs", "epochs is none (--epochs); it must be a whole number.")]
    [InlineData("epochs=0", "epochs", "Epochs is 0; it must be from 1 to 10000. Pass --epochs 20.")]
    [InlineData("batch=5000", "batch", "The batch is 5000, and there are 34 training pictures. Give 34 or less, or leave it out.")]
    [InlineData("rate=-1", "rate", "LearningRate is -1")]
    [InlineData("size=4", "size", "Size is 4; it must be from 8 to 4096 pixels. Pass --size 224.")]
    [InlineData("more=epoch=3", "more", "--set names 'epoch', and there is no such setting.")]
    [InlineData("more=weights=/etc/passwd", "more", "weights is /etc/passwd (--set); it must be a file below ")]
    [InlineData("name=..%2fother", "name", "The name is '../other'; it must be ")]
    [InlineData("name=first", "name", "There is a run 'first' already.")]
    public async Task A_wrong_value_comes_back_at_its_field(string value, string field, string words)
    {
        using var client = StudioClient.As(studio, Role.Editor);
        var address = $"/train?data=photos&{value}";

        var plan = await client.Twin(address);
        var page = await client.Http.GetStringAsync(address, Cancel);

        Assert.StartsWith(words, plan.GetProperty("problems").GetProperty(field).GetString(), StringComparison.Ordinal);
        Assert.Contains($"aria-describedby=\"t-{field}\" aria-invalid=\"true\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Start it here", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_fit_is_said_with_what_would_change()
    {
        using var client = StudioClient.As(studio, Role.Editor);

        var plan = await client.Twin("/train?data=photos&model=resnet18&size=128&batch=32&more=memory.limitBytes=600000000");

        Assert.False(plan.GetProperty("memory").GetProperty("fits").GetBoolean());
        Assert.Contains("freed memory goes back to the system at once", plan.GetProperty("memory").GetProperty("wouldChange").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sending_the_form_twice_starts_one_run_and_its_page_comes()
    {
        using var client = StudioClient.As(studio, Role.Editor);
        (string, string)[] form = [.. Small, ("epochs", "1"), ("name", "started"), ("id", StudioClient.Id())];

        var first = await client.Post("/train/start", form);
        var second = await client.Post("/train/start", form);
        var job = first.Headers.Location!.OriginalString; // A redirect has one.
        await StudioClient.Until(async () => (await client.Twin(job)).TryGetProperty("next", out _), "the run's page");
        await StudioClient.Until(async () => (await client.Twin("/runs/started")).GetProperty("run").GetProperty("state").GetString() == "finished", "the end of the run");

        Assert.Equal(HttpStatusCode.SeeOther, second.StatusCode);
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.Equal("/runs/started", (await client.Twin(job)).GetProperty("next").GetString());
        Assert.Equal(1, (await client.Twin("/runs/started")).GetProperty("settings").GetProperty("options").GetProperty("epochs").GetInt32());
    }

    [Fact]
    public async Task Steps_are_measured_where_the_speed_is_not_known()
    {
        using var client = StudioClient.As(studio, Role.Editor);
        (string, string)[] form = [("data", "photos"), ("model", "resnet10_small"), ("size", "16"), ("batch", "8"), ("more", "threads=1")];
        Assert.False((await client.Twin($"/train?{Query(form)}")).TryGetProperty("speed", out _));

        var job = await client.Start("/train/measure", form);
        var plan = await client.Twin(job.GetProperty("next").GetString()!); // It is done.

        Assert.Equal("two steps on noise, measured here", plan.GetProperty("speed").GetProperty("source").GetString());
    }

    [Fact]
    public async Task A_machine_is_leased_extended_and_ended_by_an_owner_within_a_cap()
    {
        using var client = StudioClient.As(studio, Role.Owner);
        (string, string)[] limits = [("maxCost", "6"), ("maxHours", "4"), ("yes", "yes")];

        using var unconfirmed = await client.Post("/gpus/lease", ("offer", "burncloud/box-1"), ("maxCost", "6"), ("maxHours", "4"), ("id", StudioClient.Id()));
        using var unlimited = await client.Post("/gpus/lease", ("offer", "burncloud/box-1"), ("maxHours", "4"), ("yes", "yes"), ("id", StudioClient.Id()));
        using var unknown = await client.Post("/gpus/lease", [("offer", "--all/x"), ("id", StudioClient.Id()), .. limits]);
        var leased = await client.Start("/gpus/lease", [("offer", "burncloud/box-1"), .. limits]);
        var lease = await Open(client);
        await client.Start("/gpus/extend", ("lease", lease.GetProperty("id").GetString()!), ("maxCost", "12"), ("maxHours", "8"), ("yes", "yes")); // It has one.
        var extended = await Open(client);
        await client.Start("/gpus/end", ("lease", lease.GetProperty("id").GetString()!)); // As above.

        Assert.Equal([HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest], [unconfirmed.StatusCode, unlimited.StatusCode, unknown.StatusCode]);
        Assert.Equal("done", leased.GetProperty("state").GetString());
        Assert.Equal(6m, lease.GetProperty("maxCostUsd").GetDecimal());
        Assert.Equal(12m, extended.GetProperty("maxCostUsd").GetDecimal());
        Assert.DoesNotContain((await client.Twin("/gpus")).GetProperty("leases").EnumerateArray(), row => row.GetProperty("isOpen").GetBoolean());
    }

    [Fact]
    public async Task A_study_is_shown_page_by_page_and_stopped()
    {
        using var client = StudioClient.As(studio, Role.Editor);

        var all = await client.Twin("/tune/search?sort=oldest&page=2");
        var page = await client.Http.GetStringAsync("/tune/search", Cancel);
        var best = studio.Run("tune", "status", "search", "--json").With(ExitCode.Done).Json;

        Assert.Equal(2, all.GetProperty("pages").GetInt32());
        Assert.Equal(50, all.GetProperty("trials")[0].GetProperty("number").GetInt32());
        Assert.Equal(best.GetProperty("best").GetProperty("number").GetInt32(), all.GetProperty("best").GetProperty("number").GetInt32());
        Assert.Equal(best.GetProperty("trials").GetProperty("pruned").GetInt32(), all.GetProperty("counts").GetProperty("pruned").GetInt32());
        Assert.True(all.GetProperty("importance").GetProperty("optimizer.learningRate").GetDouble() > 0.5);
        foreach (var part in new[] { "history-chart", "slice-0", "parallel-t", "id=\"importance\"", "class=\"dot pruned\"" })
        {
            Assert.Contains(part, page, StringComparison.Ordinal);
        }

        using var stopped = await client.Post("/tune/search/stop");
        Assert.Equal(HttpStatusCode.SeeOther, stopped.StatusCode);
        Assert.Equal("stopped", studio.Run("tune", "status", "search", "--json").With(ExitCode.Done).Json.GetProperty("state").GetString(), ignoreCase: true);
    }

    private static async Task<JsonElement> Open(StudioClient client) => (await client.Twin("/gpus")).GetProperty("leases").EnumerateArray().Single(row => row.GetProperty("isOpen").GetBoolean());

    internal static string Query(IEnumerable<(string Name, string Value)> fields) => string.Join('&', fields.Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value)}"));
}
