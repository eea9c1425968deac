using Sightline.Augment;
using Sightline.Search;
using Sightline.Training;
using Sightline.Tuning;
using Xunit;

namespace Sightline.Tests.Search;

public sealed class TrialSettingsTests
{
    [Fact]
    public void A_configuration_sets_what_it_names_and_leaves_the_rest()
    {
        var recipe = new TrainOptions { Epochs = 7, Optimizer = new OptimizerOptions { Momentum = 0.8 } };

        var applied = TrialSettings.Apply(recipe, Configuration.Of(
            ("optimizer.learningRate", 0.02), ("batchSize", 96), ("augment.policy", "rand"), ("augment.randMagnitude", 12), ("optimizer.nesterov", "false")));

        Assert.Equal(0.02, applied.Optimizer.LearningRate);
        Assert.Equal(0.8, applied.Optimizer.Momentum);
        Assert.False(applied.Optimizer.Nesterov);
        Assert.Equal((7, 96), (applied.Epochs, applied.BatchSize));
        Assert.Equal((AugmentPolicy.Rand, 12), (applied.Augment!.Policy, applied.Augment.RandMagnitude));
    }

    [Fact]
    public void A_name_that_is_no_setting_and_values_out_of_range_are_refused()
    {
        var unknown = Assert.Throws<SettingsException>(() => TrialSettings.Apply(new TrainOptions(), Configuration.Of(("optimizer.rate", 0.1))));
        var range = Assert.Throws<SettingsException>(() => TrialSettings.Apply(new TrainOptions(), Configuration.Of(("optimizer.learningRate", 50))));

        Assert.Contains("docs/settings.md", unknown.Message, StringComparison.Ordinal);
        Assert.Equal("LearningRate is 50; it must be above 0 and at most 10. Pass --set optimizer.learningRate=0.05.", range.Message);
    }

    [Fact]
    public void What_all_trials_share_may_not_be_searched()
    {
        var space = new SearchSpace(new IntParameter("epochs", 1, 5), new FloatParameter("nothing.here", 0, 1), new IntParameter("batchSize", 8, 64));

        var error = Assert.Throws<SettingsException>(() => TrialSettings.Check(new TrainOptions(), space));

        Assert.Equal("The search space does not fit a training recipe. 'epochs' is the same for all trials of a study; set it in the recipe. " +
            "'nothing.here' is no setting that takes 0; docs/settings.md lists the settings and their values.", error.Message);
    }

    [Theory]
    [InlineData("quick", true)]
    [InlineData("standard", false)]
    [InlineData("architecture", true)]
    [InlineData("architecture", false)]
    public void Every_preset_fits_a_recipe_and_most_of_its_points_are_sound(string preset, bool isSmall)
    {
        var recipe = new TrainOptions();
        var space = SpacePresets.Of(preset, recipe, isSmall);
        var random = new RandomStream(3);

        TrialSettings.Check(recipe, space);
        for (var i = 0; i < 50; i++)
        {
            TrialSettings.Apply(recipe, RandomSampler.Draw(space, ref random));
        }
    }

    [Fact]
    public void The_recipe_has_a_place_in_the_quick_space()
    {
        var recipe = new TrainOptions();

        var baseline = TrialSettings.Baseline(recipe, SpacePresets.Of("quick", recipe, isSmall: true));

        Assert.Equal(Configuration.Of(("optimizer.learningRate", 0.05), ("batchSize", 64), ("optimizer.weightDecay", 5e-4), ("augment.erasingProbability", 0)), baseline);
        Assert.Null(TrialSettings.Baseline(recipe with { BatchSize = 512 }, SpacePresets.Of("quick", recipe, isSmall: true)));
    }

    [Fact]
    public void An_unknown_preset_names_those_there_are()
    {
        var error = Assert.Throws<SettingsException>(() => SpacePresets.Of("wide", new TrainOptions(), isSmall: true));

        Assert.Equal("There is no search space 'wide'. There are quick, standard, architecture; or pass the path of a JSON file.", error.Message);
    }
}
