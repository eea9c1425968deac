using Xunit;

namespace Sightline.App.Tests;

/// <summary><c>gpu list</c>, <c>gpu offers</c> and <c>gpu plan</c> as a user runs them, on the shipped prices and a sheet.</summary>
public sealed class GpuCommandsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void List_has_the_approved_names_and_the_maker_s_figures()
    {
        var ended = Run("gpu", "list", "--json").With(ExitCode.Done);

        // NVIDIA's data sheets: V100 16 GB, 900 GB/s, no TF32, compute capability 7.0.
        var v100 = ended.Json.EnumerateArray().Single(gpu => gpu.GetProperty("id").GetString() == "v100-16");
        Assert.Equal(900, v100.GetProperty("bandwidthGBps").GetDouble());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, v100.GetProperty("tf32Tflops").ValueKind);
        Assert.Equal("7.0", v100.GetProperty("computeCapability").GetString());
        Approved.Match("json.gpu-list", JsonNames.Of(ended.Json));
    }

    [Fact]
    public void Offers_has_the_approved_names_and_only_what_was_asked_for()
    {
        var ended = Run("gpu", "offers", "--gpu", "a100", "--on-demand", "--json").With(ExitCode.Done);

        var offers = ended.Json.GetProperty("offers").EnumerateArray().ToList();
        Assert.NotEmpty(offers);
        Assert.All(offers, offer => Assert.StartsWith("a100", offer.GetProperty("gpu").GetString(), StringComparison.Ordinal));
        Assert.All(offers, offer => Assert.False(offer.GetProperty("isSpot").GetBoolean()));
        Assert.True(offers.All(offer => offer.GetProperty("source").GetString()!.Length > 0));
        Approved.Match("json.gpu-offers", JsonNames.Of(ended.Json));
    }

    [Fact]
    public void Offers_reads_a_sheet_and_says_what_it_rejects()
    {
        File.WriteAllText(_folder.At("own.csv"), """
            provider,instance,accelerator,gpu_memory_mib,price_usd_hour,spot_usd_hour,seen_on,source
            own,good,A100,81920,1.23,,2026-11-20,a quotation
            own,free,A100,81920,0,,2026-11-20,a quotation
            """);

        var ended = Run("gpu", "offers", "--provider", "own", "--prices", "own.csv", "--json").With(ExitCode.Done);

        Assert.Equal(1.23m, ended.Json.GetProperty("offers").EnumerateArray().Single().GetProperty("pricePerHourUsd").GetDecimal());
        Assert.Contains(ended.Json.GetProperty("findings").EnumerateArray(), finding => finding.GetProperty("row").GetString()!.Contains("free", StringComparison.Ordinal));
    }

    [Fact]
    public void Offers_of_a_sheet_that_is_not_there_is_not_found()
    {
        var ended = Run("gpu", "offers", "--prices", "nowhere.csv").With(ExitCode.NotFound);

        Assert.Equal("The price sheet 'nowhere.csv' is not there.", ended.Error.Trim());
    }

    [Fact]
    public void Plan_has_the_approved_names_and_ranks_by_the_job()
    {
        var ended = Run("gpu", "plan", "--model", "resnet18", "--size", "224", "--data", "50000", "--epochs", "10", "--json").With(ExitCode.Done);

        var totals = ended.Json.GetProperty("offers").EnumerateArray().Select(offer => offer.GetProperty("totalUsd").GetDecimal()).ToList();
        Assert.True(totals.Count > 10);
        Assert.Equal(totals.Order(), totals);
        Assert.Contains(ended.Json.GetProperty("offers").EnumerateArray(), offer => offer.GetProperty("isPareto").GetBoolean());
        Approved.Match("json.gpu-plan", JsonNames.Of(ended.Json));
    }

    [Fact]
    public void Plan_without_a_model_says_what_is_missing()
    {
        var ended = Run("gpu", "plan", "--data", "1000").With(ExitCode.Usage);

        Assert.Contains("gpu plan needs a model: pass --model NAME", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_writes_the_page()
    {
        Run("gpu", "plan", "--model", "resnet18", "--data", "1000", "--html", "page.html").With(ExitCode.Done);

        Assert.Contains("<svg", File.ReadAllText(_folder.At("page.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_with_a_probe_has_this_machine_as_measured_and_leaves_the_gpus_as_they_were()
    {
        File.WriteAllText(_folder.At("job.json"), """{ "model": "resnet10_small", "size": 32, "batchSize": 16, "epochs": 2, "threads": 1, "device": "cpu", "precision": "fp32", "layout": "nhwc" }""");
        string[] plan = ["gpu", "plan", "job.json", "--data", "50000", "--classes", "10"];

        var guessed = Run([.. plan, "--json"]).With(ExitCode.Done).Json;
        var measured = Run([.. plan, "--probe", "--json"]).With(ExitCode.Done).Json;
        var again = Run([.. plan, "--probe"]).With(ExitCode.Done);

        var here = measured.GetProperty("measured");
        double Figure(string name) => here.GetProperty(name).GetDouble();
        Assert.Equal((20, 3, 16), (here.GetProperty("steps").GetInt32(), here.GetProperty("warmUp").GetInt32(), here.GetProperty("batch").GetInt32()));
        Assert.InRange(Figure("medianMilliseconds"), Figure("lowMilliseconds"), Figure("highMilliseconds"));
        Assert.Equal(16_000 / Figure("medianMilliseconds"), Figure("imagesPerSecond"), 1e-6);
        Assert.Equal(100_000 / Figure("imagesPerSecond") / 3600, Figure("hours"), 1e-9);
        Assert.True(Figure("peakBytes") > 10_000_000);
        // A processor's speed says nothing of a GPU's.
        Assert.Equal(guessed.GetProperty("gpus").ToString(), measured.GetProperty("gpus").ToString());
        Assert.Equal(guessed.GetProperty("offers").ToString(), measured.GetProperty("offers").ToString());
        // What was measured once is kept, and said to be measured.
        Assert.DoesNotContain("Measuring", again.Error);
        Assert.Contains(FormattableString.Invariant($"measured {here.GetProperty("measuredAt").GetDateTime():yyyy-MM-dd}"), again.Out);
        Assert.Contains("A processor's speed says nothing of a GPU's", again.Out);
        Approved.Match("json.gpu-plan-probe", JsonNames.Of(measured));
    }

    [Fact]
    public void Plan_with_a_probe_on_a_cuda_gpu_plans_by_what_it_took()
    {
        Assert.SkipUnless(File.Exists("/dev/nvidia0"), "Needs an NVIDIA GPU; there is no /dev/nvidia0.");
        Sightline.Native.NativeRuntime.EnsureLoaded();
        Assert.SkipUnless(TorchSharp.torch.cuda.is_available(), "Needs the CUDA build of LibTorch.");

        var plan = Run("gpu", "plan", "--model", "resnet18", "--size", "64", "--batch", "64", "--data", "50000", "--epochs", "1", "--probe", "--json").With(ExitCode.Done).Json;

        var here = plan.GetProperty("measured");
        Assert.True(here.GetProperty("isGpu").GetBoolean());
        var row = plan.GetProperty("gpus").EnumerateArray().Single(gpu => gpu.GetProperty("gpu").GetString() == here.GetProperty("gpuId").GetString());
        Assert.Equal(here.GetProperty("imagesPerSecond").GetDouble(), row.GetProperty("imagesPerSecond").GetDouble(), 1e-6);
        Assert.StartsWith("measured here", row.GetProperty("speedBasis").GetString());
    }

    public void Dispose() => _folder.Dispose();

    private Ended Run(params string[] arguments)
    {
        var start = Cli.Start(_folder.Path, Cli.Executable, arguments);
        start.Environment["SIGHTLINE_PRICES"] = _folder.At("prices");
        start.Environment["SIGHTLINE_CACHE"] = _folder.At("cache"); // No prices that this machine once refreshed.
        return Cli.Execute(start);
    }
}
