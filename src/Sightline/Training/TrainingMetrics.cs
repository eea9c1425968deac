using System.Diagnostics.Metrics;
using Sightline.Runs;

namespace Sightline.Training;

/// <summary>
/// The figures of running trainings for monitoring systems, as instruments of the meter <c>Sightline.Training</c>. Any collector of
/// <c>System.Diagnostics.Metrics</c>, such as OpenTelemetry, can listen; without a listener they cost nothing.
/// </summary>
public static class TrainingMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Sightline.Training";

    private static readonly Meter Source = new(MeterName, RunEnvironment.SightlineVersion);
    private static readonly Gauge<double> Loss = Source.CreateGauge<double>("sightline.training.loss", "{nat}", "Mean training loss of the last steps.");
    private static readonly Gauge<double> Accuracy = Source.CreateGauge<double>("sightline.training.accuracy", "1", "Training top-1 of the last steps.");
    private static readonly Gauge<double> Rate = Source.CreateGauge<double>("sightline.training.learning_rate", "1", "Learning rate of the last step.");
    private static readonly Gauge<double> Norm = Source.CreateGauge<double>("sightline.training.gradient_norm", "1", "Norm of the gradient before clipping.");
    private static readonly Gauge<double> Speed = Source.CreateGauge<double>("sightline.training.throughput", "{picture}/s", "Training pictures per second.");
    private static readonly Gauge<double> Wait = Source.CreateGauge<double>("sightline.training.data_wait", "1", "Share of the time spent waiting for data.");
    private static readonly Gauge<long> Step = Source.CreateGauge<long>("sightline.training.step", "{step}", "Optimiser steps taken.");
    private static readonly Gauge<long> Total = Source.CreateGauge<long>("sightline.training.steps_planned", "{step}", "Optimiser steps of the whole run.");
    private static readonly Gauge<double> ValidationLoss = Source.CreateGauge<double>("sightline.validation.loss", "{nat}", "Validation loss of the last epoch.");
    private static readonly Gauge<double> ValidationAccuracy = Source.CreateGauge<double>("sightline.validation.accuracy", "1", "Validation top-1 of the last epoch.");
    private static readonly Counter<long> Troubles = Source.CreateCounter<long>("sightline.training.troubles", "{trouble}", "Troubles told by the detectors, with what was done.");

    internal static void Record(RunEvent told, string run)
    {
        if (!Step.Enabled && !Troubles.Enabled)
        {
            return;
        }

        var tag = KeyValuePair.Create<string, object?>("run", run);
        Step.Record(told.Step, tag);
        Total.Record(told.TotalSteps, tag);
        Set(Loss, told.TrainLoss, tag);
        Set(Accuracy, told.TrainAccuracy, tag);
        Set(Rate, told.LearningRate, tag);
        Set(Norm, told.GradientNorm, tag);
        Set(Speed, told.ImagesPerSecond, tag);
        Set(Wait, told.DataWaitShare, tag);
        Set(ValidationLoss, told.ValidationLoss, tag);
        Set(ValidationAccuracy, told.ValidationAccuracy, tag);
        if (told.Detector is { } detector)
        {
            Troubles.Add(1, tag, KeyValuePair.Create<string, object?>("detector", detector), KeyValuePair.Create<string, object?>("action", $"{told.Action}"));
        }
    }

    private static void Set(Gauge<double> gauge, double? value, KeyValuePair<string, object?> tag)
    {
        if (value is { } figure)
        {
            gauge.Record(figure, tag);
        }
    }
}
