using Sightline.Runs;
using Sightline.Runs.TensorBoard;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>Writes a session's events into the run folder and tells them to whoever listens.</summary>
/// <param name="run">The run.</param>
/// <param name="step">Steps taken; what was written of later ones is dropped.</param>
/// <param name="pulse">The run's sign of life.</param>
/// <param name="progress">Told each event on the calling thread; null for silence.</param>
internal sealed class SessionLog(RunFolder run, long step, RunPulse pulse, IProgress<RunEvent>? progress) : IDisposable
{
    private readonly MetricsWriter _metrics = run.OpenMetrics(step);
    private readonly HistogramLog? _histograms = run.OpenHistograms(step);
    private readonly string _name = Path.GetFileName(run.Path);

    /// <summary>Whether somebody wants to be told between the events that are written.</summary>
    public bool IsHeard => progress is not null;

    /// <summary>Writes an event and tells it.</summary>
    public void Record(RunEvent value)
    {
        _metrics.Write(value);
        Tell(value);
    }

    /// <summary>Tells an event that is not written.</summary>
    public void Tell(RunEvent value)
    {
        TrainingMetrics.Record(value, _name);
        pulse.Told(value);
        progress?.Report(value);
    }

    /// <summary>Writes the weights' histograms where the run keeps them and this step is one of them.</summary>
    public void Histograms(DateTimeOffset at, long taken, nn.Module<Tensor, Tensor> model)
    {
        if (_histograms is not null && taken % run.Settings.Options.TensorBoardHistograms == 0)
        {
            _histograms.Write(at, taken, model);
        }
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _histograms?.Dispose();
    }
}
