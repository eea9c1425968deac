using Sightline.Compute.Offers;
using Sightline.Compute.Tests.Fakes;
using Xunit;

namespace Sightline.Compute.Tests.Leases.Clouds;

public sealed class VastLeasesTests : LeaseProviderContract
{
    internal override Offer Offer { get; } = Make("vast", "41", "rtx4090", "Texas, US", 0.41m);

    internal override FakeCloud Fake(TimeProvider time, FaultPlan faults) => new FakeVast(time, faults);
}

public sealed class RunPodLeasesTests : LeaseProviderContract
{
    internal override Offer Offer { get; } = Make("runpod", "NVIDIA A100 80GB PCIe community", "a100-80-pcie", "any", 1.19m);

    internal override FakeCloud Fake(TimeProvider time, FaultPlan faults) => new FakeRunPod(time, faults);
}

public sealed class LambdaLeasesTests : LeaseProviderContract
{
    internal override Offer Offer { get; } = Make("lambda", "gpu_1x_a100", "a100-40", "all-listed", 1.99m);

    internal override FakeCloud Fake(TimeProvider time, FaultPlan faults) => new FakeLambda(time, faults);
}

public sealed class GoogleCloudLeasesTests : LeaseProviderContract
{
    internal override Offer Offer { get; } = Make("gcp", "a2-highgpu-1g", "a100-40", "us-central1", 3.67m);

    protected override bool TellsPrice => false;

    internal override FakeCloud Fake(TimeProvider time, FaultPlan faults) => new FakeGoogleCloud(time, faults);

    [Fact]
    public async Task The_next_zone_of_the_region_is_tried()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var fake = new FakeGoogleCloud(time, Faults);
        fake.FullZones.Add("us-central1-a");
        var create = fake.Provider(fake.Access()).CreateAsync(Request(), default);
        while (!create.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal("us-central1-b/sightline-lease-1", (await create).Id);
    }
}

public sealed class AzureLeasesTests : LeaseProviderContract
{
    internal override Offer Offer { get; } = Make("azure", "Standard_NC24ads_A100_v4", "a100-80-pcie", "eastus", 3.673m);

    protected override bool TellsPrice => false;

    internal override FakeCloud Fake(TimeProvider time, FaultPlan faults) => new FakeAzure(time, faults);
}

public sealed class AwsLeasesTests : LeaseProviderContract
{
    internal override Offer Offer { get; } = Make("aws", "p4d.24xlarge", "a100-40", "us-east-1", 21.96m);

    protected override bool TellsPrice => false;

    internal override FakeCloud Fake(TimeProvider time, FaultPlan faults) => new FakeAws(time, faults);
}
