using Sightline.Inference;
using Sightline.Studio.Runs;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Models;

/// <summary>The run's model that was used last, ready for the next picture.</summary>
internal sealed class LoadedModel : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private Classifier? _model;
    private (string Path, DateTime Written) _of;

    /// <summary>The class of a picture that is a file.</summary>
    public Task<Prediction> Predict(RunRow run, string file, CancellationToken cancel) => Use(run, model => model.Predict(file), cancel);

    /// <summary>Works with the run's model, which stays loaded until another is asked for.</summary>
    public async Task<T> Use<T>(RunRow run, Func<Classifier, T> work, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            return await OwnThread.Run(() => work(Model(run)), cancel);
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
