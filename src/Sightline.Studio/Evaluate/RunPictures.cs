using Sightline.Data;
using Sightline.Evaluation;
using Sightline.Studio.Runs;
using Sightline.Studio.Shared;
using Sightline.Training;

namespace Sightline.Studio.Evaluate;

/// <summary>The pictures that runs were judged on, by name, and all mistakes of runs that were asked for; the last few runs are kept.</summary>
internal sealed class RunPictures : IDisposable
{
    private const int Kept = 3;

    private readonly Recent<string, Entry> _kept = new(Kept);
    private readonly Recent<string, RunErrors> _errors = new(Kept);

    /// <summary>A picture of the run's data, reduced.</summary>
    /// <exception cref="NotFoundException">The data have no such picture.</exception>
    public async Task<PixelImage> Picture(RunRow run, string name, int side, CancellationToken cancel)
    {
        var (images, index) = await Find(run, name, cancel);
        return images.Decode(index, side);
    }

    /// <summary>Where a picture of the run's data is.</summary>
    /// <exception cref="NotFoundException">The data have no such picture.</exception>
    public async Task<(IImageSource Images, int Index)> Find(RunRow run, string name, CancellationToken cancel)
    {
        var entry = await Open(run, cancel);
        return entry.Places.TryGetValue(name, out var place)
            ? (entry.Data.Images, place)
            : throw new NotFoundException($"The data of '{run.Name}' have no picture '{name}'.");
    }

    /// <summary>All mistakes of the run, the surest first: judges the whole split, which takes a while, once. A page that was left stops it after the current batch.</summary>
    public Task<RunErrors> Mistakes(RunRow run, CancellationToken cancel) =>
        _errors.Of(() => run.Folder.Path, path => OwnThread.Run(() => RunErrors.Of(path, null, null, null, cancel), cancel), cancel);

    /// <summary>The mistakes if the run was judged already.</summary>
    public RunErrors? Known(RunRow run) => _errors.Known(run.Folder.Path);

    public void Dispose()
    {
        _kept.Dispose();
        _errors.Dispose();
    }

    private Task<Entry> Open(RunRow run, CancellationToken cancel) => _kept.Of(() => run.Folder.Path, _ => Task.Run(() => Open(run), cancel), cancel);

    private static Entry Open(RunRow run)
    {
        var data = Trainer.OpenData(run.Folder);
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var example in data.Train.Concat(data.Validation).Concat(data.Test))
        {
            places[data.Images.Name(example.Index)] = example.Index;
        }

        return new Entry(data, places);
    }

    private sealed record Entry(ImageDataset Data, Dictionary<string, int> Places);
}
