using Sightline.Curation.Embeddings;
using Sightline.Curation.Labels;

namespace Sightline.Cli.Checks;

/// <summary>Turns the progress of checks that need a model into a line about once in ten seconds.</summary>
internal sealed class RareLines(Action<string> say, TimeProvider time) : IProgress<FoldProgress>, IProgress<EmbeddingProgress>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private long _last = time.GetTimestamp();

    public void Report(FoldProgress value) => Say($"Labels: fold {value.Fold} of {value.Folds}, {100 * value.Share:0} % done");

    public void Report(EmbeddingProgress value) => Say($"{(value.Stage == "neighbours" ? "Neighbours" : "Embeddings")}: {100 * value.Share:0} % done");

    private void Say(string line)
    {
        if (time.GetElapsedTime(_last) >= Patience)
        {
            say(line);
            _last = time.GetTimestamp();
        }
    }
}
