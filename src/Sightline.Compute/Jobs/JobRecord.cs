using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sightline.Compute.Jobs;

/// <summary>
/// The file <c>job.json</c> in the local folder of a run that is trained elsewhere: where it is, so that any later command finds it, and what it
/// costs. No secret is in it, only the names of key files.
/// </summary>
internal sealed record JobRecord
{
    private const string FileName = "job.json";

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The host as <c>--on</c> takes it.</summary>
    public required string Host { get; init; }

    /// <summary>The job's name on the host.</summary>
    public required string Job { get; init; }

    /// <summary>The run's folder on the host, below the job's.</summary>
    public required string RunFolder { get; init; }

    /// <summary>Sightline's folder on the host; null takes the usual one.</summary>
    public string? Root { get; init; }

    /// <summary>The data on this machine and on the host.</summary>
    public required string DataLocation { get; init; }

    /// <summary>The data on the host.</summary>
    public required string HostDataLocation { get; init; }

    /// <summary>Private key files that were tried.</summary>
    public IReadOnlyList<string> Identities { get; init; } = [];

    /// <summary>Files of known host keys.</summary>
    public IReadOnlyList<string> KnownHosts { get; init; } = [];

    /// <summary>The command that starts the run and the one that goes on with it, on the host.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>The command that goes on with the run.</summary>
    public IReadOnlyList<string> Resume { get; init; } = [];

    /// <summary>Variables of the program on the host.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Lines that run before the program.</summary>
    public string Setup { get; init; } = "";

    /// <summary>Epochs of the run, for the progress.</summary>
    public int Epochs { get; init; }

    /// <summary>The state when the host was last asked.</summary>
    public string State { get; init; } = "";

    /// <summary>Where the run is, in words.</summary>
    public string? Offer { get; init; }

    /// <summary>The GPU's id.</summary>
    public string? Gpu { get; init; }

    /// <summary>The lease; null where nothing was rented.</summary>
    public string? Lease { get; init; }

    /// <summary>Price of the machine, USD per hour.</summary>
    public decimal? PricePerHourUsd { get; init; }

    /// <summary>What may be spent in all, USD.</summary>
    public decimal? MaxCostUsd { get; init; }

    /// <summary>Spent on machines before this one, USD.</summary>
    public decimal? SpentBeforeUsd { get; init; }

    /// <summary>Since when the machine is billed.</summary>
    public DateTimeOffset? BilledSince { get; init; }

    /// <summary>Until when it was billed; null while it is.</summary>
    public DateTimeOffset? BilledUntil { get; init; }

    /// <summary>The record of a run's folder; null where the run is of this machine, or the file cannot be read.</summary>
    public static JobRecord? Read(string runFolder)
    {
        var file = Path.Combine(runFolder, FileName);
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<JobRecord>(File.ReadAllText(file), _json) : null;
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes it, whole or not at all.</summary>
    public void Write(string runFolder)
    {
        Directory.CreateDirectory(runFolder);
        var file = Path.Combine(runFolder, FileName);
        var temporary = $"{file}.{System.Environment.ProcessId}.tmp";
        File.WriteAllText(temporary, JsonSerializer.Serialize(this, _json) + "\n");
        File.Move(temporary, file, overwrite: true);
    }
}
