using Sightline.Search;
using Sightline.Tuning;
using Xunit;

namespace Sightline.Tests.Search;

public sealed class ImageStudyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sightline-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("tpe")]
    [InlineData("gp")]
    public void A_fifth_of_trials_out_of_memory_leaves_the_study_whole_and_none_of_them_is_tried_again(string sampler)
    {
        var study = new Study(new SearchSpace(new IntParameter("batch", 1, 64), new FloatParameter("rate", 0, 1) { Step = 0.05 }),
            new StudyOptions { Sampler = sampler, Seed = 4, Pruner = new PrunerOptions { MaxStep = 10 } });
        var refused = new HashSet<Configuration>();
        var objective = new Scripted(context =>
        {
            if (context.Number % 5 == 3)
            {
                Assert.True(refused.Add(context.Configuration));
                return TrialOutcome.Infeasible("out of memory");
            }

            Assert.DoesNotContain(context.Configuration, refused);
            return TrialOutcome.Complete(Math.Pow(context.Configuration.Float("rate") - 0.3, 2) + (context.Configuration.Int("batch") / 640.0));
        });

        var isDone = ImageStudy.Run(study, objective, _folder, 50, null, CancellationToken.None);

        Assert.True(isDone);
        Assert.Equal(10, study.Trials.Count(trial => trial.State == TrialState.Infeasible));
        Assert.Equal(40, study.Trials.Count(trial => trial.State == TrialState.Complete));
        Assert.InRange(study.Best!.Values[0], 0, 0.03);
    }

    [Fact]
    public void Gain_per_dollar_prefers_the_cheaper_of_equals_until_the_budget_is_spent()
    {
        var space = new SearchSpace(new CategoricalParameter("model", ["small", "large"]), new FloatParameter("a", 0, 1), new FloatParameter("b", 0, 1), new FloatParameter("c", 0, 1));
        double Cost(Configuration configuration) => configuration.Choice("model") == "large" ? 50 : 1;

        Assert.True(Large(0) + 3 <= Large(1), $"{Large(0)} large ones with a full purse, {Large(1)} with an empty one");

        int Large(double spent)
        {
            // Large ones are a little better: worth it when money does not count. Three waves keep the process from being sure before the end.
            var study = new Study(space, new StudyOptions { Sampler = "gp", Seed = 2, Pruner = new PrunerOptions { Kind = PrunerKind.None } });
            while (study.Trials.Count < 30)
            {
                var view = new StudyView(space, study.Options, study.Trials, study.Trials.Select(trial => trial.Configuration.Key).ToHashSet(), null) { Penalty = GainPerDollar.Penalty(Cost, () => spent) };
                var next = Samplers.Next(view, study.Trials.Count)!;
                study.Attach(next, [Math.Sin(9 * next.Float("a")) + Math.Sin(7 * next.Float("b")) + Math.Sin(8 * next.Float("c")) - (next.Choice("model") == "large" ? 0.2 : 0)]);
            }

            return study.Trials.Skip(10).Count(trial => trial.Configuration.Choice("model") == "large");
        }
    }

    private sealed class Scripted(Func<TrialContext, TrialOutcome> run) : ITrialObjective
    {
        public TrialOutcome Run(TrialContext context, CancellationToken cancellationToken) => run(context);
    }
}
