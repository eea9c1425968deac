using Sightline.Compute.Offers;
using Sightline.Compute.Providers;
using Xunit;

namespace Sightline.Compute.Tests.Providers;

// The answers follow the providers' documentation; fields that are not read are left out.

public sealed class AzureOffersTests : ProviderContract
{
    protected override string Id => "azure";

    protected override string Region => "eastus";

    internal override Reply Answer(Asked asked)
    {
        static string Item(string sku, double price, string product = "Virtual Machines NCadsA100v4 Series", string skuName = "NC24ads A100 v4", string meter = "NC24ads A100 v4", string unit = "1 Hour") =>
            $$"""{"currencyCode":"USD","tierMinimumUnits":0.0,"retailPrice":{{price}},"unitPrice":{{price}},"armRegionName":"eastus","productName":"{{product}}","skuName":"{{skuName}}","meterName":"{{meter}}","serviceName":"Virtual Machines","unitOfMeasure":"{{unit}}","type":"Consumption","armSkuName":"{{sku}}"}""";
        const string A100 = "Standard_NC24ads_A100_v4";
        return asked.PathAndQuery.Contains("skip=1000", StringComparison.Ordinal)
            ? new Reply(200, $$"""{"Items":[{{Item(A100, 0.444433, skuName: "NC24ads A100 v4 Spot", meter: "NC24ads A100 v4 Spot")}},{{Item("Standard_NC4as_T4_v3", 0.526, "Virtual Machines NCasT4 v3 Series", "NC4as T4 v3", "NC4as T4 v3")}},{{Item("Standard_NC4as_T4_v3", 0.6, "Virtual Machines NCasT4 v3 Series", "NC4as T4 v3", "NC4as T4 v3")}}],"NextPageLink":null,"Count":3}""")
            : new Reply(200, $$"""{"BillingCurrency":"USD","Items":[{{Item(A100, 3.673)}},{{Item(A100, 5.1, "Virtual Machines NCadsA100v4 Series Windows")}},{{Item(A100, 0.7, skuName: "NC24ads A100 v4 Low Priority")}},{{Item("Standard_D2s_v3", 0.1)}},{{Item(A100, 2000, unit: "1 Month")}}],"NextPageLink":"https://prices.azure.com/api/retail/prices?$skip=1000","Count":5}""");
    }

    [Fact]
    public async Task Pages_are_followed_and_only_linux_machines_with_gpus_by_the_hour_are_taken()
    {
        using var server = new FakeServer(Answer);

        var row = Assert.Single(await FetchAsync(server));

        // The T4 has two distinct prices: ambiguous, so none.
        Assert.Equal(("Standard_NC24ads_A100_v4", 3.673m, 0.444433m, "eastus", 1), (row.Instance, row.PricePerHourUsd, row.SpotPricePerHourUsd, row.Region, row.Count));
        Assert.Equal(2, server.Requests.Count);
        Assert.Null(server.Requests[0].Authorization);
        Assert.Contains("serviceName eq 'Virtual Machines' and priceType eq 'Consumption' and armRegionName eq 'eastus'", Uri.UnescapeDataString(server.Requests[0].PathAndQuery));
    }

    [Fact]
    public async Task A_link_that_repeats_itself_ends()
    {
        using var server = new FakeServer(_ => new Reply(200, """{"Items":[],"NextPageLink":"/api/retail/prices?$skip=1000"}"""));

        Assert.Empty(await FetchAsync(server));
        Assert.Equal(2, server.Requests.Count);
    }
}

public sealed class GoogleCloudOffersTests : ProviderContract
{
    protected override string Id => "gcp";

    protected override string Region => "us-central1";

