using System.Globalization;
using Sightline.Runs;

namespace Sightline.Evaluation;

/// <summary>Whether a run over- or underfits, in plain words.</summary>
/// <remarks>
/// The thresholds are rules of thumb, not tests. Training figures are taken while the weights move, on augmented pictures and
/// with smoothed labels, so they understate the fit: a gap below zero is usual, and only a clear one counts.
/// </remarks>
public sealed record OverfittingVerdict
{
    /// <summary>Training accuracy this far above validation counts as overfitting.</summary>
    private const double LargeGap = 0.10;

    /// <summary>Training accuracy below this, with validation no better, counts as underfitting.</summary>
    private const double LowAccuracy = 0.70;

    /// <summary>A rise of the validation loss above its lowest by this share counts as getting worse.</summary>
    private const double LossRise = 0.10;

    /// <summary>A gain over the last fifth of the epochs above this counts as still improving.</summary>
    private const double UsefulGain = 0.005;

    /// <summary>The verdict.</summary>
    public required FitKind Kind { get; init; }

    /// <summary>The verdict as one sentence with its numbers.</summary>
    public required string Sentence { get; init; }

    /// <summary>What to try next, one sentence.</summary>
    public required string Advice { get; init; }

    /// <summary>The epoch with the highest validation accuracy, the first of equals; null where none was judged.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>Judges a run.</summary>
    /// <param name="events">Events of the run in order; those that are no epochs, or lack a figure, are skipped.</param>
    public static OverfittingVerdict Judge(IEnumerable<RunEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        var epochs = EpochsOf(events);
        if (epochs.FirstOrDefault(HasDiverged) is { } broken)
        {
            return Verdict(
                FitKind.Diverged,
                null,
                $"The loss stopped being a finite number in epoch {broken.Epoch}.",
                "Divide the learning rate by three (--learning-rate), or clip the gradient: --set optimizer.clipNorm=1.");
        }

        var judged = epochs
            .Where(entry => entry is { TrainLoss: not null, TrainAccuracy: not null, ValidationLoss: not null, ValidationAccuracy: not null })
            .Select(Point.From)
            .ToArray();
        var best = judged.Length == 0 ? null : judged.MaxBy(point => point.ValidationAccuracy);
        if (best is null || judged.Length < 3)
        {
            return Verdict(
                FitKind.Unclear,
                best,
                judged.Length == 1 ? "Only 1 epoch was validated; at least 3 are needed to judge the fit."
                    : $"Only {judged.Length} epochs were validated; at least 3 are needed to judge the fit.",
                "Train for more epochs (--epochs).");
        }

        return Judge(judged, best);
    }

    /// <summary>
    /// The epochs in order, each once: a run that was killed and resumed may have logged an epoch twice, and the later line counts.
    /// </summary>
    internal static IReadOnlyList<RunEvent> EpochsOf(IEnumerable<RunEvent> events) =>
        [.. events.Where(entry => entry.Kind == "epoch")
            .GroupBy(entry => entry.Epoch)
            .Select(lines => lines.Last())
            .OrderBy(entry => entry.Epoch)];

    private static OverfittingVerdict Judge(Point[] judged, Point best)
    {
        var last = judged[^1];
        var lowest = judged.MinBy(point => point.ValidationLoss) ?? last;
        var gap = last.TrainAccuracy - last.ValidationAccuracy;
        var both = $"{Percent(last.TrainAccuracy)} of training and {Percent(last.ValidationAccuracy)} of validation pictures are right";

        // The share alone would fire on a loss near zero, where a hair is many percent. With smoothed labels the loss also rises when a model that is right
        // becomes less sure, so training must be ahead of validation, or validation worse than it was.
        var rise = last.ValidationLoss - lowest.ValidationLoss;
        var isWorse = last.TrainAccuracy > last.ValidationAccuracy || last.ValidationAccuracy < lowest.ValidationAccuracy;
        if (isWorse && rise > LossRise * lowest.ValidationLoss && rise > 0.02 && last.TrainLoss < lowest.TrainLoss)
        {
            return Verdict(
                FitKind.Overfitting,
                best,
                $"Overfitting: validation loss rose from {Loss(lowest.ValidationLoss)} in epoch {lowest.Epoch} to {Loss(last.ValidationLoss)} in "
                + $"epoch {last.Epoch} while training loss fell from {Loss(lowest.TrainLoss)} to {Loss(last.TrainLoss)}.",
                "Augment more (--augment trivial), double --set optimizer.weightDecay, or take a smaller model; 'eval learning-curve' says what more pictures would bring. "
                + "The best checkpoint is not affected.");
        }

        if (gap > LargeGap)
        {
            return Verdict(
                FitKind.Overfitting,
                best,
                $"Overfitting: in the last epoch {both}, a gap of {Points(gap)}.",
                "Augment more (--augment trivial), double --set optimizer.weightDecay, start from pretrained weights (--pretrained), or take a smaller model; "
                + "'eval learning-curve' says what more pictures would bring.");
        }

        var before = judged[^(1 + Math.Max(1, judged.Length / 5))];
        var gain = last.ValidationAccuracy - before.ValidationAccuracy;
        if (gain > UsefulGain && ReferenceEquals(best, last))
        {
            return Verdict(
                FitKind.StillImproving,
                best,
                $"Still improving: validation accuracy rose by {Points(gain)} from epoch {before.Epoch} to epoch {last.Epoch}, "
                + $"to {Percent(last.ValidationAccuracy)}.",
                "Train for more epochs (--epochs).");
        }

        if (last.TrainAccuracy < LowAccuracy && last.ValidationAccuracy < LowAccuracy)
        {
            return Verdict(
                FitKind.Underfitting,
                best,
                $"Underfitting: in the last epoch only {both}, and neither gets better.",
                "Take a larger model ('model recommend' lists them), train longer (--epochs) with a higher --learning-rate, weaken the augmentation (--augment basic), "
                + "or start from pretrained weights (--pretrained).");
        }

        return Verdict(
            FitKind.Good,
            best,
            $"Good fit: in the last epoch {both}, and validation has settled (best {Percent(best.ValidationAccuracy)} in epoch {best.Epoch}).",
            "For more accuracy try a larger model, pretrained weights or more pictures; 'eval learning-curve' says which would help.");
    }

    private static bool HasDiverged(RunEvent entry) =>
        entry.TrainLoss is { } train && !double.IsFinite(train) || entry.ValidationLoss is { } validation && !double.IsFinite(validation);

    private static OverfittingVerdict Verdict(FitKind kind, Point? best, string sentence, string advice) =>
        new() { Kind = kind, Sentence = sentence, Advice = advice, BestEpoch = best?.Epoch };

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0} %");

    private static string Points(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0} points");

    private static string Loss(double loss) => loss.ToString("0.000", CultureInfo.InvariantCulture);

    private sealed record Point(int Epoch, double TrainLoss, double TrainAccuracy, double ValidationLoss, double ValidationAccuracy)
    {
        public static Point From(RunEvent entry) => new(
            entry.Epoch,
            entry.TrainLoss.GetValueOrDefault(),
            entry.TrainAccuracy.GetValueOrDefault(),
            entry.ValidationLoss.GetValueOrDefault(),
            entry.ValidationAccuracy.GetValueOrDefault());
    }
}
