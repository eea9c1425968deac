using Sightline.Evaluation;
using Sightline.Runs;
using Xunit;

namespace Sightline.Tests.Evaluation;

public sealed class OverfittingVerdictTests
{
    [Fact]
    public void Judge_close_and_settled_is_a_good_fit()
    {
        var verdict = OverfittingVerdict.Judge(
            Epochs((0.8, 0.70, 0.7, 0.75), (0.4, 0.85, 0.4, 0.90), (0.3, 0.90, 0.32, 0.92), (0.28, 0.91, 0.32, 0.92)));

        Assert.Equal(FitKind.Good, verdict.Kind);
        Assert.Equal(3, verdict.BestEpoch);
        Assert.Equal(
            "Good fit: in the last epoch 91.0 % of training and 92.0 % of validation pictures are right, and validation has settled "
            + "(best 92.0 % in epoch 3).",
            verdict.Sentence);
    }

    [Fact]
    public void Judge_rising_validation_loss_is_overfitting()
    {
        var verdict = OverfittingVerdict.Judge(Epochs((0.8, 0.7, 0.7, 0.75), (0.4, 0.85, 0.5, 0.84), (0.1, 0.92, 0.65, 0.84)));

        Assert.Equal(FitKind.Overfitting, verdict.Kind);
        Assert.Equal(
            "Overfitting: validation loss rose from 0.500 in epoch 2 to 0.650 in epoch 3 while training loss fell from 0.400 to 0.100.",
            verdict.Sentence);
    }

    [Fact]
    public void Judge_large_gap_is_overfitting()
    {
        var verdict = OverfittingVerdict.Judge(Epochs((0.8, 0.7, 0.7, 0.7), (0.4, 0.9, 0.6, 0.75), (0.1, 0.99, 0.58, 0.80)));

        Assert.Equal(FitKind.Overfitting, verdict.Kind);
        Assert.Equal(
            "Overfitting: in the last epoch 99.0 % of training and 80.0 % of validation pictures are right, a gap of 19.0 points.",
            verdict.Sentence);
    }

    [Fact]
    public void Judge_last_epoch_best_by_far_is_still_improving()
    {
        var verdict = OverfittingVerdict.Judge(Epochs((1.8, 0.3, 1.7, 0.35), (1.4, 0.5, 1.5, 0.45), (1.2, 0.55, 1.2, 0.52)));

        Assert.Equal(FitKind.StillImproving, verdict.Kind);
        Assert.Equal("Still improving: validation accuracy rose by 7.0 points from epoch 2 to epoch 3, to 52.0 %.", verdict.Sentence);
    }

    [Fact]
    public void Judge_low_and_flat_is_underfitting()
    {
        var verdict = OverfittingVerdict.Judge(Epochs((1.8, 0.3, 1.7, 0.35), (1.7, 0.35, 1.6, 0.36), (1.7, 0.35, 1.6, 0.36)));

        Assert.Equal(FitKind.Underfitting, verdict.Kind);
        Assert.Equal(
            "Underfitting: in the last epoch only 35.0 % of training and 36.0 % of validation pictures are right, and neither gets better.",
            verdict.Sentence);
    }

    [Fact]
    public void Judge_loss_not_a_number_is_diverged()
    {
        var verdict = OverfittingVerdict.Judge(Epochs((1.8, 0.3, 1.7, 0.35), (double.NaN, 0.1, double.NaN, 0.1)));

        Assert.Equal(FitKind.Diverged, verdict.Kind);
        Assert.Equal("The loss stopped being a finite number in epoch 2.", verdict.Sentence);
    }

    [Fact]
    public void Judge_too_few_epochs_is_unclear()
    {
        var none = OverfittingVerdict.Judge([]);
        var one = OverfittingVerdict.Judge(Epochs((1.8, 0.3, 1.7, 0.35)));

        Assert.Equal((FitKind.Unclear, null), (none.Kind, none.BestEpoch));
        Assert.Equal("Only 0 epochs were validated; at least 3 are needed to judge the fit.", none.Sentence);
        Assert.Equal((FitKind.Unclear, (int?)1), (one.Kind, one.BestEpoch));
        Assert.Equal("Only 1 epoch was validated; at least 3 are needed to judge the fit.", one.Sentence);
    }

    [Fact]
    public void Judge_skips_steps_and_epochs_without_validation()
    {
        var events = Epochs((1.8, 0.3, 1.7, 0.35), (1.4, 0.5, 1.5, 0.45))
            .Append(new RunEvent { Kind = "epoch", At = DateTimeOffset.UnixEpoch, Epoch = 3, TrainLoss = 1 })
            .Append(new RunEvent { Kind = "step", At = DateTimeOffset.UnixEpoch, Epoch = 4, TrainLoss = 1 });

        Assert.Equal(FitKind.Unclear, OverfittingVerdict.Judge(events).Kind);
    }

    private static IEnumerable<RunEvent> Epochs(params (double TrainLoss, double TrainAccuracy, double Loss, double Accuracy)[] rows) =>
        rows.Select((row, i) => new RunEvent
        {
            Kind = "epoch",
            At = DateTimeOffset.UnixEpoch,
            Epoch = i + 1,
            TrainLoss = row.TrainLoss,
            TrainAccuracy = row.TrainAccuracy,
            ValidationLoss = row.Loss,
            ValidationAccuracy = row.Accuracy,
        });
}
