using System.Text.Json.Nodes;
using Sightline.Compute.Monitoring;
using Sightline.Curation;
using Sightline.Data.Store;
using Sightline.Evaluation;
using Sightline.Runs;

namespace Sightline.Advice;

/// <summary>What is known about a run and its data; each part may be missing.</summary>
internal sealed record RunFacts
{
    /// <summary>Readings are judged in the middle half of the run: before, the rate warms up; after, it fades.</summary>
    private const double MiddleBegins = 0.2, MiddleEnds = 0.7;

    public required RunSettings Settings { get; init; }

    public required IReadOnlyList<RunEvent> Events { get; init; }

    /// <summary>Training pictures of each class, as in <see cref="RunSettings.Classes"/>; empty where the run has no split file.</summary>
    public IReadOnlyList<int> TrainingCounts { get; init; } = [];

    /// <summary>Share of each class found, 0..1, in the finished run's evaluation; empty before that.</summary>
    public IReadOnlyList<double> Recalls { get; init; } = [];

    /// <summary>Training pictures; 0 where the run has no report.</summary>
    public int TrainingPictures => TrainingCounts.Sum();

    /// <summary>Pictures that validation and test have together; 0 where the run has no report.</summary>
    public int JudgedPictures { get; init; }

    /// <summary>What a check of the data found and nobody has decided about; empty where there was none.</summary>
    public IReadOnlyList<ReviewItem> Findings { get; init; } = [];

    /// <summary>Samples of host and GPUs, oldest first; empty where there are none.</summary>
    public IReadOnlyList<SystemSample> Samples { get; init; } = [];

    /// <summary>Whether the same training would cost less on another card, in words; null where nothing is known to be cheaper. Asked only where the card is wasted.</summary>
    public Func<string?> Cheaper { get; init; } = () => null;

    /// <summary>How the run fits its data.</summary>
    public required OverfittingVerdict Fit { get; init; }

    /// <summary>The data as commands name them.</summary>
    public required string Data { get; init; }

    /// <summary>Reads a run's folder, and the check of its data set's version or of the version that was checked last before it.</summary>
    public static RunFacts Read(RunFolder run, TimeProvider time)
    {
        var events = run.ReadEvents();
        var report = File.Exists(run.ReportJson) ? JsonNode.Parse(File.ReadAllText(run.ReportJson)) : null;
        var (data, findings) = DataOf(run.Settings.DataLocation, time);
        return new RunFacts
        {
            Settings = run.Settings,
            Events = events,
            TrainingCounts = Counts(report, "train"),
            JudgedPictures = Counts(report, "validation").Sum() + Counts(report, "test").Sum(),
            Recalls = [.. (report?["evaluation"]?["perClass"]?.AsArray() ?? []).Select(entry => (double?)entry?["recall"] ?? 0)],
            Fit = OverfittingVerdict.Judge(events),
            Data = data,
            Findings = findings,
            Samples = [.. new LineTail(SystemRecorder.FileIn(run)).New().Select(SystemRecorder.Read).OfType<SystemSample>()],
            Cheaper = () => WastedCard.Cheaper(run, events),
        };
    }

    /// <summary>
    /// Median over the learning weights and the readings of the middle of the run of a step's change over the weight; null where no reading lies
    /// there.
    /// </summary>
    public double? UpdateShare()
    {
        var updates = Events.Where(seen => seen.Layers is not null && seen.TotalSteps > 0)
            .Where(seen => (double)seen.Step / seen.TotalSteps is >= MiddleBegins and <= MiddleEnds)
            .SelectMany(seen => seen.Layers!) // Filtered above.
            .Where(layer => layer is { Update: not null, Weight: > 0 })
            .Select(layer => layer.Update!.Value) // Filtered above.
            .Order().ToList();
        return updates.Count == 0 ? null : updates[updates.Count / 2];
    }

    private static int[] Counts(JsonNode? report, string split)
    {
        var splits = report?["data"]?["splits"]?.AsArray() ?? [];
        return [.. (splits.FirstOrDefault(entry => (string?)entry?["name"] == split)?["counts"]?.AsArray() ?? []).Select(count => (int?)count ?? 0)];
    }

    // A version of a stored data set is the folder STORE/NAME/NUMBER.
    private static (string Name, IReadOnlyList<ReviewItem> Findings) DataOf(string location, TimeProvider time)
    {
        var folder = Path.GetFullPath(location);
        if (!int.TryParse(Path.GetFileName(folder), out var number)
            || Path.GetDirectoryName(folder) is not { } named || Path.GetDirectoryName(named) is not { } root || !Directory.Exists(folder))
        {
            return (location, []);
        }

        var name = Path.GetFileName(named);
        var store = new DatasetStore(root, time);
        var version = store.Versions(name).LastOrDefault(seen => seen.Number <= number && File.Exists(DatasetStore.CheckReport(seen)));
        return (name, version is null ? [] : ReviewQueue.Open(store, version, DatasetStore.CheckReport(version), []));
    }
}
