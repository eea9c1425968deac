using Sightline.Cli.CommandLine;
using Sightline.Cli.Output;
using Sightline.Curation.Labels;

namespace Sightline.Cli.Judging;

/// <summary>A line per epoch of several trainings.</summary>
internal sealed class FoldLines(Invocation invocation, string word) : IProgress<FoldProgress>
{
    public void Report(FoldProgress value)
    {
        if (value.Training is { Kind: "epoch" } epoch)
        {
            invocation.Say($"{word} {value.Fold}/{value.Folds}, epoch {epoch.Epoch}: validation {Readable.Percent(epoch.ValidationAccuracy)}, {Readable.Percent(value.Share)} of all done");
        }
    }
}
