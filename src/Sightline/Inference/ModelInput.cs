using System.Globalization;
using Sightline.Data;
using Sightline.Native;
using Sightline.Training;
using static TorchSharp.torch;

namespace Sightline.Inference;

/// <summary>From the loader's bytes to the model's input, and the memory layout that goes with it.</summary>
internal sealed class ModelInput : IDisposable
{
    private readonly Device _device;
    private readonly MemoryLayout _layout;
    private readonly Tensor _scale;
    private readonly Tensor _shift;

    /// <param name="layout">Of the tensors that it gives; auto is channels last.</param>
    /// <exception cref="DataException">A mean or deviation would make the input NaN or infinite.</exception>
    public ModelInput(Preprocessing preprocessing, Device device, MemoryLayout layout = MemoryLayout.Nhwc)
    {
        // Pictures are bytes, so these six numbers are the only way for NaN to come into the input.
        if (preprocessing.Mean.Count != 3 || preprocessing.Std.Count != 3 || !preprocessing.Mean.All(float.IsFinite) || !preprocessing.Std.All(std => std is >= 1e-6f and < 1e6f))
        {
            throw new DataException(
                $"The preprocessing's mean is [{Numbers(preprocessing.Mean)}] and its std [{Numbers(preprocessing.Std)}]; three finite means and three deviations " +
                "from 0.000001 to 1000000 are needed, or the model's input is not a number. Mend 'preprocessing' in the run's run.json.");
        }

        _device = device;
        _layout = layout;
        _scale = tensor(preprocessing.Std.Select(std => 1 / (255 * std)).ToArray(), device: device).DetachFromDisposeScope();
        _shift = tensor(preprocessing.Mean.Zip(preprocessing.Std, (mean, std) => -mean / std).ToArray(), device: device).DetachFromDisposeScope();
    }

    /// <summary>Lays a model's convolution weights out as the inputs are, so that no convolution reorders.</summary>
    public static void MatchLayout(nn.Module model, MemoryLayout layout = MemoryLayout.Nhwc)
    {
        if (!Operators.IsAvailable)
        {
            return; // Convolutions then reorder their weights themselves, at each step: slower, not wrong.
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var parameter in model.parameters().Where(p => p.dim() == 4))
        {
            Operators.Set(parameter, Lay(parameter, layout));
        }
    }

    /// <summary>A tensor [N,C,H,W] with the strides of a layout; of the current scope, or the same where it lies so already.</summary>
    public static Tensor Lay(Tensor tensor, MemoryLayout layout) => layout == MemoryLayout.Nchw
        ? tensor.contiguous()
        : tensor.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    /// <summary>float32 [N,3,S,S] with the layout's strides, normalised, on the device; of the current scope.</summary>
    public Tensor Images(ImageBatch batch)
    {
        using var scope = NewDisposeScope();
        var bytes = frombuffer(batch.Pixels, ScalarType.Byte, (long)batch.Count * batch.Size * batch.Size * 3);
        var images = bytes.to(_device).to(ScalarType.Float32).reshape(batch.Count, batch.Size, batch.Size, 3);
        return Lay(images.mul_(_scale).add_(_shift).permute(0, 3, 1, 2), _layout).MoveToOuterDisposeScope();
    }

    /// <summary>int64 [N] on the device; of the current scope.</summary>
    public Tensor Labels(ImageBatch batch) => tensor(batch.Labels.AsSpan(0, batch.Count).ToArray(), device: _device);

    private static string Numbers(IEnumerable<float> values) => string.Join(", ", values.Select(value => value.ToString(CultureInfo.InvariantCulture)));

    public void Dispose()
    {
        _scale.Dispose();
        _shift.Dispose();
    }
}
