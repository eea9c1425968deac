using System.Globalization;
using System.Text.Json;
using Sightline.Compute.Gpus;

namespace Sightline.Runs;

/// <summary>What a run's <c>job.json</c> says of the machine and its price; all of it may be missing, and names that are not known are passed over.</summary>
internal sealed record RunJob
{
    /// <summary>Where the run is, in words, such as provider and machine type.</summary>
    public string? Offer { get; init; }

    /// <summary>The GPU's id or name.</summary>
    public string? Gpu { get; init; }

    /// <summary>Price of the machine, USD per hour.</summary>
    public decimal? PricePerHourUsd { get; init; }

    /// <summary>What may be spent, USD.</summary>
    public decimal? MaxCostUsd { get; init; }

    /// <summary>Spent on machines before this one, USD.</summary>
    public decimal? SpentBeforeUsd { get; init; }

    /// <summary>Since when it is billed, UTC.</summary>
    public DateTimeOffset? BilledSince { get; init; }

    /// <summary>Where it is billed no longer: until when, UTC.</summary>
    public DateTimeOffset? BilledUntil { get; init; }

    /// <summary>The GPU's row of the table; null where it is not known.</summary>
    public Gpu? KnownGpu => Gpu is null ? null : GpuCatalog.All.FirstOrDefault(gpu => gpu.Id.Equals(Gpu, StringComparison.OrdinalIgnoreCase)) ?? GpuCatalog.Identify(Gpu);

    /// <summary>Spent so far, USD; null where price or begin are not known.</summary>
    public decimal? SpentUsd(DateTimeOffset now) => PricePerHourUsd is { } price && BilledSince is { } since
        ? Math.Round((SpentBeforeUsd ?? 0) + (price * (decimal)Math.Max(0, ((BilledUntil ?? now) - since).TotalHours)), 4)
        : null;

    /// <summary>Whether the run's folder is a copy of one on another machine, kept up to date by a job.</summary>
    public static bool IsCopy(RunFolder run) => File.Exists(FileIn(run));

    /// <summary>Reads the file of a run; an empty one where there is none or it cannot be read.</summary>
    public static RunJob Read(RunFolder run)
    {
        try
        {
            if (!IsCopy(run))
            {
                return new RunJob();
            }

            using var document = JsonDocument.Parse(File.ReadAllText(FileIn(run)));
            var json = document.RootElement;
            return new RunJob
            {
                Offer = Text(json, "offer"),
                Gpu = Text(json, "gpu"),
                PricePerHourUsd = Money(json, "pricePerHourUsd"),
                MaxCostUsd = Money(json, "maxCostUsd"),
                SpentBeforeUsd = Money(json, "spentBeforeUsd"),
                BilledSince = Time(json, "billedSince"),
                BilledUntil = Time(json, "billedUntil"),
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return new RunJob();
        }
    }

    private static string FileIn(RunFolder run) => Path.Combine(run.Path, "job.json");

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static decimal? Money(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDecimal() : null;

    private static DateTimeOffset? Time(JsonElement json, string name) =>
        DateTimeOffset.TryParse(Text(json, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
