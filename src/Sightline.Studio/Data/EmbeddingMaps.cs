using Sightline.Curation.Embeddings;
using Sightline.Data;
using Sightline.Data.Store;
using Sightline.Inference;
using Sightline.Studio.Runs;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Data;

/// <summary>Data sets as trained models see them: each picture's vector, as <c>data check --model</c> computes it, and its place in two dimensions.</summary>
internal sealed class EmbeddingMaps : IDisposable
{
    /// <summary>Of more pictures so many are taken, evenly.</summary>
    public const int MostPictures = 20_000;

    private const int Kept = 2;

    private readonly LinkedList<Entry> _kept = [];
    private readonly Lock _list = new();
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>The map of a version by a run where it was asked for; null where it was not.</summary>
    public Entry? Find(DatasetVersion version, RunRow run)
    {
        var key = Key.Of(version, run);
        lock (_list)
        {
            return _kept.FirstOrDefault(entry => entry.Of == key);
        }
    }

    /// <summary>Begins to make a map, unless it is there or being made.</summary>
    public void Start(DataShelf.Contents contents, RunRow run)
    {
        if (!run.HasWeights)
        {
            throw new NotFoundException($"The run '{run.Name}' has no weights yet: no epoch is finished.");
        }

        lock (_list)
        {
            var key = Key.Of(contents.Version, run);
            var known = _kept.FirstOrDefault(entry => entry.Of == key);
            if (known is { Work.IsFaulted: false, Work.IsCanceled: false })
            {
                return;
            }

            if (known is not null)
            {
                _kept.Remove(known);
            }

            var entry = new Entry(key);
            entry.Work = OwnThread.Run(() => Make(contents, run, entry), CancellationToken.None);
            _kept.AddFirst(entry);
            while (_kept.Count > Kept)
            {
                _kept.Last!.Value.Stop.Cancel(); // There is one.
                _kept.RemoveLast();
            }
        }
    }

    public void Dispose()
    {
        Entry[] all;
        lock (_list)
        {
            all = [.. _kept];
            _kept.Clear();
        }

        foreach (var entry in all)
        {
            entry.Stop.Cancel();
        }

        try
        {
            Task.WaitAll(all.Select(entry => entry.Work).ToArray<Task>());
        }
        catch (AggregateException)
        {
            // Cancelled, or failed with a reason that its page tells.
        }

        foreach (var entry in all)
        {
            entry.Stop.Dispose();
        }

        _gate.Dispose();
    }

    private Map Make(DataShelf.Contents contents, RunRow run, Entry entry)
    {
        var cancel = entry.Stop.Token;
        _gate.Wait(cancel);
        try
        {
            var all = contents.Choose(null, null, excluded: false);
            var places = all.Count <= MostPictures ? [.. all] : Enumerable.Range(0, MostPictures).Select(i => all[(int)((long)i * all.Count / MostPictures)]).ToArray();
            if (places.Length == 0)
            {
                throw new DataException($"{contents.Version.Reference} has no picture in use.");
            }

            using var classifier = Classifier.Load(run.Folder.Path);
            var (unit, predictions) = classifier.Embed(contents.Source, [.. places.Select(place => new Example(place, 0))], entry, cancel);
            unit.Normalize();
            var axes = PrincipalAxes.Of(unit, 2, cancel);
            return new Map(places, unit, axes, [.. Enumerable.Range(0, places.Length).Select(row => predictions.Classes[predictions.Predicted(row)])]);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Which data by which weights.</summary>
    internal sealed record Key(string Version, string Hash, string Run, DateTime Weights)
    {
        public static Key Of(DatasetVersion version, RunRow run) => new(version.Reference, version.Hash, run.Folder.Path, File.GetLastWriteTimeUtc(run.Folder.BestWeights));
    }

    /// <summary>A map that is there or being made.</summary>
    internal sealed class Entry(Key of) : IProgress<double>
    {
        public Key Of => of;

        /// <summary>Share done, 0..1.</summary>
        public double Done { get; private set; }

        public CancellationTokenSource Stop { get; } = new();

        public Task<Map> Work { get; set; } = null!; // Set before anyone sees the entry.

        /// <summary>The finished map, null before.</summary>
        public Map? Map => Work.IsCompletedSuccessfully ? Work.Result : null;

        public void Report(double value) => Done = value;
    }

    /// <summary>A finished map.</summary>
    /// <param name="Places">Place of each row in the version.</param>
    /// <param name="Unit">Vectors of length 1.</param>
    /// <param name="Axes">Their two principal axes.</param>
    /// <param name="Predicted">The class that the model sees in each.</param>
    internal sealed record Map(int[] Places, EmbeddingMatrix Unit, PrincipalAxes Axes, string[] Predicted)
    {
        /// <summary>The nearest other pictures of a row by cosine distance, nearest first.</summary>
        /// <remarks>
        /// As half the squared difference of the unit vectors, which is 1 - cosine: the product of two nearly equal vectors in single precision would lose
        /// the distance in its rounding.
        /// </remarks>
        public IReadOnlyList<(int Row, double Distance)> Nearest(int row, int count)
        {
            var own = Unit.Row(row).ToArray();
            return [.. Enumerable.Range(0, Unit.Count).Where(other => other != row).Select(other => (Row: other, Distance: Distance(own, Unit.Row(other)))).OrderBy(pair => pair.Distance).Take(count)];
        }

        private static double Distance(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
        {
            var sum = 0.0;
            for (var i = 0; i < one.Length; i++)
            {
                var difference = (double)one[i] - other[i];
                sum += difference * difference;
            }

            return sum / 2;
        }
    }
}
