using Sightline.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Weights;

/// <summary>How weights are put into a module.</summary>
public sealed record WeightsOptions
{
    /// <summary>Leave the last linear layer as it was made where the file's has another number of classes (transfer learning). Default: no.</summary>
    public bool ReplaceHead { get; init; }

    /// <summary>
    /// Carry the first convolution over where the file's has another number of input channels: summed for one channel, else repeated and
    /// scaled, as timm does. Default: no.
    /// </summary>
    public bool AdaptStem { get; init; }
}

/// <summary>What <see cref="WeightsLoader.Load(nn.Module, TensorSet, WeightsOptions?)"/> did.</summary>
/// <param name="LoadedKeys">Tensors copied into the module.</param>
/// <param name="ReplacedKeys">Keys of the head that kept their new values because the class count differs; empty where it is the same.</param>
/// <param name="FileClasses">Classes of the file's head.</param>
/// <param name="Part">The entry of a training checkpoint that was used; null where the file is nothing else.</param>
public sealed record WeightsReport(int LoadedKeys, IReadOnlyList<string> ReplacedKeys, int FileClasses, string? Part)
{
    /// <summary>What a person should know: that the head starts new, that the stem was carried over. null where the file was loaded as it is.</summary>
    public string? Message => ReplacedKeys.Count == 0 && FileChannels is null ? null : string.Join(" ", new[]
    {
        ReplacedKeys.Count == 0 ? "" : $"The weights are for {FileClasses} classes; {string.Join(" and ", ReplacedKeys)} start new, the other {LoadedKeys} tensors were loaded.",
        FileChannels is { } channels ? $"The weights are for {channels} input channels; the first convolution was carried over." : "",
    }.Where(text => text.Length > 0));

    /// <summary>Input channels of the file's first convolution where it was carried over to another number; null where it fits.</summary>
    public int? FileChannels { get; init; }
}

/// <summary>Puts weights from a file into a module: all of them, of exactly its keys and shapes, or none.</summary>
public static class WeightsLoader
{
    private const string Counter = "num_batches_tracked";
    private const int ShownKeys = 5;

    /// <summary>Loads a file; see the other form.</summary>
    /// <param name="module">The module; unchanged where this throws.</param>
    /// <param name="path">A safetensors or .pth file.</param>
    /// <param name="options">null: defaults.</param>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="WeightsException">The file cannot be read or does not fit.</exception>
    public static WeightsReport Load(nn.Module module, string path, WeightsOptions? options = null)
    {
        using var weights = WeightsFile.Read(path);
        return Load(module, weights, options);
    }

    /// <summary>Checks every key, shape and type, then copies the values. Nothing is broadcast; strides and device of the module stay.</summary>
    /// <param name="module">The module; unchanged where this throws.</param>
    /// <param name="weights">Tensors by key; floating-point values are converted to the module's floating-point type.</param>
    /// <param name="options">null: defaults.</param>
    /// <remarks>
    /// <c>num_batches_tracked</c> may be missing (files from before PyTorch 0.4). DenseNet's old keys (<c>norm.1.weight</c>) are
    /// understood as torchvision does, and timm's keys of EfficientNet, MobileNetV3 and ConvNeXt. timm's batch norms have the epsilon 1e-5;
    /// where the model's is another, the difference is added to the running variances, so that evaluation gives timm's result.
    /// </remarks>
    /// <exception cref="WeightsException">
    /// Keys are missing or unexpected, or shapes or types differ (all are named in one message), or values are not finite.
    /// </exception>
    public static WeightsReport Load(nn.Module module, TensorSet weights, WeightsOptions? options = null)
    {
        using var scope = NewDisposeScope();
        var translated = Translation.Of(module, weights);
        CheckFinite(translated, weights.Path);
        return Load(module, translated, weights.Path, options) with { Part = weights.Part };
    }

    /// <summary>The same for tensors of which a larger file is made up, a checkpoint for one.</summary>
    internal static WeightsReport Load(
        nn.Module module, IReadOnlyDictionary<string, Tensor> tensors, string path, WeightsOptions? options = null)
    {
        var state = module.state_dict();
        using var scope = NewDisposeScope();
        var given = new Dictionary<string, Tensor>(tensors);
        var channels = options?.AdaptStem == true ? AdaptStem(module, given, state) : null;
        var head = HeadKeys(module, state);
        var classes = head.Count > 0 && given.TryGetValue(head[0], out var headWeight) && headWeight.dim() > 0 ? (int)headWeight.shape[0] : 0;
        var replaced = options?.ReplaceHead == true ? head.Where(key => DiffersInClasses(key, given, state)).ToList() : [];

        var missing = state.Keys.Where(key => !given.ContainsKey(key) && !IsOptional(key)).ToList();
        var unexpected = given.Keys.Where(key => !state.ContainsKey(key)).ToList();
        var wrong = state.Keys.Where(key => !replaced.Contains(key) && given.TryGetValue(key, out var value) && !Fits(value, state[key]))
            .Select(key => $"{key} ({Describe(given[key])}; the model has {Describe(state[key])})").ToList();
        if (missing.Count + unexpected.Count + wrong.Count > 0)
        {
            throw new WeightsException(Explain(path, missing, unexpected, wrong, OnlyHeadDiffers(missing, unexpected, wrong, head)));
        }

        var loaded = 0;
        using var noGrad = no_grad();
        foreach (var (key, target) in state)
        {
            if (!replaced.Contains(key) && given.TryGetValue(key, out var value))
            {
                target.copy_(value);
                loaded++;
            }
        }

        return new WeightsReport(loaded, replaced, classes, null) { FileChannels = channels };
    }

