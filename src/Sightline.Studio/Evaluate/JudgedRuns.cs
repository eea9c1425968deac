using Sightline.Evaluation;
using Sightline.Studio.Runs;
using Sightline.Studio.Shared;

namespace Sightline.Studio.Evaluate;

/// <summary>What runs said of a split, picture by picture; the last few are kept, as long as the run's weights stay the same.</summary>
internal sealed class JudgedRuns : IDisposable
{
    private const int Kept = 4;

    private readonly Recent<(string Path, string Split, DateTime Weights), Judged> _kept = new(Kept);

    /// <summary>The judgement of a split where it was made already.</summary>
    public Judged? Known(RunRow run, string split) => _kept.Known(Key(run, split));

    /// <summary>Judges a split, which takes seconds to minutes, once. A page that was left stops it after the current batch.</summary>
    public Task<Judged> Judge(RunRow run, string split, CancellationToken cancel) =>
        _kept.Of(() => Key(run, split), _ => OwnThread.Run(() => Look(run, split, cancel), cancel), cancel);

    public void Dispose() => _kept.Dispose();

    private static (string Path, string Split, DateTime Weights) Key(RunRow run, string split) => (run.Folder.Path, split, File.GetLastWriteTimeUtc(run.Folder.BestWeights));

    private static Judged Look(RunRow run, string split, CancellationToken cancel)
    {
        var judged = JudgedSplit.Of(run.Folder.Path, split: split, cancel: cancel);
        return new Judged(judged.Split, judged.Predictions, Score.All(judged.Predictions));
    }

    /// <summary>A split judged.</summary>
    /// <param name="ShownSplit">The split judged; validation where there is no test split.</param>
    /// <param name="Predictions">Logits.</param>
    /// <param name="Scores">Of the predictions as the model gives them.</param>
    internal sealed record Judged(string ShownSplit, Predictions Predictions, Score[] Scores)
    {
        /// <summary>The tables of <c>eval thresholds</c>.</summary>
        public Lazy<(IReadOnlyList<ClassThresholds> Classes, SelectivePrediction Selective)> Tables { get; } =
            new(() => (ClassThresholds.Of(Predictions), SelectivePrediction.Of(Predictions.Labels, Scores)));
    }
}
