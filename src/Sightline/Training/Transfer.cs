using System.Globalization;
using Sightline.Models;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>Which stages of a model learn at an epoch, and at what share of the rate. All of it follows from settings and epoch.</summary>
internal sealed class Transfer
{
    private readonly nn.Module _model;
    private readonly TransferOptions _options;
    private readonly ModelStages _stages;
    private readonly List<string> _frozen;

    /// <summary>Reads the model's stages; what never learns stops requiring gradients, so that the optimiser keeps no state for it.</summary>
    /// <exception cref="SettingsException">A stage has no such name, or nothing would learn.</exception>
    public Transfer(nn.Module model, TransferOptions options, string modelName)
    {
        _model = model;
        _options = options;
        _stages = new ModelStages(model.named_parameters().Select(pair => pair.name));
        _frozen = Frozen(options.Freeze, _stages, modelName);
        if (_frozen.Count == _stages.Names.Count && options.UnfreezeEpochs.Count == 0)
        {
            throw new SettingsException(
                $"Freeze is '{options.Freeze}', which is all of {modelName}; nothing would learn. Pass --freeze backbone, or less of {string.Join(", ", _stages.Names)}.");
        }

        SetLearning(options.UnfreezeEpochs.Count > 0 ? [] : _frozen);
    }

    /// <summary>Parameters with their share of the rate; null where all have the whole.</summary>
    public IReadOnlyList<ParameterGroup>? Groups()
    {
        if (_options.StemRateShare == 1 && _options.LayerDecay == 1)
        {
            return null;
        }

        return [.. _model.named_parameters()
            .Where(pair => pair.parameter.requires_grad)
            .GroupBy(pair => Share(pair.name))
            .Select(group => new ParameterGroup { Names = [.. group.Select(pair => pair.name)], RateScale = group.Key })];
    }

    /// <summary>The stages that do not learn in an epoch, from the stem on.</summary>
    /// <param name="epoch">Epochs finished.</param>
    public IReadOnlyList<string> FrozenAt(int epoch)
    {
        var thawed = _options.UnfreezeEpochs.Count(unfreeze => unfreeze <= epoch);
        return thawed == 0 ? _frozen
            : thawed == _options.UnfreezeEpochs.Count ? []
            : _frozen[..Math.Max(0, _frozen.Count - thawed)];
    }

    /// <summary>Sets the model, in training mode, to an epoch. Frozen stages compute as in evaluation: batch norms keep their statistics.</summary>
    /// <param name="epoch">Epochs finished.</param>
    /// <returns>What a person should know, at the epochs at which it changes; null at others.</returns>
    public string? Begin(int epoch)
    {
        if (_frozen.Count == 0)
        {
            return null;
        }

        var frozen = FrozenAt(epoch);
        if (_options.UnfreezeEpochs.Count > 0)
        {
            SetLearning(frozen);
        }

        foreach (var (name, module) in _model.named_modules().Where(child => !child.module.children().Any()))
        {
            if (frozen.Contains(_stages.StageOf(name)))
            {
                module.eval();
            }
        }

        return epoch > 0 && frozen.Count == FrozenAt(epoch - 1).Count ? null
            : frozen.Count > 0 ? $"Frozen: {string.Join(", ", frozen)}."
            : "All stages learn.";
    }

    /// <summary>Share of the step's rate of a parameter.</summary>
    internal double Share(string name)
    {
        if (_options.LayerDecay != 1)
        {
            return Math.Pow(_options.LayerDecay, _stages.BlockCount - 1 - _stages.BlockIndexOf(name));
        }

        var stage = _stages.Names.ToList().IndexOf(_stages.StageOf(name));
        var last = _stages.Names.Count - 1;
        return stage == last ? 1 : Math.Pow(_options.StemRateShare, (double)(last - stage) / last);
    }

    private void SetLearning(IReadOnlyList<string> frozen)
    {
        foreach (var (name, parameter) in _model.named_parameters())
        {
            parameter.requires_grad = !frozen.Contains(_stages.StageOf(name));
        }
    }

    private static List<string> Frozen(string? freeze, ModelStages stages, string modelName)
    {
        if (freeze is null)
        {
            return [];
        }

        if (freeze == TransferOptions.Backbone)
        {
            return [.. stages.Names.Where(name => name != ModelStages.Head)];
        }

        if (int.TryParse(freeze, CultureInfo.InvariantCulture, out var count))
        {
            return count <= stages.Names.Count ? [.. stages.Names.Take(count)] : throw new SettingsException(
                $"Freeze is {count}, and {modelName} has {stages.Names.Count} stages: {string.Join(", ", stages.Names)}. Pass --freeze {stages.Names.Count - 1} or less.");
        }

        var named = freeze.Split(',', StringSplitOptions.TrimEntries);
        return named.FirstOrDefault(name => !stages.Names.Contains(name)) is { } unknown
            ? throw new SettingsException(
                $"Freeze names '{unknown}', which is no stage of {modelName}.{NearestNames.Suggest(unknown, stages.Names)} Its stages are {string.Join(", ", stages.Names)}; backbone is all but the head.")
            : [.. stages.Names.Where(named.Contains)];
    }
}
