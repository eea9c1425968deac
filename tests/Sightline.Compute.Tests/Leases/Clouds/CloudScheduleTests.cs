using Sightline.Compute.Leases;
using Sightline.Compute.Offers;
using Sightline.Compute.Storage;
using Sightline.Compute.Tests.Fakes;
using Xunit;

namespace Sightline.Compute.Tests.Leases.Clouds;

/// <summary>
/// Proof of no leak over each cloud's fake: the schedules of <see cref="LeaseSchedules"/> with the real backends, their requests and answers. The suite runs as many as take
/// some seconds; SIGHTLINE_SCHEDULES=10000 runs ten thousand, and SIGHTLINE_SCHEDULE repeats one by its seed.
/// </summary>
public sealed class CloudScheduleTests
{
    [Theory]
    [InlineData("vast", 400)]
    [InlineData("runpod", 400)]
    [InlineData("lambda", 400)]
    [InlineData("gcp", 400)]
    [InlineData("azure", 400)]
    [InlineData("aws", 150)]
    public Task Schedules_with_faults_and_kills_leave_no_machine(string provider, int usual) =>
        LeaseSchedules.RunAsync(LeaseSchedules.Count(usual), (random, time) => new CloudWorld(provider, random, time));

    [Fact]
    public async Task Schedules_with_faults_and_kills_leave_no_reservation_of_a_host()
    {
        await using var database = await Database.InMemoryAsync(nameof(CloudScheduleTests), default);

        await LeaseSchedules.RunAsync(LeaseSchedules.Count(300), (random, time) => new HostWorld(database, random, time));
    }

    /// <summary>One cloud's fake, with faults drawn from the schedule's generator.</summary>
    private sealed class CloudWorld : ILeaseWorld
    {
        private readonly FakeCloud _fake;

        public CloudWorld(string provider, Random random, TimeProvider time)
        {
            var faults = new FaultPlan(random, random.Next(4) * 0.06);
            (_fake, Offers) = provider switch
            {
                "vast" => ((FakeCloud)new FakeVast(time, faults), (IReadOnlyList<Offer>)[LeaseProviderContract.Make("vast", "41", "rtx4090", "Texas, US", 0.41m), LeaseProviderContract.Make("vast", "42", "rtx4090", "Ohio, US", 0.21m, isSpot: true),
                    LeaseProviderContract.Make("vast", "43", "rtx4090", "gone", 0.3m)]),
                "runpod" => (new FakeRunPod(time, faults), [LeaseProviderContract.Make("runpod", "NVIDIA A100 80GB PCIe community", "a100-80-pcie", "any", 1.19m), LeaseProviderContract.Make("runpod", "NVIDIA A100 80GB PCIe secure", "a100-80-pcie", "US-KS-2", 1.79m)]),
                "lambda" => (new FakeLambda(time, faults), [LeaseProviderContract.Make("lambda", "gpu_1x_a100", "a100-40", "all-listed", 1.99m), LeaseProviderContract.Make("lambda", "gpu_1x_a100", "a100-40", "us-east-1", 1.99m)]),
                "gcp" => (new FakeGoogleCloud(time, faults), [LeaseProviderContract.Make("gcp", "n1-standard-8+t4", "t4", "us-central1", 0.73m), LeaseProviderContract.Make("gcp", "n1-standard-8+t4", "t4", "us-central1-b", 0.73m, isSpot: true),
                    LeaseProviderContract.Make("gcp", "a2-highgpu-1g", "a100-40", "us-central1", 3.67m)]),
                "azure" => (new FakeAzure(time, faults), [LeaseProviderContract.Make("azure", "Standard_NC4as_T4_v3", "t4", "eastus", 0.526m), LeaseProviderContract.Make("azure", "Standard_NC4as_T4_v3", "t4", "westus3", 0.526m, isSpot: true)]),
                _ => (new FakeAws(time, faults), [LeaseProviderContract.Make("aws", "g4dn.xlarge", "t4", "us-east-1", 0.526m), LeaseProviderContract.Make("aws", "g4dn.xlarge", "t4", "us-west-2", 0.526m, isSpot: true)]),
            };
            Providers = [_fake.Provider(_fake.Access())];
        }

        public IReadOnlyList<ILeaseProvider> Providers { get; }

        public IReadOnlyList<Offer> Offers { get; }

        public IEnumerable<WorldMachine> Machines => _fake.Machines.Select(machine =>
            new WorldMachine(Providers[0].Id, machine.Id, machine.Name, machine.CreatedAt, !machine.IsGone(_fake.Now), machine.BilledUsd(_fake.Now), machine.PricePerHourUsd));

        public int FaultCount => _fake.FaultCount;

        public void Calm()
        {
            _fake.Faults.IsActive = false;
            _fake.PriceRises = 0;
        }
    }
}
