using Microsoft.AspNetCore.Http;
using Sightline.Data;
using Sightline.Studio.Models;
using Sightline.Studio.Runs;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Evaluate;

/// <summary>Grad-CAM pictures, made one at a time when they are asked for, and kept. Only so many may wait.</summary>
/// <param name="pictures">Where the pictures are.</param>
/// <param name="mostWaiting">Requests that may wait.</param>
internal sealed class HeatStore(RunPictures pictures, int mostWaiting = HeatStore.MostWaiting) : IDisposable
{
    /// <summary>Requests that may wait unless told otherwise: two for each picture of a page.</summary>
    public const int MostWaiting = 120;

    private const int Kept = 500; // Of some 10 KiB each.

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<(string Run, DateTime Weights, string Name, int Label), (string Type, byte[] Content)> _kept = [];
    private readonly LoadedModel _model = new();
    private int _waiting;

    /// <summary>The picture as the model got it, with the heat of a class on it.</summary>
    /// <exception cref="NotFoundException">There are no weights, no such picture, or the run has no such class.</exception>
    /// <exception cref="BadHttpRequestException">Too many wait.</exception>
    public async Task<(string Type, byte[] Content)> Of(RunRow run, string name, string className, CancellationToken cancel)
    {
        var label = run.Folder.Settings.Classes.ToList().IndexOf(className);
        if (label < 0 || !run.HasWeights)
        {
            throw new NotFoundException(label < 0 ? $"The run '{run.Name}' knows no class '{className}'." : $"The run '{run.Name}' has no weights yet.");
        }

        if (Interlocked.Increment(ref _waiting) > mostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw new BadHttpRequestException($"{mostWaiting} pictures are waited for already. Try again in some seconds.", StatusCodes.Status503ServiceUnavailable);
        }

        try
        {
            var (images, index) = await pictures.Find(run, name, cancel);
            await _gate.WaitAsync(cancel);
            try
            {
                var key = (run.Folder.Path, File.GetLastWriteTimeUtc(run.Folder.BestWeights), name, label);
                return _kept.TryGetValue(key, out var known)
                    ? known
                    : Keep(key, await _model.Use(run, model => Thumbnails.Encode(model.Heat().Of(images, [new Example(index, label)])[0].Heat, Thumbnails.Small), CancellationToken.None));
            }
            finally
            {
                _gate.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public void Dispose()
    {
        _model.Dispose();
        _gate.Dispose();
    }

    private (string Type, byte[] Content) Keep((string, DateTime, string, int) key, (string Type, byte[] Content) made)
    {
        if (_kept.Count >= Kept)
        {
            _kept.Clear();
        }

        return _kept[key] = made;
    }
}
