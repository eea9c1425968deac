using System.Text.Json.Serialization;
using Sightline.Training;

namespace Sightline.Runs;

/// <summary>One line of <c>metrics.jsonl</c>.</summary>
public sealed record RunEvent
{
    /// <summary><c>step</c>, <c>epoch</c>, <c>layers</c>, <c>stability</c>, <c>notice</c>, <c>resume</c>, <c>checkpoint</c>, <c>memory</c>, <c>probe</c>, <c>control</c> or <c>end</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Epoch, from 1; 0 before the first.</summary>
    public int Epoch { get; init; }

    /// <summary>Optimiser steps taken so far in the run.</summary>
    public long Step { get; init; }

    /// <summary>Optimiser steps of the whole run, for the share done and the time left.</summary>
    public long TotalSteps { get; init; }

    /// <summary>Mean training loss since the last event of this kind, nats.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? TrainLoss { get; init; }

    /// <summary>Mean training top-1 since the last event of this kind, 0..1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? TrainAccuracy { get; init; }

    /// <summary>Validation loss, nats.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ValidationLoss { get; init; }

    /// <summary>Validation top-1, 0..1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ValidationAccuracy { get; init; }

    /// <summary>Of a probe, a look at the accuracy within an epoch: training pictures seen, over all epochs, as it was planned.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Pictures { get; init; }

    /// <summary>Learning rate of the last step.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LearningRate { get; init; }

    /// <summary>Norm of the gradient before clipping.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? GradientNorm { get; init; }

    /// <summary>What fp16 multiplies the loss with at the moment.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LossScale { get; init; }

    /// <summary>Steps that fp16 has skipped so far in the run because a gradient was infinite.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? SkippedSteps { get; init; }

    /// <summary>Training pictures per second, data loading included.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ImagesPerSecond { get; init; }

    /// <summary>Share of the time spent waiting for data, 0..1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? DataWaitShare { get; init; }

    /// <summary>Seconds since the run began, pauses between resumes not counted.</summary>
    public double Seconds { get; init; }

    /// <summary>Readings of every layer in the last step, in the model's order; in events of the kind <c>layers</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LayerReading>? Layers { get; init; }

    /// <summary>Which detector found trouble: <c>notFinite</c>, <c>spike</c>, <c>exploding</c>, <c>vanishing</c> or <c>dead</c>; in events of the kind <c>stability</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Detector { get; init; }

    /// <summary>What was done about it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StabilityPolicy? Action { get; init; }

    /// <summary>SHA-256 of the best weights, lower-case hexadecimal; of names, types, shapes and values, not of the file. At the end.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? BestWeightsSha256 { get; init; }

    /// <summary>The same of the weights after the last step.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? LastWeightsSha256 { get; init; }

    /// <summary>A request to the running run and what became of it; in events of the kind <c>control</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RunControlEvent? Control { get; init; }

    /// <summary>Plain words, for notices, troubles and ends.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Message { get; init; }
}
