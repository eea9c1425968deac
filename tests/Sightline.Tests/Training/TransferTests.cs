using System.Text.Json;
using Sightline.Models;
using Sightline.Training;
using TorchSharp;
using Xunit;
using BatchNorm2d = TorchSharp.Modules.BatchNorm2d;
using static TorchSharp.torch;

namespace Sightline.Tests.Training;

/// <summary>Against timm's patterns and fastai's formulas (tests/golden/transfer.py).</summary>
public sealed class TransferTests
{
    private static readonly JsonElement Golden = Read();

    [Theory]
    [InlineData("resnet18")]
    [InlineData("resnet50")]
    [InlineData("densenet121")]
    public void Each_tensor_is_in_the_block_that_timm_puts_it_in(string name)
    {
        using var model = ModelCatalog.Find(name).Create(10, META);
        var stages = new ModelStages(model.named_parameters().Select(pair => pair.name));
        var expected = Golden.GetProperty("blocks").GetProperty(name).EnumerateObject().ToDictionary(pair => pair.Name, pair => pair.Value.GetInt32());

        Assert.All(model.named_parameters(), pair => Assert.Equal((pair.name, expected[pair.name]), (pair.name, stages.BlockIndexOf(pair.name))));
        Assert.Equal(expected.Values.Max() + 1, stages.BlockCount);
    }

    // Counted from timm's patterns for these families: stem, blocks, head; EfficientNet's conv_head joins its last block.
    [Theory]
    [InlineData("efficientnet_b0", 18, "stem,features.1,features.2,features.3,features.4,features.5,features.6,features.7,head")]
    [InlineData("mobilenet_v3_small", 14, "stem,features.1,features.2,features.3,features.4,features.5,features.6,features.7,features.8,features.9,features.10,features.11,features.12,head")]
    [InlineData("convnext_tiny", 20, "stem,features.1,features.3,features.5,features.7,head")]
    [InlineData("densenet121", 60, "stem,denseblock1,denseblock2,denseblock3,denseblock4,head")]
    [InlineData("resnet18_small", 10, "stem,layer1,layer2,layer3,layer4,head")]
    public void Stages_run_from_the_stem_to_the_head(string name, int blocks, string expected)
    {
        using var model = ModelCatalog.Find(name).Create(10, META);

        var stages = new ModelStages(model.named_parameters().Select(pair => pair.name));

        Assert.Equal(expected, string.Join(',', stages.Names));
        Assert.Equal(blocks, stages.BlockCount);
    }

    [Fact]
    public void Every_model_has_a_stem_and_a_head_and_all_its_tensors_in_stages()
    {
        Assert.All(ModelCatalog.All, variant =>
        {
            using var model = variant.Create(2, META);
            var stages = new ModelStages(model.named_parameters().Select(pair => pair.name));

            Assert.Equal((ModelStages.Stem, ModelStages.Head), (stages.Names[0], stages.Names[^1]));
            Assert.Equal(stages.Names, model.named_parameters().Select(pair => stages.StageOf(pair.name)).Distinct().OrderBy(stages.Names.ToList().IndexOf));
        });
    }

    [Fact]
    public void The_fine_tune_schedule_is_fastais()
    {
        var rates = Golden.GetProperty("rates");
        var expected = rates.GetProperty("values").EnumerateArray().Select(value => value.GetDouble()).ToArray();
        var schedule = new LearningRateSchedule(new ScheduleOptions { Kind = ScheduleKind.FineTune }, rates.GetProperty("peak").GetDouble(), 40, 1) { FrozenEpochs = 7 };

        Assert.Equal(40, expected.Length);
        Assert.All(Enumerable.Range(0, 40), step => Assert.Equal(expected[step], schedule.At(step), 1e-12));
    }