    internal override Reply Answer(Asked asked)
    {
        static string Sku(string words, string usage, int nanos, int units = 0) =>
            $$$$"""{"name":"services/x","description":"{{{{words}}}} running in Americas","category":{"resourceFamily":"Compute","usageType":"{{{{usage}}}}"},"serviceRegions":["us-central1","us-east1"],"pricingInfo":[{"pricingExpression":{"usageUnit":"h","tieredRates":[{"startUsageAmount":0,"unitPrice":{"currencyCode":"USD","units":"{{{{units}}}}","nanos":{{{{nanos}}}}}}]}}]}""";
        return asked.PathAndQuery.Contains("pageToken=two", StringComparison.Ordinal)
            ? new Reply(200, $$"""{"skus":[{{Sku("Nvidia Tesla A100 GPU", "OnDemand", 933910000, 2)}},{{Sku("Nvidia Tesla A100 GPU DWS Calendar Mode", "OnDemand", 700000000, 1)}},{{Sku("Nvidia Tesla A100 GPU attached to Spot Preemptible VMs", "Preemptible", 434100000, 1)}}],"nextPageToken":""}""")
            : new Reply(200, $$"""{"skus":[{{Sku("A2 Instance Core", "OnDemand", 31611000)}},{{Sku("A2 Instance Ram", "OnDemand", 4237000)}},{{Sku("Spot Preemptible A2 Instance Core", "Preemptible", 15806000)}},{{Sku("Spot Preemptible A2 Instance Ram", "Preemptible", 2119000)}}],"nextPageToken":"two"}""");
    }

    [Fact]
    public async Task A_machine_is_processors_memory_and_gpus_and_calendar_mode_is_not_taken()
    {
        using var server = new FakeServer(Answer);

        var rows = await FetchAsync(server);

        // 12 x 0.031611 + 85 x 0.004237 + 2.93391 = 3.673387
        var one = rows.Single(row => row.Instance == "a2-highgpu-1g");
        Assert.Equal(3.673387m, one.PricePerHourUsd);
        Assert.Equal((12 * 0.015806m) + (85 * 0.002119m) + 1.4341m, one.SpotPricePerHourUsd);
        Assert.Contains("key=secret-key", server.Requests[0].PathAndQuery);
        Assert.DoesNotContain(rows, row => row.Instance.StartsWith("a3", StringComparison.Ordinal));
    }
}

public sealed class AwsOffersTests : ProviderContract
{
    private const string Start = "\"FormatVersion\",\"v1.0\"\n\"Disclaimer\",\"x\"\n\"Publication Date\",\"y\"\n\"Version\",\"1\"\n\"OfferCode\",\"AmazonEC2\"\n";
    private const string Heading = "\"SKU\",\"TermType\",\"Unit\",\"PricePerUnit\",\"Instance Type\",\"Tenancy\",\"Operating System\",\"CapacityStatus\",\"Pre Installed S/W\"\n";

    protected override string Id => "aws";

    protected override string Region => "us-east-1";

    internal override Reply Answer(Asked asked) => new(200, Start + Heading
        + "\"A\",\"OnDemand\",\"Hrs\",\"21.9576420000\",\"p4d.24xlarge\",\"Shared\",\"Linux\",\"Used\",\"NA\"\n"
        + "\"B\",\"OnDemand\",\"Hrs\",\"23.0000000000\",\"p4d.24xlarge\",\"Shared\",\"Windows\",\"Used\",\"NA\"\n"
        + "\"C\",\"Reserved\",\"Hrs\",\"12.0000000000\",\"p4d.24xlarge\",\"Shared\",\"Linux\",\"Used\",\"NA\"\n"
        + "\"D\",\"OnDemand\",\"Hrs\",\"0.0000000000\",\"p4d.24xlarge\",\"Shared\",\"Linux\",\"AllocatedCapacityReservation\",\"NA\"\n"
        + "\"E\",\"OnDemand\",\"Hrs\",\"25.0000000000\",\"p4d.24xlarge\",\"Dedicated\",\"Linux\",\"Used\",\"NA\"\n"
        + "\"F\",\"OnDemand\",\"Hrs\",\"0.1000000000\",\"t3.large\",\"Shared\",\"Linux\",\"Used\",\"NA\"\n");

    [Fact]
    public async Task Only_linux_on_demand_in_shared_tenancy_is_taken()
    {
        using var server = new FakeServer(Answer);

        var row = Assert.Single(await FetchAsync(server));

        Assert.Equal(("p4d.24xlarge", 21.957642m, 8, (decimal?)null), (row.Instance, row.PricePerHourUsd, row.Count, row.SpotPricePerHourUsd));
    }
}

public sealed class LambdaOffersTests : ProviderContract
{
    protected override string Id => "lambda";

    protected override string Region => "us-west-1";

