using System.Text.Json.Nodes;
using Sightline.Inference;
using Sightline.Models;
using Sightline.Tests.Curation.Labels;
using Sightline.Tests.Models;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Inference;

/// <summary>Grad-CAM against PyTorch in float64 (tests/golden/gradcam.py).</summary>
public sealed class GradCamTests
{
    private static readonly JsonNode _golden = Read();

    public static TheoryData<string> Names { get; } = [.. _golden["families"]!.AsArray().Select(entry => (string)entry!["name"]!)];

    [Fact]
    public void Maps_of_a_tiny_network_equal_pytorchs()
    {
        using var scope = NewDisposeScope();
        var golden = _golden["tiny"]!;
        using var model = Tiny(golden, dead: false);

        var maps = new GradCam(model).Maps(Picture(golden), [0, 1, 2]);

        var expected = Numbers(golden["heat"]!);
        Assert.Equal(3 * 12 * 12, expected.Length);
        Assert.All(expected.Zip(maps.SelectMany(map => map)), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.True(expected.Max() > 0.9);
    }

    [Fact]
    public void Maps_where_nothing_speaks_for_the_class_are_zero()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny(_golden["tiny"]!, dead: true);

        var maps = new GradCam(model).Maps(Picture(_golden["tiny"]!), [0, 1, 2]);

        Assert.All(maps, map => Assert.All(map, value => Assert.Equal(0, value)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Maps_of_every_family_equal_torchvisions(string name)
    {
        using var scope = NewDisposeScope();
        var side = (int)_golden["side"]!;
        var golden = _golden["families"]!.AsArray().Single(entry => (string)entry!["name"]! == name)!;
        using var model = ModelCatalog.Find(name).Create(10);
        FormulaWeights.Fill(model);
        model.to(float64);
        var picture = tensor(FormulaWeights.Uniform("input", 2 * 3 * side * side).Select(value => (double)(float)value).ToArray(), [2, 3, side, side]);

        var maps = new GradCam(model).Maps(picture, [2, 7]);

        var all = maps.SelectMany(map => map).ToArray();
        var expected = Numbers(golden["values"]!);
        var step = (int)_golden["step"]!;
        Assert.Equal((all.Length + step - 1) / step, expected.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            // The maps leave the network as float32.
            Assert.Equal(expected[i], all[i * step], 1e-5);
        }

        Assert.All(Numbers(golden["sums"]!).Zip(maps), pair => Assert.Equal(pair.First, pair.Second.Sum(value => (double)value), 1e-2));
        Assert.All(model.parameters(), parameter => Assert.True(parameter.grad is null));
    }

    [Fact]
    public void Maps_leak_no_tensor_and_leave_the_gradient_mode()
    {
        using var scope = NewDisposeScope();
        var golden = _golden["tiny"]!;
        using var model = Tiny(golden, dead: false);
        var picture = Picture(golden);
        new GradCam(model).Maps(picture, [0, 1, 2]);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        for (var i = 0; i < 3; i++)
        {
            new GradCam(model).Maps(picture, [0, 1, 2]);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.True(is_grad_enabled());
        Assert.True(model.call(picture).requires_grad);
    }

    [Fact]
    public void Blend_shows_the_picture_dimmed_where_cold_and_warm_where_hot()
    {
        var picture = Enumerable.Repeat((byte)100, 2 * 2 * 3).ToArray();

        var blended = HeatOverlay.Blend(picture, [0, 0, 0, 1], 2);

        Assert.Equal([45, 45, 45], blended.Pixels[..3]);
        Assert.Equal([193, 181, 94], blended.Pixels[9..]); // 0.4 x 100 + 0.6 x (255, 235, 90).
    }

    private static nn.Module<Tensor, Tensor> Tiny(JsonNode golden, bool dead)
    {
        var model = nn.Sequential(
            ("features", nn.Sequential(nn.Conv2d(3, 4, 3, stride: 2, padding: 1), nn.ReLU(), nn.Conv2d(4, 5, 3, stride: 2, padding: 1), nn.ReLU())),
            ("avgpool", nn.AdaptiveAvgPool2d(1)),
            ("flatten", nn.Flatten()),
            ("fc", nn.Linear(5, 3)));
        using var noGrad = no_grad();
        foreach (var (key, value) in model.state_dict())
        {
            value.copy_(tensor(Numbers(golden["weights"]![key]!)).reshape(value.shape));
            if (dead && key == "fc.weight")
            {
                value.abs_().neg_();
            }
        }

        return model;
    }

    private static Tensor Picture(JsonNode golden) => tensor(Numbers(golden["picture"]!)).to(float32).reshape(3, 3, 12, 12);

    private static double[] Numbers(JsonNode node) => [.. node.AsArray().Select(value => (double)value!)];

    private static JsonNode Read() => JsonNode.Parse(File.ReadAllText(Shared.Golden("gradcam.json")))!;
}