    [Fact]
    public void Rates_fall_from_the_head_to_the_stem()
    {
        using var model = ModelCatalog.Find("resnet18").Create(10);
        var decayed = new Transfer(model, new TransferOptions { LayerDecay = 0.75 }, "resnet18");
        var spread = new Transfer(model, new TransferOptions { StemRateShare = 0.01 }, "resnet18");

        // timm/optim/_param_groups.py: decay ^ (last layer - i). fastai: even_mults(lr / 100, lr, 6 groups).
        Assert.Equal(Math.Pow(0.75, 9), decayed.Share("conv1.weight"), 1e-12);
        Assert.Equal(Math.Pow(0.75, 8), decayed.Share("layer1.0.bn1.bias"), 1e-12);
        Assert.Equal(1, decayed.Share("fc.bias"));
        Assert.Equal([0.01, 0.01 * Math.Pow(100, 0.2), 0.01 * Math.Pow(100, 0.8), 1],
            new[] { "bn1.weight", "layer1.1.conv2.weight", "layer4.0.downsample.0.weight", "fc.weight" }.Select(spread.Share), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(6, spread.Groups()!.Count);
        Assert.Equal(model.named_parameters().Count(), spread.Groups()!.Sum(group => group.Names.Count));
        Assert.Null(new Transfer(model, new TransferOptions(), "resnet18").Groups());
    }

    [Theory]
    [InlineData("backbone", "stem layer1 layer2 layer3 layer4")]
    [InlineData("2", "stem layer1")]
    [InlineData("layer2, stem", "stem layer2")]
    public void Stages_freeze_by_name_and_by_count(string freeze, string expected)
    {
        using var model = ModelCatalog.Find("resnet18_small").Create(3);

        var transfer = new Transfer(model, new TransferOptions { Freeze = freeze }, "resnet18_small");

        Assert.Equal(expected, string.Join(' ', transfer.FrozenAt(0)));
        Assert.Equal(expected, string.Join(' ', transfer.FrozenAt(100)));
    }

    [Fact]
    public void Stages_thaw_from_the_head_down_and_the_last_epoch_frees_the_rest()
    {
        using var model = ModelCatalog.Find("resnet18_small").Create(3);

        var transfer = new Transfer(model, new TransferOptions { Freeze = "backbone", UnfreezeEpochs = [1, 3, 6] }, "resnet18_small");

        Assert.Equal([5, 4, 4, 3, 3, 3, 0, 0], Enumerable.Range(0, 8).Select(epoch => transfer.FrozenAt(epoch).Count));
        Assert.Equal(["stem", "layer1", "layer2"], transfer.FrozenAt(3));
        Assert.Equal("Frozen: stem, layer1, layer2, layer3, layer4.", transfer.Begin(0));
        Assert.Equal("Frozen: stem, layer1, layer2, layer3.", transfer.Begin(1));
        Assert.Null(transfer.Begin(2));
        Assert.Equal("All stages learn.", transfer.Begin(6));
        Assert.All(model.parameters(), parameter => Assert.True(parameter.requires_grad));
    }

    [Theory]
    [InlineData("layer9", "Freeze names 'layer9', which is no stage of resnet18. Did you mean 'layer1' or 'layer2' or 'layer3'? Its stages are stem, layer1, layer2, layer3, layer4, head; backbone is all but the head.")]
    [InlineData("7", "Freeze is 7, and resnet18 has 6 stages: stem, layer1, layer2, layer3, layer4, head. Pass --freeze 5 or less.")]
    [InlineData("6", "Freeze is '6', which is all of resnet18; nothing would learn. Pass --freeze backbone, or less of stem, layer1, layer2, layer3, layer4, head.")]
    public void Stages_that_are_not_there_are_refused(string freeze, string expected)
    {
        using var model = ModelCatalog.Find("resnet18").Create(3);

        Assert.Equal(expected, Assert.Throws<SettingsException>(() => new Transfer(model, new TransferOptions { Freeze = freeze }, "resnet18")).Message);
    }

    [Theory]
    [InlineData("resnet10_small")]
    [InlineData("mobilenet_v3_small")]
    [InlineData("convnext_tiny")]
    public void A_frozen_stage_keeps_every_weight_and_statistic_and_the_rest_learns(string name)
    {
        using var scope = NewDisposeScope();
        using var model = ModelCatalog.Find(name).Create(3);
        var transfer = new Transfer(model, new TransferOptions { Freeze = "backbone", UnfreezeEpochs = [1] }, name);
        using var optimizer = ParameterOptimizer.Create(model, new OptimizerOptions { Kind = OptimizerKind.AdamW, LearningRate = 0.01 });
        var before = Copy(model);

        Step(model, optimizer, transfer, epoch: 0);

        var frozen = Copy(model);
        var stages = new ModelStages(model.named_parameters().Select(pair => pair.name));
        Assert.All(frozen, pair => Assert.Equal((pair.Key, stages.StageOf(pair.Key) != ModelStages.Head), (pair.Key, Same(pair.Value, before[pair.Key]))));

        Step(model, optimizer, transfer, epoch: 1);

        Assert.DoesNotContain(model.named_parameters(), pair => Same(pair.parameter, frozen[pair.name]));
        Assert.All(model.modules().OfType<BatchNorm2d>(), norm => Assert.True(norm.training));
    }

    [Fact]
    public void What_never_learns_has_no_optimiser_state()
    {
        using var model = ModelCatalog.Find("resnet10_small").Create(3);
        _ = new Transfer(model, new TransferOptions { Freeze = "backbone" }, "resnet10_small");

        using var optimizer = ParameterOptimizer.Create(model, new OptimizerOptions { Kind = OptimizerKind.AdamW });

        Assert.Equal(["mean.fc.bias", "mean.fc.weight", "square.fc.bias", "square.fc.weight"],
            optimizer.State().Select(pair => pair.Name).Where(name => name.Contains('.')).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Settings_that_contradict_each_other_are_refused()
    {
        Assert.Empty(new TransferOptions().Check());
        Assert.Equal(
            ["UnfreezeEpochs are [2, 2]; they must rise and be at least 1. Pass --set transfer.unfreezeEpochs=[1].",
                "UnfreezeEpochs are [2, 2], and nothing is frozen. Pass --freeze backbone too.",
                "StemRateShare is 0.1 and LayerDecay is 0.5; only one of them may differ from 1. Pass --set transfer.layerDecay=1."],
            new TransferOptions { UnfreezeEpochs = [2, 2], StemRateShare = 0.1, LayerDecay = 0.5 }.Check());
        Assert.Equal(
            ["Freeze is '0'; it must be backbone, a number of stages of at least 1, or names of stages with commas between. Pass --freeze backbone.",
                "StemRateShare and LayerDecay are 0 and 2; both must be above 0 and at most 1. Pass --set transfer.stemRateShare=0.01.",
                "StemRateShare is 0 and LayerDecay is 2; only one of them may differ from 1. Pass --set transfer.layerDecay=1."],
            new TransferOptions { Freeze = "0", StemRateShare = 0, LayerDecay = 2 }.Check());
        Assert.Contains("The schedule is fineTune, which has a cycle before and one after the unfreezing; UnfreezeEpochs are [] of 20 epochs.",
            Assert.Single(new TrainOptions { Schedule = new ScheduleOptions { Kind = ScheduleKind.FineTune } }.Check()));
    }

    private static void Step(nn.Module<Tensor, Tensor> model, ParameterOptimizer optimizer, Transfer transfer, int epoch)
    {
        model.train();
        transfer.Begin(epoch);
        optimizer.ClearGradients();
        nn.functional.cross_entropy(model.call(randn(4, 3, 32, 32)), tensor(new long[] { 0, 1, 2, 0 })).backward();
        optimizer.Step(0.01);
    }

    private static Dictionary<string, Tensor> Copy(nn.Module model) =>
        model.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone());

    private static bool Same(Tensor a, Tensor b) => a.eq(b).all().item<bool>();

    private static JsonElement Read()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "tests", "golden", "transfer.json");
            if (File.Exists(path))
            {
                return JsonDocument.Parse(File.ReadAllText(path)).RootElement;
            }
        }

        throw new FileNotFoundException("tests/golden/transfer.json is not there; run tests/golden/transfer.py.");
    }
}