    internal override Reply Answer(Asked asked) => new(200, """
        {"data":{
          "gpu_1x_a100":{"instance_type":{"name":"gpu_1x_a100","description":"1x A100 (40 GB PCIe)","price_cents_per_hour":199,"specs":{"vcpus":30,"memory_gib":200,"storage_gib":512}},"regions_with_capacity_available":[{"name":"us-west-1"},{"name":"us-east-1"}]},
          "gpu_8x_v100":{"instance_type":{"name":"gpu_8x_v100","description":"8x Tesla V100 (16 GB)","price_cents_per_hour":632,"specs":{"vcpus":92,"memory_gib":448,"storage_gib":6000}},"regions_with_capacity_available":[{"name":"us-west-1"}]},
          "gpu_1x_h100_sxm5":{"instance_type":{"name":"gpu_1x_h100_sxm5","description":"1x H100 (80 GB SXM5)","price_cents_per_hour":429,"specs":{"vcpus":26,"memory_gib":225,"storage_gib":2800}},"regions_with_capacity_available":[]},
          "cpu_4x_general":{"instance_type":{"name":"cpu_4x_general","description":"4x CPU General","price_cents_per_hour":10,"specs":{"vcpus":4,"memory_gib":16,"storage_gib":100}},"regions_with_capacity_available":[{"name":"us-west-1"}]}}}
        """);

    [Fact]
    public async Task Machines_with_capacity_are_taken_with_their_count_and_size()
    {
        using var server = new FakeServer(Answer);

        var rows = await FetchAsync(server);

        Assert.Equal([("gpu_1x_a100", 1, 1.99m, 40960), ("gpu_8x_v100", 8, 6.32m, 16384)], rows.Select(row => (row.Instance, row.Count, row.PricePerHourUsd!.Value, row.GpuMemoryMib!.Value)));
        Assert.Equal("Bearer secret-key", server.Requests[0].Authorization);
        Assert.Equal(["a100-40", "v100-16"], OfferBook.From(rows).Offers.Select(offer => offer.Gpu.Id));
    }
}

public sealed class RunPodOffersTests : ProviderContract
{
    protected override string Id => "runpod";

    protected override string Region => "any";

    internal override Reply Answer(Asked asked) => new(200, """
        {"gpus":[
          {"id":"NVIDIA A100 80GB PCIe","name":"A100 PCIe","pool":"AMPERE_80","manufacturer":"NVIDIA","memory":80,"secure":true,"community":true,"price":{"secure":1.79,"community":1.19},"maxCount":{"secure":8,"community":8},"availability":"HIGH","dataCenters":["EU-RO-1"],"cudaVersions":["12.8"]},
          {"id":"NVIDIA GeForce RTX 4090","name":"RTX 4090","pool":"ADA_24","manufacturer":"NVIDIA","memory":24,"secure":true,"community":false,"price":{"secure":0.69,"community":0.34},"availability":"LOW","dataCenters":[]},
          {"id":"AMD Instinct MI300X OAM","name":"MI300X","manufacturer":"AMD","memory":192,"secure":true,"community":false,"price":{"secure":2.49},"availability":"HIGH","dataCenters":[]},
          {"id":"NVIDIA L4","name":"L4","manufacturer":"NVIDIA","memory":24,"secure":true,"community":false,"price":{"secure":0.43},"availability":"NONE","dataCenters":[]}]}
        """);

    [Fact]
    public async Task Secure_and_community_are_offers_of_their_own()
    {
        using var server = new FakeServer(Answer);

        var rows = await FetchAsync(server);

        Assert.Equal(
            [("NVIDIA A100 80GB PCIe secure", 1.79m), ("NVIDIA A100 80GB PCIe community", 1.19m), ("NVIDIA GeForce RTX 4090 secure", 0.69m)],
            rows.Select(row => (row.Instance, row.PricePerHourUsd!.Value)));
        Assert.Equal(["a100-80-pcie", "a100-80-pcie", "rtx4090"], OfferBook.From(rows).Offers.Select(offer => offer.Gpu.Id));
        Assert.StartsWith("/v2/catalog/gpus?", server.Requests[0].PathAndQuery);
    }
}

public sealed class VastOffersTests : ProviderContract
{
    protected override string Id => "vast";

    protected override string Region => "any";

    internal override Reply Answer(Asked asked) => new(200, """
        {"offers":[
          {"id":101,"machine_id":7,"num_gpus":1,"gpu_name":"RTX 4090","gpu_ram":24564,"cpu_cores":64,"cpu_cores_effective":16.0,"cpu_ram":128000,"dph_base":0.35,"dph_total":0.36,"min_bid":0.20,"storage_cost":0.24,"reliability":0.99,"geolocation":"Texas, US","rentable":true},
          {"id":102,"machine_id":8,"num_gpus":2,"gpu_name":"A100 SXM4","gpu_ram":40960,"cpu_cores":null,"cpu_cores_effective":32.0,"cpu_ram":64000,"dph_base":1.5,"min_bid":0,"storage_cost":0,"geolocation":null}]}
        """);

