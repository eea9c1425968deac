using Sightline.Data;
using Sightline.Evaluation;
using Sightline.Studio.Runs;
using Sightline.Training;

namespace Sightline.Studio.Evaluate;

/// <summary>The pictures that runs were judged on, by name, and all mistakes of runs that were asked for; the last few runs are kept.</summary>
internal sealed class RunPictures : IDisposable
{
    private const int Kept = 3;

    private readonly LinkedList<Entry> _kept = [];
    private readonly SemaphoreSlim _gate = new(1, 1);

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

    /// <summary>All mistakes of the run, the surest first: judges the whole split, which takes a while, once.</summary>
    public async Task<RunErrors> Mistakes(RunRow run, CancellationToken cancel)
    {
        var entry = await Open(run, cancel);
        await _gate.WaitAsync(cancel);
        try
        {
            // A thread of its own: LibTorch's scopes belong to a thread, and a page that was left stops it after the current batch.
            return entry.Errors ??= await Task.Factory.StartNew(() => RunErrors.Of(run.Folder.Path, null, null, null, cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The mistakes if the run was judged already.</summary>
    public RunErrors? Known(RunRow run) => _kept.FirstOrDefault(entry => entry.Path == run.Folder.Path)?.Errors;

    public void Dispose() => _gate.Dispose();

    private async Task<Entry> Open(RunRow run, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            if (_kept.FirstOrDefault(entry => entry.Path == run.Folder.Path) is not { } found)
            {
                var data = await Task.Run(() => Trainer.OpenData(run.Folder), cancel);
                var places = new Dictionary<string, int>(StringComparer.Ordinal);
                foreach (var example in data.Train.Concat(data.Validation).Concat(data.Test))
                {
                    places[data.Images.Name(example.Index)] = example.Index;
                }

                found = new Entry(run.Folder.Path, data, places);
                _kept.AddFirst(found);
                if (_kept.Count > Kept)
                {
                    _kept.RemoveLast();
                }
            }

            return found;
        }
        finally
        {
            _gate.Release();
        }
    }

    private sealed class Entry(string path, ImageDataset data, Dictionary<string, int> places)
    {
        public string Path => path;

        public ImageDataset Data => data;

        public Dictionary<string, int> Places => places;

        public RunErrors? Errors { get; set; }
    }
}
