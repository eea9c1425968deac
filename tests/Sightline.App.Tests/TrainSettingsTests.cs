using Sightline.Augment;
using Sightline.Cli.Settings;
using Sightline.Training;
using Xunit;

namespace Sightline.App.Tests;

public sealed class TrainSettingsTests
{
    [Fact]
    public void Nothing_given_builds_the_defaults()
    {
        var options = new TrainSettings().Build();

        Assert.Equal(new TrainOptions().Optimizer, options.Optimizer);
        Assert.Equal(new TrainOptions().Epochs, options.Epochs);
    }

    [Fact]
    public void Later_values_win_and_others_stay()
    {
        var settings = new TrainSettings();
        settings.AddJson("""{ "epochs": 3, "optimizer": { "learningRate": 0.2, "momentum": 0.8 } } // a comment""", "the text");
        settings.Add("optimizer.learningRate=0.4");

        var options = settings.Build();

        Assert.Equal(3, options.Epochs);
        Assert.Equal(0.4, options.Optimizer.LearningRate);
        Assert.Equal(0.8, options.Optimizer.Momentum);
        Assert.Equal(new OptimizerOptions().WeightDecay, options.Optimizer.WeightDecay);
    }

    [Fact]
    public void Every_kind_of_value_is_read()
    {
        var settings = new TrainSettings();
        foreach (var pair in new[] { "model=resnet50", "size=null", "seed=-3", "schedule.kind=oneCycle", "schedule.milestones=0.3,0.6", "balanceClasses=true" })
        {
            settings.Add(pair);
        }

        var options = settings.Build();

        Assert.Equal("resnet50", options.Model);
        Assert.Null(options.Size);
        Assert.Equal(-3, options.Seed);
        Assert.Equal(ScheduleKind.OneCycle, options.Schedule.Kind);
        Assert.Equal([0.3, 0.6], options.Schedule.Milestones);
        Assert.True(options.BalanceClasses);
    }

    [Fact]
    public void A_runs_file_gives_its_options_and_data()
    {
        var settings = new TrainSettings();

        settings.AddJson("""{ "schema": 1, "dataLocation": "/photos", "model": "resnet18", "options": { "epochs": 7 } }""", "run.json");

        Assert.Equal("/photos", settings.DataLocation);
        Assert.Equal(7, settings.Build().Epochs);
    }

    [Fact]
    public void All_recipes_are_sound()
    {
        Assert.NotEmpty(Recipe.Names);
        foreach (var name in Recipe.Names)
        {
            var settings = new TrainSettings();
            settings.AddJson(Recipe.Read(name), name);

            settings.Build();
        }
    }

    [Theory]
    [InlineData("augment=trivial")]
    [InlineData("augment.policy=trivial")]
    public void A_policys_name_is_a_value_of_augment(string pair)
    {
        var settings = new TrainSettings();
        settings.Add(pair);

        Assert.Equal(AugmentPolicy.Trivial, settings.Build().Augment!.Policy);
    }

    [Fact]
    public void A_list_under_augment_is_the_list_of_operators()
    {
        var settings = new TrainSettings();
        settings.AddJson("""{ "augment": [{ "operator": "rotate", "probability": 0.3, "strength": 0.2 }, { "operator": "equalize" }] }""", "the recipe");

        var steps = settings.Build().Augment!.Operators;

        Assert.Equal([new OperatorStep { Operator = "rotate", Probability = 0.3, Strength = 0.2 }, new OperatorStep { Operator = "equalize" }], steps);
    }

    [Fact]
    public void A_name_under_augment_is_the_policy()
    {
        var settings = new TrainSettings();
        settings.AddJson("""{ "augment": "augmix" }""", "the recipe");

        Assert.Equal(AugmentPolicy.Augmix, settings.Build().Augment!.Policy);
    }

    [Theory]
    [InlineData("augment=trivail", "augment.policy is \"trivail\" (--set); it must be basic or none or trivial or rand or auto or autoCifar10 or augmix. Did you mean 'trivial'?")]
    [InlineData("augment=[{\"operator\":\"rotat\"}]", "There is no operator 'rotat'. Did you mean 'rotate'? There are: ")]
    [InlineData("augment=[{\"name\":\"rotate\"}]", "augment.operators is [{\"name\":\"rotate\"}] (--set); it must be a list of operators, such as [{\"operator\":\"rotate\",\"probability\":0.5,\"strength\":0.2}].")]
    public void A_wrong_policy_is_refused_with_what_is_allowed(string pair, string expected)
    {
        var error = Assert.Throws<SettingsException>(() =>
        {
            var settings = new TrainSettings();
            settings.Add(pair);
            settings.Build();
        });

        Assert.StartsWith(expected, error.Message);
    }

    [Fact]
    public void Settings_page_lists_every_setting() => Approved.MatchFile(Path.Combine("docs", "settings.md"), SettingsPage.Write());
}
