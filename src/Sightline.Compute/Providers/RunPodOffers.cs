using System.Text.Json;
using Sightline.Compute.Offers;

namespace Sightline.Compute.Providers;

/// <summary>RunPod: the GPU catalogue of REST version 2; prices per single GPU, secure and community.</summary>
internal sealed class RunPodOffers : IOfferSource
{
    public string Id => "runpod";

    public string Name => "RunPod";

    public string About => "GPU catalogue of REST v2; needs an API key; secure and community prices, no spot";

    public Uri? DefaultAddress { get; } = new("https://api.runpod.io");

    public string? CredentialName => "RUNPOD_API_KEY";

    public async Task<IReadOnlyList<PriceRow>> FetchAsync(PriceRequest request, CancellationToken cancellationToken)
    {
        var answer = await request.Client.GetJsonAsync(Name, new Uri(request.Address, "/v2/catalog/gpus?include=AVAILABILITY&product=POD"), request.Credential, cancellationToken).ConfigureAwait(false);
        return [.. from gpu in answer.Need(Name, "gpus", JsonValueKind.Array).EnumerateArray()
                   where gpu.Text("availability") != "NONE" && gpu.Text("manufacturer") is "NVIDIA" or "Nvidia" or ""
                   from cloud in new[] { "secure", "community" }
                   where gpu.Get(cloud) is { ValueKind: JsonValueKind.True } && gpu.Get("price")?.Number(cloud) is > 0
                   select new PriceRow
                   {
                       Provider = Id,
                       Instance = $"{gpu.Text("id")} {cloud}",
                       Accelerator = gpu.Text("id"),
                       GpuMemoryMib = (int?)(gpu.Number("memory") * 1024), // The catalogue counts GB.
                       Region = gpu.Items("dataCenters").FirstOrDefault() is { ValueKind: JsonValueKind.String } center ? center.GetString()! : "any",
                       PricePerHourUsd = gpu.Get("price")?.Number(cloud),
                       SeenOn = request.Today,
                       Source = "RunPod GPU catalogue (REST v2)",
                   }];
    }
}
