namespace Sightline.Runs.TensorBoard;

/// <summary>A run's events as figures for TensorBoard.</summary>
internal sealed class TensorBoardLog : IDisposable
{
    private readonly EventFile _file;

    /// <summary>Begins the log anew in a folder: files of an earlier share of the run hold steps that may have been undone.</summary>
    /// <param name="folder">Made where it is not there.</param>
    /// <param name="events">What happened so far.</param>
    /// <param name="now">For the file's name, and the time of a run without events.</param>
    public TensorBoardLog(string folder, IReadOnlyList<RunEvent> events, DateTimeOffset now)
    {
        Directory.CreateDirectory(folder);
        foreach (var old in Directory.EnumerateFiles(folder, "events.out.tfevents.*.sightline"))
        {
            File.Delete(old);
        }

        var begun = events.Count > 0 ? events[0].At : now;
        _file = new EventFile(Path.Combine(folder, $"events.out.tfevents.{now.ToUnixTimeSeconds()}.sightline"), begun);
        foreach (var told in events)
        {
            Write(told);
        }
    }

    /// <summary>Adds an event; one without figures leaves no trace.</summary>
    public void Write(RunEvent told) => _file.Write(told.At, told.Step, Figures(told).Where(figure => figure.Value is not null).Select(figure => (figure.Tag, figure.Value!.Value)));

    public void Dispose() => _file.Dispose();

    private static IEnumerable<(string Tag, double? Value)> Figures(RunEvent told) => told.Kind switch
    {
        "step" =>
        [
            ("step/loss", told.TrainLoss), ("step/accuracy", told.TrainAccuracy), ("step/learning rate", told.LearningRate),
            ("step/gradient norm", told.GradientNorm), ("step/pictures per second", told.ImagesPerSecond), ("step/data wait", told.DataWaitShare),
        ],
        "epoch" =>
        [
            ("epoch/training loss", told.TrainLoss), ("epoch/training accuracy", told.TrainAccuracy),
            ("epoch/validation loss", told.ValidationLoss), ("epoch/validation accuracy", told.ValidationAccuracy),
            ("epoch/pictures per second", told.ImagesPerSecond),
        ],
        "layers" => (told.Layers ?? []).SelectMany(layer => new (string, double?)[]
        {
            ($"activation/{layer.Name}", layer.Activation), ($"gradient/{layer.Name}", layer.Gradient),
            ($"update/{layer.Name}", layer.Update), ($"dead/{layer.Name}", layer.Dead), ($"dead over interval/{layer.Name}", layer.DeadOverInterval),
        }),
        _ => [],
    };
}
