using System.Text.Json.Nodes;
using Sightline.Models;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Sightline.Tests.Models;

/// <summary>Logits and gradients against torchvision 0.14.1 computed in float64 (tests/golden/models.py).</summary>
public sealed class ModelNumericsTests
{
    private const int Batch = 4;
    private const int Size = 64;
    private const int Classes = 10;

    // Random deep networks whose batch statistics come from 16 values amplify rounding: PyTorch's own float32 gradient of these differs
    // from its float64 one by 0.1 to 1 % of a norm (and by 8 to 46 % of single elements). They are compared in float64.
    private static readonly string[] IllConditioned = ["resnet50", "resnext50_32x4d", "densenet121"];

    // Its float32 gradient in evaluation mode depends on the number of threads by up to 2.2e-4 of the largest element: a sum that rounds
    // across a ReLU's zero. It is compared in float64 too.
    private static readonly string[] IllConditionedInEvaluation = ["resnext50_32x4d"];

    public static TheoryData<string> Names { get; } =
    [
        "resnet18", "resnet50", "resnext50_32x4d", "densenet121", "efficientnet_b0", "efficientnet_b5", "efficientnet_v2_s",
        "mobilenet_v3_small", "convnext_tiny",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Evaluation_mode_in_float32_equals_torchvisions(string name) => Compare(name, training: false, float32, 1e-4);

    [Theory]
    [MemberData(nameof(Names))]
    public void Training_mode_in_float32_equals_torchvisions(string name) => Compare(name, training: true, float32, 1e-4);

    [Theory]
    [InlineData("resnet50")]
    [InlineData("resnext50_32x4d")]
    [InlineData("densenet121")]
    public void Training_mode_in_float64_equals_torchvisions_to_its_last_stored_digit(string name) => Compare(name, training: true, float64, 1e-6);

    [Theory]
    [InlineData("resnext50_32x4d")]
    public void Evaluation_mode_in_float64_equals_torchvisions_to_its_last_stored_digit(string name) => Compare(name, training: false, float64, 1e-6);

    [Fact]
    public void Channels_last_input_keeps_its_order_and_its_values()
    {
        using var scope = NewDisposeScope();
        using var model = Prepare("resnet18", training: false);
        var picture = Picture();

        var plain = model.call(picture);
        var last = model.call(picture.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2));

        AssertClose("logits", Values(plain), Values(last), 1e-5, 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_convolution_of_a_channels_last_model_sees_channels_last(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Prepare(name, training: false);
        var wrong = new List<string>();
        foreach (var (key, module) in model.named_modules())
        {
            if (module is TorchSharp.Modules.Conv2d or DepthwiseConvolution)
            {
                var layer = (nn.Module<Tensor, Tensor>)module;
                if (layer is TorchSharp.Modules.Conv2d conv)
                {
                    using var old = conv.weight!.detach();
                    conv.weight = new TorchSharp.Modules.Parameter(ChannelsLast(old));
                }

                layer.register_forward_hook((_, input, output) =>
                {
                    if (input.shape[1] > 1 && input.shape[2] > 1 && input.stride()[1] != 1)
                    {
                        wrong.Add(key);
                    }

                    return output;
                });
            }
        }

        using (no_grad())
        {
            model.call(ChannelsLast(Picture()));
        }

        Assert.Empty(wrong);
    }

    private static Tensor ChannelsLast(Tensor tensor) => tensor.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    private static void Compare(string name, bool training, ScalarType type, double tolerance)
    {
        var golden = GoldenFolder.Json(name + ".json")[training ? "train" : "eval"]!;
        using var scope = NewDisposeScope();
        using var model = Prepare(name, training);
        model.to(type);

        var logits = model.call(Picture().to(type));
        nn.functional.cross_entropy(logits, Labels()).backward();

        AssertClose(name + " logits", Numbers(golden["logits"]!), Values(logits), tolerance, 0);
        CheckBuffers(model, golden["buffers"], tolerance);
        if (type == float64 || !(training ? IllConditioned : IllConditionedInEvaluation).Contains(name))
        {
            CheckGradients(model, golden["gradients"], tolerance);
        }
    }

    private static nn.Module<Tensor, Tensor> Prepare(string name, bool training)
    {
        var model = ModelCatalog.Find(name).Create(Classes);
        FormulaWeights.Fill(model);
        model.train(training);
        foreach (var module in model.modules())
        {
            switch (module)
            {
                case TorchSharp.Modules.Dropout dropout:
                    dropout.eval();
                    break;
                case StochasticDepth depth:
                    depth.Chance = 0;
                    break;
            }
        }

        return model;
    }

    private static Tensor Picture() =>
        torch.tensor(FormulaWeights.Uniform("input", Batch * 3 * Size * Size).Select(v => (float)v).ToArray(), [Batch, 3, Size, Size]);

    private static Tensor Labels() => torch.tensor(Enumerable.Range(0, Batch).Select(i => (long)(i * 3 % Classes)).ToArray());

    // A sum of float32 terms that cancel is wrong by a share of the terms, not of the sum; hence the small share of the largest gradient.
    private static void CheckGradients(nn.Module model, JsonNode? golden, double tolerance)
    {
        if (golden is null)
        {
            return;
        }

        var rows = golden.AsObject().ToDictionary(pair => pair.Key, pair => Numbers(pair.Value!));
        var parameters = model.named_parameters().ToList();
        Assert.Equal(rows.Keys.Order(), parameters.Select(parameter => parameter.name).Order());
        var largest = rows.Values.Max(row => row[0]);
        foreach (var (key, parameter) in parameters)
        {
            var gradient = parameter.grad!.reshape(-1);
            var picked = FormulaWeights.Uniform("sample " + key, 2).Select(u => gradient[(long)((u + 1) / 2 * gradient.numel())].to(float64).item<double>());
            AssertClose(key + " gradient", rows[key], [gradient.norm().to(float64).item<double>(), .. picked], tolerance, 1e-6 * largest);
        }
    }

    private static void CheckBuffers(nn.Module model, JsonNode? golden, double tolerance)
    {
        foreach (var (key, value) in model.named_buffers().Where(_ => golden is not null))
        {
            if (!key.EndsWith("num_batches_tracked", StringComparison.Ordinal))
            {
                AssertClose(key, [golden![key]!.GetValue<double>()], [value.norm().to(float64).item<double>()], tolerance, 0);
            }
        }
    }

    private static double[] Values(Tensor tensor) => tensor.to(float64).contiguous().data<double>().ToArray();

    private static double[] Numbers(JsonNode node) => node.AsArray().Select(value => value!.GetValue<double>()).ToArray();

    private static void AssertClose(string what, double[] expected, double[] actual, double relative, double absolute)
    {
        Assert.Equal(expected.Length, actual.Length);
        var scale = expected.Max(Math.Abs);
        var difference = expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max();
        Assert.True(difference <= (relative * scale) + absolute, $"{what}: off by {difference:E2} where the largest is {scale:E2}.");
    }
}
