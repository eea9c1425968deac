using Sightline.Tuning;
using Xunit;

namespace Sightline.Tests.Tuning;

public sealed class StoppedTrialsTests
{
    [Fact]
    public void A_stopped_trial_is_expected_to_gain_what_complete_ones_did()
    {
        var study = new Study(new SearchSpace(new FloatParameter("x", 0, 1)), new StudyOptions { Sampler = "random", Pruner = new PrunerOptions { MaxStep = 10, FirstRungStep = 2 } });
        double[] ends = [0.3, 0.5, 0.2];
        foreach (var end in ends)
        {
            var number = study.Ask()!.Number;
            study.Report(number, 2, 1);
            study.Report(number, 10, end);
            study.Tell(number, end);
        }

        Assert.Equal(Verdict.Stop, study.Report(study.Ask()!.Number, 2, 1.5));

        // Gains of 0.7, 0.5 and 0.8 from step 2 on: the median takes 0.7 off.
        var (trial, loss) = Assert.Single(StoppedTrials.Expected(TpeSplitTests.View(study)));
        Assert.Equal(3, trial.Number);
        Assert.Equal(0.8, loss, 1e-12);
    }

    [Fact]
    public void The_process_learns_from_stopped_trials()
    {
        // Most trials stop at the first rung; by complete ones alone the process would still draw evenly spread points after 30 trials.
        var study = new Study(new SearchSpace(new FloatParameter("x", 0, 1), new FloatParameter("y", 0, 1)), new StudyOptions { Sampler = "gp", Seed = 3, Pruner = new PrunerOptions { MaxStep = 25, FirstRungStep = 2 } });
        study.Run((trial, _) =>
        {
            var loss = Math.Pow(trial.Configuration.Float("x") - 0.3, 2) + Math.Pow(trial.Configuration.Float("y") - 0.6, 2);
            for (var step = 1; step <= 25; step++)
            {
                if (study.Report(trial.Number, step, loss + (1.0 / step)) != Verdict.Continue)
                {
                    return double.NaN;
                }
            }

            return loss + (1.0 / 25);
        }, 30, CancellationToken.None);

        Assert.True(study.Trials.Take(12).Count(trial => trial.State == TrialState.Complete) < 10);
        var late = study.Trials.Skip(15).Average(trial => Math.Abs(trial.Configuration.Float("x") - 0.3) + Math.Abs(trial.Configuration.Float("y") - 0.6));
        Assert.InRange(late, 0, 0.35); // Evenly spread points are 0.55 away on average.
    }
}