    /// <summary>Number of classes of the weights of a model.</summary>
    /// <param name="variant">The model that the weights are for.</param>
    /// <param name="weights">Its weights.</param>
    /// <exception cref="WeightsException">The model's head is not in the file.</exception>
    public static int CountClasses(ModelVariant variant, TensorSet weights)
    {
        using var scope = NewDisposeScope();
        using var shapes = variant.Create(1, META);
        var state = shapes.state_dict();
        var key = HeadKeys(shapes, state)[0];
        return Translation.Of(shapes, weights).TryGetValue(key, out var head) && head.dim() == 2
            ? (int)head.shape[0]
            : throw new WeightsException($"'{weights.Path}' has no '{key}' of two dimensions, so it holds no weights of {variant.Name}. Name the model it was saved from.");
    }

    /// <summary>Number of input channels of the weights of a model: that of its first convolution.</summary>
    /// <param name="variant">The model that the weights are for.</param>
    /// <param name="weights">Its weights.</param>
    /// <exception cref="WeightsException">The model's first convolution is not in the file.</exception>
    public static int CountChannels(ModelVariant variant, TensorSet weights)
    {
        using var scope = NewDisposeScope();
        using var shapes = variant.Create(1, META);
        return Stem.Key(shapes) is { } key && Translation.Of(shapes, weights).TryGetValue(key, out var stem) && stem.dim() == 4
            ? (int)stem.shape[1]
            : throw new WeightsException($"'{weights.Path}' has no first convolution of {variant.Name}. Name the model it was saved from.");
    }

    // The head is the last linear layer: weight first, then bias.
    private static List<string> HeadKeys(nn.Module module, Dictionary<string, Tensor> state)
    {
        var name = module.named_modules().LastOrDefault(child => child.module is Linear).name;
        return name is null ? [] : new[] { name + ".weight", name + ".bias" }.Where(state.ContainsKey).ToList();
    }

    private static bool DiffersInClasses(string key, Dictionary<string, Tensor> given, Dictionary<string, Tensor> state) =>
        given.TryGetValue(key, out var value) && value.dim() == state[key].dim()
        && value.shape[0] != state[key].shape[0] && value.shape.Skip(1).SequenceEqual(state[key].shape.Skip(1));

    private static bool IsOptional(string key) => key.EndsWith(Counter, StringComparison.Ordinal);

    private static bool Fits(Tensor value, Tensor target) =>
        value.shape.SequenceEqual(target.shape)
        && (value.dtype == target.dtype || (value.is_floating_point() && target.is_floating_point()));

    // The file's number of channels where it is another.
    private static int? AdaptStem(nn.Module module, Dictionary<string, Tensor> given, Dictionary<string, Tensor> state)
    {
        if (Stem.Key(module) is not { } key || !given.TryGetValue(key, out var weight) || !Stem.DiffersInChannels(weight, state[key]))
        {
            return null;
        }

        given[key] = Stem.Adapt(weight, state[key].shape[1]);
        return (int)weight.shape[1];
    }

    private static void CheckFinite(Dictionary<string, Tensor> tensors, string path)
    {
        using var scope = NewDisposeScope();
        var broken = tensors.Where(pair => pair.Value.is_floating_point() && !pair.Value.isfinite().all().item<bool>())
            .Select(pair => pair.Key).Order(StringComparer.Ordinal).ToList();
        if (broken.Count > 0)
        {
            throw new WeightsException(
                $"'{path}' holds values that are not numbers (NaN or infinity); nothing was loaded. {List("with such values", broken)} " +
                "The run that wrote them diverged, or the file is damaged: take an earlier checkpoint, or copy it again.");
        }
    }

    private static bool OnlyHeadDiffers(List<string> missing, List<string> unexpected, List<string> wrong, List<string> head) =>
        missing.Count + unexpected.Count == 0 && wrong.All(text => head.Any(key => text.StartsWith(key + " ", StringComparison.Ordinal)));

    private static string Explain(string path, List<string> missing, List<string> unexpected, List<string> wrong, bool onlyHead)
    {
        var parts = new[] { List("missing", missing), List("unexpected", unexpected), List("of another shape or type", wrong) };
        var remedy = onlyHead
            ? "Only the number of classes differs: ask for a new head to keep the rest (transfer learning)."
            : "Choose the model that the file was saved from.";
        return $"'{path}' does not fit the model; nothing was loaded. {string.Join(" ", parts.Where(part => part.Length > 0))} {remedy}";
    }

    private static string List(string what, List<string> keys) => keys.Count == 0 ? string.Empty
        : $"{keys.Count} {what}: {string.Join(", ", keys.Take(ShownKeys))}{(keys.Count > ShownKeys ? ", …" : string.Empty)}.";

    private static string Describe(Tensor tensor) => $"{tensor.dtype} [{string.Join(", ", tensor.shape)}]";
}