    [Fact]
    public async Task The_price_has_the_disk_and_the_memory_is_the_share()
    {
        using var server = new FakeServer(Answer);

        var rows = await FetchAsync(server);

        // 30 GB x 0.24 $ per month / 720 h = 0.01 $ per hour.
        Assert.Equal((0.36m, 0.21m, 16, 31.25), (rows[0].PricePerHourUsd, rows[0].SpotPricePerHourUsd, rows[0].VirtualCpus, rows[0].MemoryGib));
        Assert.Equal((1.5m, (decimal?)null, 2, 62.5), (rows[1].PricePerHourUsd, rows[1].SpotPricePerHourUsd, rows[1].Count, rows[1].MemoryGib));
        Assert.Equal(("POST", "/api/v0/bundles/", "Bearer secret-key"), (server.Requests[0].Method, server.Requests[0].PathAndQuery, server.Requests[0].Authorization));
        Assert.Contains("\"rentable\":{\"eq\":true}", server.Requests[0].Body);
    }
}

public sealed class PriceRefreshTests
{
    private static readonly HttpClient _http = new();

    [Fact]
    public async Task One_without_a_key_is_skipped_one_that_fails_stops_nobody_and_the_rest_answers()
    {
        using var folder = new TemporaryFolder();
        using var good = new FakeServer(new RunPodOffersTests().Answer);
        using var bad = new FakeServer(_ => new Reply(500, ""));
        var client = new ProviderClient(_http, TimeProvider.System) { FirstWait = TimeSpan.FromMilliseconds(1) };
        var credentials = new CredentialStore(name => name == "RUNPOD_API_KEY" ? "key" : null, folder.Path);
        var refresh = new PriceRefresh(client, credentials, TimeProvider.System)
        {
            Addresses = new Dictionary<string, Uri> { ["azure"] = bad.Address, ["aws"] = bad.Address, ["runpod"] = good.Address },
        };

        var answers = await refresh.AskAsync(ProviderCatalog.All, CancellationToken.None);

        Assert.Equal(ProviderCatalog.All.Select(source => source.Id), answers.Select(answer => answer.Provider));
        var by = answers.ToDictionary(answer => answer.Provider);
        Assert.NotEmpty(by["runpod"].Rows!);
        Assert.True(by["azure"].IsFailure && by["aws"].IsFailure);
        Assert.Equal("Lambda is skipped: LAMBDA_API_KEY is not set.", by["lambda"].Note);
        Assert.False(by["gcp"].IsFailure);
        Assert.Equal("Burncloud: no public API or price list for GPUs: fill in a price sheet with what Burncloud quotes you, and the machine's SSH host.", by["burncloud"].Note);
    }

    [Fact]
    public async Task Cancelling_stops_the_waits()
    {
        using var server = new FakeServer(_ => new Reply(503, ""));
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        var refresh = new PriceRefresh(new ProviderClient(_http, TimeProvider.System) { FirstWait = TimeSpan.FromSeconds(30) }, new CredentialStore(_ => "key", "none"), TimeProvider.System)
        {
            Addresses = new Dictionary<string, Uri> { ["lambda"] = server.Address },
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => refresh.AskAsync(ProviderCatalog.All.Where(source => source.Id == "lambda"), stop.Token));
    }

    [Fact]
    public void A_key_file_that_others_can_read_is_refused()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Unix permissions.");
            return;
        }

        using var folder = new TemporaryFolder();
        var file = folder.Write("VAST_API_KEY", "from-file\n");
        var store = new CredentialStore(_ => null, folder.Path);

        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal("from-file", store.Find("VAST_API_KEY"));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var error = Assert.Throws<ComputeException>(() => store.Find("VAST_API_KEY"));

        Assert.Equal($"The file of the key VAST_API_KEY can be read by others, so it is not used. Run: chmod 600 '{file}'", error.Message);
        Assert.Null(store.Find("OTHER"));
        Assert.Equal("x", new CredentialStore(_ => "x", folder.Path).Find("VAST_API_KEY"));
    }
}
