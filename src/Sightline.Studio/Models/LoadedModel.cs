using Sightline.Inference;
using Sightline.Studio.Runs;

namespace Sightline.Studio.Models;

/// <summary>The run's model that was used last, ready for the next picture.</summary>
internal sealed class LoadedModel : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private Classifier? _model;
    private (string Path, DateTime Written) _of;

    /// <summary>The class of a picture that is a file.</summary>
    public async Task<Prediction> Predict(RunRow run, string file, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            return await Task.Run(() => Model(run).Predict(file), cancel);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _model?.Dispose();
        _gate.Dispose();
    }

    private Classifier Model(RunRow run)
    {
        var of = (run.Folder.Path, File.GetLastWriteTimeUtc(run.Folder.BestWeights));
        if (_model is not null && _of == of)
        {
            return _model;
        }

        _model?.Dispose();
        _model = null;
        _model = Classifier.Load(run.Folder.Path);
        _of = of;
        return _model;
    }
}
