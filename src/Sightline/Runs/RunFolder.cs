using System.Text.Json;
using Sightline.Data;
using Sightline.Runs.TensorBoard;

namespace Sightline.Runs;

/// <summary>A run on disk: <c>run.json</c>, <c>split.json</c>, <c>metrics.jsonl</c>, <c>checkpoints/</c>, <c>report.json</c>, <c>report.html</c>.</summary>
public sealed class RunFolder
{
    private RunFolder(string path, RunSettings settings)
    {
        Path = path;
        Settings = settings;
    }

    /// <summary>The folder's absolute path.</summary>
    public string Path { get; }

    /// <summary>The content of <c>run.json</c>.</summary>
    public RunSettings Settings { get; private set; }

    /// <summary>Where checkpoints lie.</summary>
    public string CheckpointFolder => System.IO.Path.Combine(Path, "checkpoints");

    /// <summary>The best weights so far, by validation accuracy; plain model keys.</summary>
    public string BestWeights => System.IO.Path.Combine(CheckpointFolder, "best.safetensors");

    /// <summary>The evaluation of the finished run.</summary>
    public string ReportJson => System.IO.Path.Combine(Path, "report.json");

    /// <summary>The report for people.</summary>
    public string ReportHtml => System.IO.Path.Combine(Path, "report.html");

    /// <summary>Which picture is in which split.</summary>
    internal string SplitJson => System.IO.Path.Combine(Path, "split.json");

    /// <summary>Where event files for TensorBoard lie.</summary>
    internal string TensorBoardFolder => System.IO.Path.Combine(Path, "tensorboard");

    private string MetricsFile => System.IO.Path.Combine(Path, "metrics.jsonl");

    /// <summary>A name by time and model that no run has yet.</summary>
    internal static string FreeName(string runs, DateTimeOffset at, string model)
    {
        var stem = $"{at.UtcDateTime:yyyyMMdd-HHmmss}-{model}";
        var name = stem;
        for (var i = 2; Directory.Exists(System.IO.Path.Combine(runs, name)); i++)
        {
            name = $"{stem}-{i}";
        }

        return name;
    }

    /// <summary>Makes the folder of a new run, named by time and model, below <paramref name="runs"/>.</summary>
    /// <param name="name">The folder's name; null takes time and model.</param>
    /// <exception cref="SightlineException">The folder exists or cannot be written.</exception>
    public static RunFolder Create(string runs, RunSettings settings, ImageDataset data, string? name = null)
    {
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(runs, name ?? FreeName(runs, settings.CreatedAt, settings.Model)));
        if (Directory.Exists(path))
        {
            throw new SettingsException($"The run folder '{path}' exists already. Choose another --name, or remove it.");
        }

        try
        {
            Directory.CreateDirectory(System.IO.Path.Combine(path, "checkpoints"));
            var run = new RunFolder(path, settings);
            AtomicFile.WriteText(run.SplitJson, SplitText(data));
            run.WriteSettings();
            return run;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SightlineException(ExitCode.Unexpected, $"The run folder '{path}' could not be written ({error.Message}). Choose a folder with --runs.", error);
        }
    }

    /// <summary>Opens an existing run.</summary>
    /// <exception cref="NotFoundException">There is no run at the path.</exception>
    /// <exception cref="DataException"><c>run.json</c> cannot be read.</exception>
    public static RunFolder Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        var file = System.IO.Path.Combine(full, "run.json");
        if (!File.Exists(file))
        {
            throw new NotFoundException($"'{path}' is no run folder: it has no run.json. List the runs with 'sightline run list'.");
        }

        try
        {
            var settings = JsonSerializer.Deserialize<RunSettings>(File.ReadAllText(file), SightlineJson.Indented);
            return new RunFolder(full, settings ?? throw new JsonException("The file is empty."));
        }
        catch (JsonException error)
        {
            throw new DataException($"'{file}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>All complete lines of <c>metrics.jsonl</c>, oldest first; a last line cut short by a crash is left out.</summary>
    public IReadOnlyList<RunEvent> ReadEvents()
    {
        var events = new List<RunEvent>();
        if (!File.Exists(MetricsFile))
        {
            return events;
        }

        using var stream = new FileStream(MetricsFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            try
            {
                if (JsonSerializer.Deserialize<RunEvent>(line, SightlineJson.Line) is { } read)
                {
                    events.Add(read);
                }
            }
            catch (JsonException) when (reader.EndOfStream)
            {
                // The process was killed while it wrote this line.
            }
        }

        return events;
    }

    /// <summary>Opens <c>metrics.jsonl</c> for appending after dropping all that happened after <paramref name="lastStep"/>.</summary>
    internal MetricsWriter OpenMetrics(long lastStep)
    {
        var kept = ReadEvents().Where(e => e.Step <= lastStep && e.Kind != "end").ToList();
        AtomicFile.WriteText(MetricsFile, string.Concat(kept.Select(e => JsonSerializer.Serialize(e, SightlineJson.Line) + "\n")));
        return new MetricsWriter(MetricsFile, Settings.Options.TensorBoard ? new TensorBoardLog(TensorBoardFolder, kept, TimeProvider.System.GetUtcNow()) : null);
    }

    /// <summary>Opens the histograms of weights and gradients, without those after <paramref name="lastStep"/>; null where the run wants none.</summary>
    internal HistogramLog? OpenHistograms(long lastStep) => Settings.Options is { TensorBoard: true, TensorBoardHistograms: > 0 }
        ? new HistogramLog(System.IO.Path.Combine(TensorBoardFolder, "histograms"), lastStep, TimeProvider.System.GetUtcNow())
        : null;

    /// <summary>Writes down what was changed while the run ran.</summary>
    internal void Write(IReadOnlyList<RunAdjustment> adjustments)
    {
        Settings = Settings with { Adjustments = adjustments };
        WriteSettings();
    }

    private void WriteSettings() => AtomicFile.WriteText(System.IO.Path.Combine(Path, "run.json"), JsonSerializer.Serialize(Settings, SightlineJson.Indented));

    /// <summary>Whether the run's splits are a data set's.</summary>
    internal bool HasSplitOf(ImageDataset data) => File.Exists(SplitJson) && File.ReadAllText(SplitJson) == SplitText(data);

    private static string SplitText(ImageDataset data) => JsonSerializer.Serialize(Split(data), SightlineJson.Indented);

    private static object Split(ImageDataset data) => new
    {
        classes = data.Classes,
        train = Names(data, data.Train),
        validation = Names(data, data.Validation),
        test = Names(data, data.Test),
    };

    private static List<string> Names(ImageDataset data, IReadOnlyList<Example> split) => split.Select(example => data.Images.Name(example.Index)).ToList();
}

/// <summary>Appends events to <c>metrics.jsonl</c>, each on the disk before the call returns to other processes' eyes.</summary>
internal sealed class MetricsWriter(string path, TensorBoardLog? tensorBoard) : IDisposable
{
    private readonly StreamWriter _writer = new(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete));

    public void Write(RunEvent value)
    {
        _writer.WriteLine(JsonSerializer.Serialize(value, SightlineJson.Line));
        _writer.Flush();
        tensorBoard?.Write(value);
    }

    public void Dispose()
    {
        _writer.Dispose();
        tensorBoard?.Dispose();
    }
}
