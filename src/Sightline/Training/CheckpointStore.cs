using System.Text.Json;
using Sightline.Runs;
using Sightline.Weights;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>
/// Writes and reads a run's checkpoints. <c>last.safetensors</c> holds weights, optimiser state, random state and the place in
/// the run; the one before is kept as <c>previous.safetensors</c>; <c>best.safetensors</c> holds weights alone.
/// </summary>
internal sealed class CheckpointStore(RunFolder run)
{
    private const string ModelPrefix = "model.";
    private const string OptimizerPrefix = "optimizer.";
    private const string RandomKey = "random.cpu";
    private const string StateKey = "state";
    private const string StepCountKey = "optimizerSteps";

    private string Last => Path.Combine(run.CheckpointFolder, "last.safetensors");

    private string Previous => Path.Combine(run.CheckpointFolder, "previous.safetensors");

    /// <summary>Whether there is something to go on from.</summary>
    public bool Exist => File.Exists(Last) || File.Exists(Previous);

    /// <summary>Writes everything needed to go on exactly from here.</summary>
    /// <param name="model">Its weights are saved.</param>
    /// <param name="optimizer">Its state is saved.</param>
    /// <param name="parts">Further state.</param>
    /// <param name="state">The place in the run.</param>
    public void SaveLast(nn.Module model, ParameterOptimizer optimizer, IReadOnlyList<ICheckpointPart> parts, TrainState state)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>();
        foreach (var (name, tensor) in model.state_dict())
        {
            tensors[ModelPrefix + name] = tensor;
        }

        foreach (var (name, tensor) in optimizer.State())
        {
            tensors[OptimizerPrefix + name] = tensor;
        }

        foreach (var (part, name, tensor) in parts.SelectMany(part => part.State().Select(state => (part, state.Name, state.Tensor))))
        {
            tensors[$"{part.Name}.{name}"] = tensor;
        }

        tensors[RandomKey] = get_rng_state();
        var metadata = new Dictionary<string, string>
        {
            [StateKey] = JsonSerializer.Serialize(state, SightlineJson.Line),
            [StepCountKey] = optimizer.StepCount.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["model"] = run.Settings.Model,
        };
        Guarded(Last, () =>
        {
            // The new file is whole on the disk before the old one gives up its name.
            var next = Path.Combine(run.CheckpointFolder, "next.safetensors");
            Safetensors.Write(next, tensors, metadata);
            if (File.Exists(Last))
            {
                File.Move(Last, Previous, overwrite: true);
            }

            File.Move(next, Last, overwrite: true);
        });
    }

    /// <summary>Writes the weights alone, under the names that torchvision uses.</summary>
    public void SaveBest(nn.Module model)
    {
        using var scope = NewDisposeScope();
        var metadata = new Dictionary<string, string>
        {
            ["model"] = run.Settings.Model,
            ["classes"] = JsonSerializer.Serialize(run.Settings.Classes, SightlineJson.Line),
            ["preprocessing"] = JsonSerializer.Serialize(run.Settings.Preprocessing, SightlineJson.Line),
        };
        Guarded(run.BestWeights, () => Safetensors.Write(run.BestWeights, model.state_dict(), metadata));
    }

    /// <summary>Restores the newest checkpoint that can be read.</summary>
    /// <param name="model">Takes the weights over.</param>
    /// <param name="optimizer">Takes its state over.</param>
    /// <param name="parts">Take theirs over.</param>
    /// <param name="notice">Told in plain words when a checkpoint had to be passed over.</param>
    /// <returns>The place in the run; null when there is no checkpoint yet.</returns>
    /// <exception cref="WeightsException">There are checkpoints but none can be read, or they belong to another model.</exception>
    public TrainState? Restore(
        nn.Module<Tensor, Tensor> model, ParameterOptimizer optimizer, IReadOnlyList<ICheckpointPart> parts, Action<string> notice)
    {
        WeightsException? failure = null;
        foreach (var file in new[] { Last, Previous }.Where(File.Exists))
        {
            try
            {
                return Restore(file, model, optimizer, parts);
            }
            catch (WeightsException error)
            {
                failure ??= error;
                notice($"The checkpoint '{Path.GetFileName(file)}' was passed over: {error.Message}");
            }
        }

        return failure is null ? null : throw new WeightsException(
            $"No checkpoint of '{run.Path}' can be read ({failure.Message}). Start a new run.", failure);
    }

    private static TrainState Restore(
        string file, nn.Module<Tensor, Tensor> model, ParameterOptimizer optimizer, IReadOnlyList<ICheckpointPart> parts)
    {
        using var scope = NewDisposeScope();
        using var content = Safetensors.Read(file);
        if (!content.Metadata.TryGetValue(StateKey, out var json) || !content.Metadata.TryGetValue(StepCountKey, out var stepCount)
            || JsonSerializer.Deserialize<TrainState>(json, SightlineJson.Line) is not { } state)
        {
            throw new WeightsException($"'{file}' holds no training state; it is a weights file, not a checkpoint. Pass it as --weights to a new run.");
        }

        WeightsLoader.Load(model, Part(content.Tensors, ModelPrefix), file);
        optimizer.Restore(Part(content.Tensors, OptimizerPrefix), long.Parse(stepCount, System.Globalization.CultureInfo.InvariantCulture));
        foreach (var part in parts)
        {
            part.Restore(Part(content.Tensors, part.Name + "."));
        }

        set_rng_state(content.Tensors[RandomKey]);
        return state;
    }

    private static Dictionary<string, Tensor> Part(IReadOnlyDictionary<string, Tensor> tensors, string prefix) => tensors
        .Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(pair => pair.Key[prefix.Length..], pair => pair.Value);

    private void Guarded(string file, Action write)
    {
        try
        {
            write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SightlineException(
                ExitCode.Unexpected,
                $"The checkpoint '{file}' could not be written ({error.Message}). Checkpoints written before are whole: " +
                $"make room, then go on with 'sightline train resume {run.Path}'.", error);
        }
    }
}
