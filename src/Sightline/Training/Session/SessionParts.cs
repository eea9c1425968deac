using Sightline.Data;
using Sightline.Inference;
using Sightline.Models;
using Sightline.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Training;

/// <summary>What a session trains: the model with the weights it starts from, and all that is made of it.</summary>
/// <remarks>LibTorch's random state goes from the run's seed through the model's weights; the order of making is part of a run's bits.</remarks>
internal sealed class SessionParts : IDisposable
{
    /// <param name="settings">The run's.</param>
    /// <param name="data">Its classes and counts are read.</param>
    /// <param name="isNew">Whether starting weights are to be loaded; a checkpoint holds all weights itself.</param>
    /// <exception cref="SettingsException">A setting does not fit the model.</exception>
    /// <exception cref="DataException">The starting weights are not of this model.</exception>
    public SessionParts(RunSettings settings, ImageDataset data, bool isNew)
    {
        var options = settings.Options;
        var device = Devices.Choose(options.Device);
        set_num_threads(options.Threads ?? Environment.ProcessorCount);
        manual_seed(options.Seed);
        Model = ModelCatalog.Find(settings.Model).Create(data.Classes.Count);
        Told = isNew ? StartingWeights.Load(Model, options)?.Message : null;
        Model.to(device);
        ModelInput.MatchLayout(Model, options.Layout);
        Input = new ModelInput(settings.Preprocessing, device, options.Layout);
        Transfer = new Transfer(Model, options.Transfer, settings.Model);
        Optimizer = ParameterOptimizer.Create(Model, options.Optimizer, groups: Transfer.Groups());
        Meter = new TrainingMeter(device);
        Regulariser = new Regulariser(Model, options);
        Objective = TrainingObjective.Create(settings, data, device);
    }

    public nn.Module<Tensor, Tensor> Model { get; }

    /// <summary>What the starting weights had to say, such as a head that was replaced; null for nothing.</summary>
    public string? Told { get; }

    public ModelInput Input { get; }

    public Transfer Transfer { get; }

    public ParameterOptimizer Optimizer { get; }

    public TrainingMeter Meter { get; }

    public Regulariser Regulariser { get; }

    public TrainingObjective Objective { get; }

    public void Dispose()
    {
        Optimizer.Dispose();
        Meter.Dispose();
        Input.Dispose();
        Objective.Dispose();
        Model.Dispose();
    }
}
