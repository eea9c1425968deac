using Sightline.Evaluation;
using Sightline.Studio.Runs;

namespace Sightline.Studio.Evaluate;

/// <summary>What runs said of a split, picture by picture; the last few are kept, as long as the run's weights stay the same.</summary>
internal sealed class JudgedRuns : IDisposable
{
    private const int Kept = 4;

    private readonly LinkedList<Judged> _kept = [];
    private readonly Lock _list = new();
    private readonly SemaphoreSlim _gate = new(1, 1);

    /// <summary>The judgement of a split where it was made already.</summary>
    public Judged? Known(RunRow run, string split)
    {
        lock (_list)
        {
            return _kept.FirstOrDefault(kept => kept.Path == run.Folder.Path && kept.Split == split && kept.Weights == Written(run));
        }
    }

    /// <summary>Judges a split, which takes seconds to minutes, once.</summary>
    public async Task<Judged> Judge(RunRow run, string split, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            if (Known(run, split) is { } known)
            {
                return known;
            }

            // A thread of its own: LibTorch's scopes belong to a thread, and a page that was left stops it after the current batch.
            var found = await Task.Factory.StartNew(() => Look(run, split, cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            lock (_list)
            {
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

    public void Dispose() => _gate.Dispose();

    private static DateTime Written(RunRow run) => File.GetLastWriteTimeUtc(run.Folder.BestWeights);

    private static Judged Look(RunRow run, string split, CancellationToken cancel)
    {
        var written = Written(run);
        var judged = JudgedSplit.Of(run.Folder.Path, split: split, cancel: cancel);
        return new Judged(run.Folder.Path, split, written, judged.Split, judged.Predictions, Score.All(judged.Predictions));
    }

    /// <summary>A split judged.</summary>
    /// <param name="Path">The run's folder.</param>
    /// <param name="Split">The split asked for.</param>
    /// <param name="Weights">When the weights were written.</param>
    /// <param name="ShownSplit">The split judged; validation where there is no test split.</param>
    /// <param name="Predictions">Logits.</param>
    /// <param name="Scores">Of the predictions as the model gives them.</param>
    internal sealed record Judged(string Path, string Split, DateTime Weights, string ShownSplit, Predictions Predictions, Score[] Scores)
    {
        /// <summary>The tables of <c>eval thresholds</c>.</summary>
        public Lazy<(IReadOnlyList<ClassThresholds> Classes, SelectivePrediction Selective)> Tables { get; } =
            new(() => (ClassThresholds.Of(Predictions), SelectivePrediction.Of(Predictions.Labels, Scores)));
    }
}
