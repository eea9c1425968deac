namespace Sightline.Models;

/// <summary>The stages and blocks of a network, from the stem to the head, read from the names of its tensors.</summary>
/// <remarks>
/// Blocks are what timm calls layers (<c>group_matcher(coarse=False)</c> in timm/models/{resnet,densenet,convnext,
/// efficientnet,mobilenetv3}.py): a transition and EfficientNet's last convolution belong to the block before them, a downsampling layer to the
/// block after it, norms behind the last block to the head. Stages are the same, coarser: what a person would freeze.
/// </remarks>
internal sealed class ModelStages
{
    public const string Stem = "stem";
    public const string Head = "head";

    private readonly List<string> _blocks;
    private readonly List<string> _denseLayers;
    private readonly bool _isConvNeXt;
    private readonly int _lastFeature;
    private readonly string? _lastBlock;

    /// <param name="names">Names of all parameters in their order, as in <c>named_parameters()</c>.</param>
    public ModelStages(IEnumerable<string> names)
    {
        var all = names.ToList();
        var features = all.Where(name => name.StartsWith("features.", StringComparison.Ordinal)).Select(name => name.Split('.')).ToList();
        _isConvNeXt = all.Exists(name => name.EndsWith("layer_scale", StringComparison.Ordinal));
        _denseLayers = [.. features.Where(parts => parts[1].StartsWith("denseblock", StringComparison.Ordinal)).Select(parts => $"{parts[1]}.{parts[2]}").Distinct()];
        _lastFeature = features.Select(parts => int.TryParse(parts[1], null, out var index) ? index : -1).DefaultIfEmpty(-1).Max();
        _lastBlock = features.LastOrDefault(parts => parts.Length > 3 && parts[3] == "block") is { } last && !_isConvNeXt ? string.Join('.', last[..3]) : null;

        // DenseNet's last norm stands before the classifier; the head comes last in any case.
        _blocks = [.. all.Select(BlockOf).Where(block => block != Head).Distinct(), Head];
        Names = [.. _blocks.Select(StageOfBlock).Distinct()];
    }

    /// <summary>The stages from the stem to the head.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Number of blocks, stem and head included.</summary>
    public int BlockCount => _blocks.Count;

    /// <summary>The stage of a tensor or of a module below it.</summary>
    public string StageOf(string name) => StageOfBlock(BlockOf(name));

    /// <summary>The place of a tensor's block, 0 for the stem, <see cref="BlockCount"/> - 1 for the head.</summary>
    public int BlockIndexOf(string name) => _blocks.IndexOf(BlockOf(name));

    private string BlockOf(string name)
    {
        var parts = name.Split('.');
        return parts switch
        {
            ["conv1" or "bn1", ..] => Stem,
            ["features", "conv0" or "norm0" or "0", ..] => Stem,
            [var stage, var block, ..] when stage.StartsWith("layer", StringComparison.Ordinal) => $"{stage}.{block}",
            ["features", var block, var layer, ..] when block.StartsWith("denseblock", StringComparison.Ordinal) => $"{block}.{layer}",
            ["features", var transition, ..] when transition.StartsWith("transition", StringComparison.Ordinal) => LastOf("denseblock" + transition["transition".Length..]),
            ["features", var index, ..] when !int.TryParse(index, null, out _) => Head,
            ["features", var index, ..] when _isConvNeXt && Number(index) % 2 == 0 => $"features.{Number(index) + 1}.0",
            ["features", var index, "block", ..] => $"features.{index}", // MobileNetV3 counts its blocks through.
            ["features", var index, var block, ..] => _isConvNeXt || Number(index) < _lastFeature ? $"features.{index}.{block}" : LastConvolution(index),
            ["features", var index] => $"features.{index}",
            _ => Head,
        };
    }

    private string LastOf(string denseBlock) => _denseLayers.Last(layer => layer.StartsWith(denseBlock + ".", StringComparison.Ordinal));

    // MobileNetV3's stands alone, as timm's last block of it does.
    private string LastConvolution(string index) => _lastBlock ?? $"features.{index}";

    private static int Number(string index) => int.Parse(index, null);

    private static string StageOfBlock(string block)
    {
        var parts = block.Split('.');
        return parts[0] == "features" ? $"{parts[0]}.{parts[1]}" : parts[0];
    }
}
