using Sightline.Compute.Planning;
using Sightline.Models;
using Sightline.Training;

namespace Sightline.Planning;

/// <summary>A training as the planner of machines takes it.</summary>
internal static class TrainingJobs
{
    /// <summary>The job that a training is.</summary>
    /// <param name="options">Its settings.</param>
    /// <param name="pictures">Training pictures of an epoch.</param>
    /// <param name="classes">Classes.</param>
    /// <param name="isBatchGiven">Whether the batch must be as the settings say; else what fits a machine is taken.</param>
    /// <exception cref="SettingsException">The size is too small for the model.</exception>
    public static TrainingJob Of(TrainOptions options, int pictures, int classes, bool isBatchGiven) => new()
    {
        Model = TrainingCosts.Of(ModelCatalog.Find(options.Model ?? "resnet18"), options.Size, classes),
        Pictures = pictures,
        Epochs = options.Epochs,
        Batch = isBatchGiven ? options.BatchSize : null,
        OptimizerValues = options.Optimizer.Kind is OptimizerKind.Sgd or OptimizerKind.RmsProp or OptimizerKind.Lion ? 1 : 2,
        IsSinglePrecision = options.Precision == Precision.Fp32,
    };
}
