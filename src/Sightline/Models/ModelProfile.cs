using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Models;

/// <summary>What a model costs at one picture size, class count and batch: exact counts, and memory estimates from shapes.</summary>
/// <remarks>
/// The network is built and run on the meta device, which has shapes and no values, so that the largest takes a fraction of a second.
/// The estimates are of what autograd and the blocks hold in float32; allocator slack and the kernels' work space come on top.
/// </remarks>
public sealed record ModelProfile
{
    private const int FloatBytes = 4;

    /// <summary>The model's catalogue name.</summary>
    public required string Name { get; init; }

    /// <summary>Side of the input, pixels.</summary>
    public required int Size { get; init; }

    /// <summary>Number of classes.</summary>
    public required int Classes { get; init; }

    /// <summary>Pictures in the batch that the byte figures are for.</summary>
    public required int Batch { get; init; }

    /// <summary>Learnable values.</summary>
    public required long Parameters { get; init; }

    /// <summary>Tensors of learnable values.</summary>
    public required int ParameterTensors { get; init; }

    /// <summary>Keys of the state dictionary: parameters and buffers.</summary>
    public required int StateKeys { get; init; }

    /// <summary>Multiply-accumulates of one picture: output elements of convolutions and linear layers x fan-in. Exact.</summary>
    public required long Macs { get; init; }

    /// <summary>Output elements of the convolutions for one picture; what the literature calls a model's activations. Exact.</summary>
    public required long Activations { get; init; }

    /// <summary>Bytes of tensors that a forward pass of the batch keeps for the backward pass.</summary>
    public required long KeptBytes { get; init; }

    /// <summary>Bytes of weights and buffers.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>Bytes that live at once at the worst point of a forward pass without gradients, weights included. An estimate.</summary>
    public required long InferenceBytes { get; init; }

    /// <summary>The largest layer's input and output, bytes for the batch: what the backward pass needs for its running gradients.</summary>
    public required long WidestLayerBytes { get; init; }

    /// <summary>Bytes of a training step: weights, gradients, optimiser state, kept tensors, running gradients. An estimate.</summary>
    /// <param name="optimizerValues">Values the optimiser keeps per parameter: 1 for SGD with momentum, 2 for AdamW, 0 for plain SGD.</param>
    public long TrainingBytes(int optimizerValues = 1) =>
        WeightBytes + (Parameters * FloatBytes * (1 + optimizerValues)) + KeptBytes + WidestLayerBytes;

    /// <summary>Counts a model.</summary>
    /// <param name="variant">A row of <see cref="ModelCatalog.All"/>.</param>
    /// <param name="size">Side of the input in pixels; null takes the published crop.</param>
    /// <param name="classes">Number of classes; at least 1.</param>
    /// <param name="batch">Pictures in a batch; at least 1.</param>
    /// <exception cref="SettingsException">A value is out of its range, or the size is too small for the model.</exception>
    public static ModelProfile Measure(ModelVariant variant, int? size = null, int classes = 1000, int batch = 1)
    {
        var side = size ?? variant.Preprocessing.CropSize;
        Check("size", side, 1, 4096);
        Check("classes", classes, 1, 1_000_000);
        Check("batch", batch, 1, 1_000_000);
        Native.NativeRuntime.EnsureLoaded();
        using var model = variant.Create(classes, META);
        model.eval();
        var count = new ShapeCounter();
        count.Watch(model);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        try
        {
            model.call(empty([1, 3, side, side], device: META));
        }
        catch (Exception error) when (error is ExternalException or SettingsException)
        {
            throw new SettingsException(
                $"{variant.Name} cannot take pictures of {side} px: a layer would have no output ({FirstLine(error.Message)}). " +
                $"Use a larger size; its published one is {variant.Preprocessing.CropSize} px.");
        }

        var parameters = model.parameters().ToList();
        var state = model.state_dict();
        var weightBytes = state.Values.Sum(tensor => tensor.numel() * tensor.element_size());
        return new ModelProfile
        {
            Name = variant.Name,
            Size = side,
            Classes = classes,
            Batch = batch,
            Parameters = parameters.Sum(parameter => parameter.numel()),
            ParameterTensors = parameters.Count,
            StateKeys = state.Count,
            Macs = count.Macs,
            Activations = count.ConvolutionOutputs,
            KeptBytes = (count.Kept + (3L * side * side)) * batch * FloatBytes,
            WeightBytes = weightBytes,
            InferenceBytes = weightBytes + (count.Peak * batch * FloatBytes),
            WidestLayerBytes = count.Widest * batch * FloatBytes,
        };
    }

    private static void Check(string what, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            throw new SettingsException($"The {what} is {value}; it must be {least} to {most}.");
        }
    }

    private static string FirstLine(string text) => text.Split('\n')[0].Trim();
}
