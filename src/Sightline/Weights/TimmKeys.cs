using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Sightline.Weights;

/// <summary>timm's names of the tensors of EfficientNet, MobileNetV3 and ConvNeXt, by the names that torchvision and Sightline use.</summary>
/// <remarks>
/// timm, timm/models/{efficientnet,mobilenetv3,convnext}.py and _efficientnet_blocks.py. timm's ResNet and DenseNet have torchvision's names.
/// The map is made from the model's own keys and shapes, so that it holds for every size of a family.
/// </remarks>
internal static partial class TimmKeys
{
    /// <summary>Epsilon of timm's batch norms outside its <c>tf_</c> variants.</summary>
    public const double NormEpsilon = 1e-5;

    private static readonly string[] Marks = ["conv_stem.weight", "stages.0.blocks.0.conv_dw.weight"];

    /// <summary>Whether keys of a file are timm's where they differ from torchvision's.</summary>
    public static bool Recognises(IEnumerable<string> keys) => keys.Any(Marks.Contains);

    /// <summary>The <c>tf_</c> model that a file's path or its own statement names; null where it names none.</summary>
    public static string? TensorFlowName(string path, string? architecture) =>
        architecture is not null && architecture.StartsWith("tf_", StringComparison.Ordinal) ? architecture
        : TensorFlowPath().Match(path) is { Success: true } match ? match.Groups["name"].Value
        : null;

    /// <summary>timm's key of each of a model's keys.</summary>
    /// <param name="state">The model's own tensors.</param>
    /// <returns>From timm's key to ours; null where the model is of another family.</returns>
    public static Dictionary<string, string>? Map(IReadOnlyDictionary<string, Tensor> state) =>
        state.ContainsKey("features.1.0.layer_scale") ? ConvNeXt(state.Keys)
        : state.ContainsKey("classifier.3.weight") ? Blocks(state, isMobile: true)
        : state.Keys.Any(key => EfficientBlock().IsMatch(key)) ? Blocks(state, isMobile: false)
        : null;

    private static Dictionary<string, string> ConvNeXt(IEnumerable<string> keys)
    {
        var map = new Dictionary<string, string>();
        foreach (var key in keys)
        {
            var parts = key.Split('.');
            var (stage, rest) = (parts[0] == "features" ? int.Parse(parts[1], null) : -1, string.Join('.', parts[2..]));
            var theirs = parts switch
            {
                ["classifier", "0", _] => $"head.norm.{parts[2]}",
                ["classifier", ..] => $"head.fc.{parts[2]}",
                _ when stage == 0 => $"stem.{rest}",
                _ when stage % 2 == 0 => $"stages.{stage / 2}.downsample.{rest}",
                [_, _, _, "layer_scale"] => $"stages.{stage / 2}.blocks.{parts[2]}.gamma",
                _ => $"stages.{stage / 2}.blocks.{parts[2]}.{BlockPart(parts[4])}.{parts[5]}",
            };
            map.Add(theirs, key);
        }

        return map;
    }

    private static string BlockPart(string index) => index switch { "0" => "conv_dw", "2" => "norm", "3" => "mlp.fc1", _ => "mlp.fc2" };

    private static Dictionary<string, string> Blocks(IReadOnlyDictionary<string, Tensor> state, bool isMobile)
    {
        var map = new Dictionary<string, string>();
        var pattern = isMobile ? MobileBlock() : EfficientBlock();
        var blocks = state.Keys.Select(key => pattern.Match(key)).Where(match => match.Success).Select(match => match.Value).Distinct().ToList();
        var (stage, index, width) = (-1, 0, -1L);
        foreach (var block in blocks)
        {
            var (parts, squeeze) = Parts(block, state);
            var output = state[$"{parts[^1]}.0.weight"].shape[0];
            if (isMobile)
            {
                // timm begins a stage where the width changes; torchvision counts the blocks through.
                (stage, index, width) = output == width ? (stage, index + 1, width) : (stage + 1, 0, output);
            }
            else
            {
                var numbers = block.Split('.');
                (stage, index) = (int.Parse(numbers[1], null) - 1, int.Parse(numbers[2], null));
            }

            AddBlock(map, state, $"blocks.{stage}.{index}", parts, squeeze);
        }

        var last = state.Keys.Where(key => key.StartsWith("features.", StringComparison.Ordinal)).Max(key => int.Parse(key.Split('.')[1], null));
        Add(map, state, "conv_stem", "features.0.0");
        Add(map, state, "bn1", "features.0.1");
        if (isMobile)
        {
            Add(map, state, $"blocks.{stage + 1}.0.conv", $"features.{last}.0");
            Add(map, state, $"blocks.{stage + 1}.0.bn1", $"features.{last}.1");
            Add(map, state, "conv_head", "classifier.0");
            Add(map, state, "classifier", "classifier.3");
        }
        else
        {
            Add(map, state, "conv_head", $"features.{last}.0");
            Add(map, state, "bn2", $"features.{last}.1");
            Add(map, state, "classifier", "classifier.1");
        }

        return map;
    }

    // The convolutions with their norms, in order, and the squeeze-and-excitation between them.
    private static (List<string> Parts, string? Squeeze) Parts(string block, IReadOnlyDictionary<string, Tensor> state)
    {
        var parts = new List<string>();
        string? squeeze = null;
        for (var i = 0; ; i++)
        {
            var part = $"{block}.{i}";
            if (state.ContainsKey($"{part}.0.weight"))
            {
                parts.Add(part);
            }
            else if (state.ContainsKey($"{part}.fc1.weight"))
            {
                squeeze = part;
            }
            else
            {
                return (parts, squeeze);
            }
        }
    }

    private static void AddBlock(
        Dictionary<string, string> map, IReadOnlyDictionary<string, Tensor> state, string theirs, List<string> parts, string? squeeze)
    {
        // A depthwise convolution has one input channel per group.
        var isDepthwise = state[$"{parts[0]}.0.weight"].shape[1] == 1;
        string[] names = parts.Count switch
        {
            1 => ["conv"],
            2 when isDepthwise => ["conv_dw", "conv_pw"],
            2 => ["conv_exp", "conv_pwl"],
            _ => ["conv_pw", "conv_dw", "conv_pwl"],
        };
        for (var i = 0; i < parts.Count; i++)
        {
            Add(map, state, $"{theirs}.{names[i]}", $"{parts[i]}.0");
            Add(map, state, $"{theirs}.bn{i + 1}", $"{parts[i]}.1");
        }

        if (squeeze is not null)
        {
            Add(map, state, $"{theirs}.se.conv_reduce", $"{squeeze}.fc1");
            Add(map, state, $"{theirs}.se.conv_expand", $"{squeeze}.fc2");
        }
    }

    private static void Add(Dictionary<string, string> map, IReadOnlyDictionary<string, Tensor> state, string theirs, string ours)
    {
        foreach (var name in new[] { "weight", "bias", "running_mean", "running_var", "num_batches_tracked" })
        {
            if (state.ContainsKey($"{ours}.{name}"))
            {
                map.Add($"{theirs}.{name}", $"{ours}.{name}");
            }
        }
    }

    [GeneratedRegex(@"^features\.\d+\.\d+\.block")]
    private static partial Regex EfficientBlock();

    [GeneratedRegex(@"^features\.\d+\.block")]
    private static partial Regex MobileBlock();

    [GeneratedRegex(@"(?:^|[/\\\-_.])(?<name>tf_(?:efficientnet|mobilenet|mixnet)[^/\\]*)")]
    private static partial Regex TensorFlowPath();
}
