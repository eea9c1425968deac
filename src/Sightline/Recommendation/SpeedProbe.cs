using System.Diagnostics;
using Sightline.Models;
using Sightline.Runs;
using Sightline.Training;
using Sightline.Training.Distillation;
using Sightline.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Sightline.Recommendation;

/// <summary>Measures training steps of a model on random input.</summary>
internal static class SpeedProbe
{
    private const int MostSteps = 8;

    /// <summary>Seconds per picture: the fastest step after a first one, which allocates and chooses kernels.</summary>
    /// <param name="settings">Model, size, classes, precision, optimiser, device and threads.</param>
    /// <param name="batch">Pictures per step.</param>
    /// <param name="seconds">For about how long.</param>
    /// <param name="cancel">Stops between steps.</param>
    public static double Run(RunSettings settings, int batch, double seconds, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var options = settings.Options;
        var device = Devices.Choose(options.Device);
        set_num_threads(options.Threads ?? Environment.ProcessorCount);
        using var model = ModelCatalog.Find(settings.Model).Create(settings.Classes.Count);
        model.to(device);
        Inference.ModelInput.MatchLayout(model);
        var transfer = new Transfer(model, options.Transfer, settings.Model);
        using var optimizer = ParameterOptimizer.Create(model, options.Optimizer, groups: transfer.Groups());
        using var objective = new TrainingObjective(new CrossEntropyLoss(0, null), Teacher.Load(settings, device));
        new Regulariser(model, options).At(1, 1);
        model.train();
        transfer.Begin(0);
        var side = settings.Preprocessing.CropSize;
        var images = randn([batch, side, side, 3], device: device).permute(0, 3, 1, 2);
        var labels = randint(settings.Classes.Count, [batch], device: device);
        var pass = new ModelPass(model, ModelPass.TypeOf(options.Precision));
        var clock = Stopwatch.StartNew();
        var fastest = Step();
        for (var step = 0; step < MostSteps && (step == 0 || clock.Elapsed.TotalSeconds + fastest < seconds); step++)
        {
            cancel.ThrowIfCancellationRequested();
            var took = Step();
            fastest = step == 0 ? took : Math.Min(fastest, took);
        }

        return fastest / batch;

        double Step()
        {
            using var inner = NewDisposeScope();
            var begun = Stopwatch.GetTimestamp();
            optimizer.ClearGradients();
            var loss = objective.Of(images, pass.Forward(images), labels);
            pass.Backward(loss);
            optimizer.Step(1e-6);
            loss.item<float>(); // Waits for a GPU.
            return Stopwatch.GetElapsedTime(begun).TotalSeconds;
        }
    }
}
