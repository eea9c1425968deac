using Sightline.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>Sets dropout, stochastic depth and drop block in a model, and moves what moves over the run.</summary>
internal sealed class Regulariser
{
    private readonly RegularisationOptions _options;
    private readonly int _size;
    private readonly List<DropBlock> _dropBlocks;

    /// <summary>Sets the chances that the settings name; the others stay the model's own.</summary>
    /// <param name="model">Borrowed.</param>
    /// <param name="options">The run's settings, with the size chosen.</param>
    public Regulariser(nn.Module<Tensor, Tensor> model, TrainOptions options)
    {
        _options = options.Regularisation;
        _size = options.Size ?? 0;
        if (_options.Dropout is { } dropout)
        {
            foreach (var layer in model.modules().OfType<Dropout>())
            {
                layer.p = dropout;
            }
        }

        if (_options.StochasticDepth is { } rate)
        {
            // The paper's linear rule; the first branch is always there.
            var branches = model.modules().OfType<StochasticDepth>().ToList();
            for (var i = 0; i < branches.Count; i++)
            {
                branches[i].Chance = branches.Count == 1 ? rate : rate * i / (branches.Count - 1);
            }
        }

        _dropBlocks = _options.DropBlock > 0 ? LastStages(model) : [];
        _dropBlocks.ForEach(layer => layer.Side = _options.DropBlockSide);
    }

    /// <summary>Makes sure that a model has what the settings are about.</summary>
    /// <exception cref="SettingsException">It has not, or the first size is not below the full one.</exception>
    public static void Check(ModelVariant variant, RegularisationOptions options, int size)
    {
        if (options.StartSize >= size)
        {
            throw new SettingsException(
                $"StartSize is {options.StartSize} and the input has {size} pixels; progressive resizing must start below it. Pass --set regularisation.startSize={size / 2}, or a larger --size.");
        }

        if (options is { Dropout: null, StochasticDepth: null, DropBlock: 0 })
        {
            return;
        }

        using var scope = NewDisposeScope();
        using var model = variant.Create(1, new Device(DeviceType.META));
        Require(options.Dropout > 0, model.modules().OfType<Dropout>().Any(), variant, "dropout", "dropout=null");
        Require(options.StochasticDepth > 0, model.modules().OfType<StochasticDepth>().Any(), variant, "residual branches to leave out", "stochasticDepth=null");
        Require(options.DropBlock > 0, LastStages(model).Count > 0, variant, "drop block", "dropBlock=0");
    }

    /// <summary>Moves the model to where it is before a step; a function of the step alone.</summary>
    public void At(long step, long totalSteps) => _dropBlocks.ForEach(layer => layer.Chance = _options.DropBlock * step / totalSteps);

    /// <summary>Side of the training input in an epoch, counted from 0; a multiple of 32 from 128 pixels on, else of 4.</summary>
    public int Size(int epoch, int epochs)
    {
        var share = epoch / Math.Max(_options.FullSizeAt * epochs, 1);
        if (_options.StartSize is not { } start || share >= 1)
        {
            return _size;
        }

        var multiple = _size >= 128 ? 32 : 4;
        var exact = start + ((_size - start) * share);
        return epoch == 0 ? start : Math.Clamp((int)Math.Round(exact / multiple) * multiple, start, _size);
    }

    private static void Require(bool isAsked, bool isThere, ModelVariant variant, string what, string off)
    {
        if (isAsked && !isThere)
        {
            throw new SettingsException($"The model {variant.Name} has no {what}. Pass --set regularisation.{off}, or choose another --model.");
        }
    }

    private static List<DropBlock> LastStages(nn.Module model) => model.named_modules()
        .Where(entry => entry.name.StartsWith("layer3", StringComparison.Ordinal) || entry.name.StartsWith("layer4", StringComparison.Ordinal))
        .Select(entry => entry.module).OfType<DropBlock>().ToList();
}
