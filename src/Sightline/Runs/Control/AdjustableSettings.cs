using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sightline.Training;

namespace Sightline.Runs;

/// <summary>The settings that may change while a run runs, by their names in <see cref="TrainOptions"/>; null stays as it is.</summary>
public sealed record AdjustableSettings
{
    /// <summary>Their names, as <c>--set</c> takes them.</summary>
    internal static IReadOnlyList<string> Keys { get; } =
        ["optimizer.learningRate", "learningRateScale", "epochs", "earlyStopEpochs", "memory.microBatch", "checkpointSteps"];

    /// <summary>Learning rate of the run; the schedule's shape stays. Above 0, at most 100.</summary>
    [JsonPropertyName("optimizer.learningRate"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LearningRate { get; init; }

    /// <summary>What the learning rate is multiplied by, once; 0.0001 to 10,000. Not together with a learning rate.</summary>
    [JsonPropertyName("learningRateScale"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LearningRateScale { get; init; }

    /// <summary>Passes over the training split in all; the schedule is laid over them anew. From the epoch that the run is in, to 10,000.</summary>
    [JsonPropertyName("epochs"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Epochs { get; init; }

    /// <summary>Epochs without a better validation accuracy before the run ends; 0 is off.</summary>
    [JsonPropertyName("earlyStopEpochs"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? EarlyStopEpochs { get; init; }

    /// <summary>Most pictures that go through the model at once; the step stays the one of the whole batch. 1 to 65,536.</summary>
    [JsonPropertyName("memory.microBatch"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MicroBatch { get; init; }

    /// <summary>Optimiser steps between checkpoints within an epoch; 0 writes them at the end of epochs only.</summary>
    [JsonPropertyName("checkpointSteps"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? CheckpointSteps { get; init; }

    /// <summary>The settings in one line, as <c>--set</c> takes them.</summary>
    public override string ToString() => string.Join(", ", JsonSerializer.SerializeToNode(this, SightlineJson.Line)!.AsObject().Select(pair => $"{pair.Key}={pair.Value}")); // A record is an object.

    /// <summary>Reads <c>key=value</c> pairs.</summary>
    /// <exception cref="SettingsException">A pair has no equals sign, a key cannot be adjusted, or a value is of another kind.</exception>
    internal static AdjustableSettings Parse(IEnumerable<string> pairs)
    {
        var read = new AdjustableSettings();
        foreach (var pair in pairs)
        {
            var equals = pair.IndexOf('=');
            if (equals <= 0)
            {
                throw new SettingsException($"--set takes KEY=VALUE, such as epochs=30; '{pair}' has no key and value.");
            }

            var (key, text) = (pair[..equals].Trim(), pair[(equals + 1)..].Trim());
            read = key switch
            {
                "optimizer.learningRate" => read with { LearningRate = Number(key, text) },
                "learningRateScale" => read with { LearningRateScale = Number(key, text) },
                "epochs" => read with { Epochs = Whole(key, text) },
                "earlyStopEpochs" => read with { EarlyStopEpochs = Whole(key, text) },
                "memory.microBatch" => read with { MicroBatch = Whole(key, text) },
                "checkpointSteps" => read with { CheckpointSteps = Whole(key, text) },
                _ => throw new SettingsException(Unknown(key)),
            };
        }

        return read;
    }

    /// <summary>Reads the <c>settings</c> of a request.</summary>
    /// <exception cref="SettingsException">A name cannot be adjusted, or a value is of another kind.</exception>
    internal static AdjustableSettings Read(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Object && json.EnumerateObject().FirstOrDefault(member => !Keys.Contains(member.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
        {
            throw new SettingsException(Unknown(unknown.Name));
        }

        try
        {
            return json.Deserialize<AdjustableSettings>(SightlineJson.Line) ?? throw new JsonException("they are null");
        }
        catch (JsonException error)
        {
            throw new SettingsException($"The settings {json.GetRawText()} cannot be read ({error.Message}); they must be an object of numbers, such as {{\"epochs\":30}}.");
        }
    }

    /// <summary>The settings as one line of JSON.</summary>
    internal string Line() => JsonSerializer.Serialize(this, SightlineJson.Line);

    /// <summary>All problems of adopting these in a run, empty when sound.</summary>
    /// <param name="options">The run's settings at the moment.</param>
    /// <param name="epoch">The epoch that the run is in, or has just ended; 0 before the first.</param>
    internal IEnumerable<string> Check(TrainOptions options, int epoch)
    {
        if (this == new AdjustableSettings())
        {
            yield return $"Nothing to adjust was named. Pass --set KEY=VALUE with one of {string.Join(", ", Keys)}.";
        }

        if (LearningRateScale is not null and not (>= 1e-4 and <= 1e4))
        {
            yield return $"learningRateScale is {Text(LearningRateScale)}; it must be from 0.0001 to 10000. Pass --set learningRateScale=0.5.";
        }

        if (LearningRate is not null && LearningRateScale is not null)
        {
            yield return "optimizer.learningRate and learningRateScale both set the rate. Pass one of them.";
        }

        if (Epochs is { } epochs && epochs < epoch && epochs >= 1)
        {
            yield return $"epochs is {epochs}; the run is in epoch {epoch}, so it must be from {epoch} to 10000. To end the run now: 'sightline run stop'.";
        }

        foreach (var problem in Changed(options).Check().Except(options.Check()))
        {
            yield return problem;
        }
    }

    /// <summary>A run's settings with these instead.</summary>
    internal TrainOptions Changed(TrainOptions options) => options with
    {
        Optimizer = options.Optimizer with { LearningRate = (LearningRate ?? options.Optimizer.LearningRate) * (LearningRateScale ?? 1) },
        Epochs = Epochs ?? options.Epochs,
        EarlyStopEpochs = EarlyStopEpochs ?? options.EarlyStopEpochs,
        Memory = options.Memory with { MicroBatch = MicroBatch ?? options.Memory.MicroBatch },
        CheckpointSteps = CheckpointSteps ?? options.CheckpointSteps,
    };

    // The last part alone is what people remember, so it counts as much as the whole name.
    private static string Unknown(string key)
    {
        static string Part(string name) => name[(name.LastIndexOf('.') + 1)..];
        var near = NearestNames.Of(Part(key), Keys.Select(Part)).Select(part => Keys.First(known => Part(known) == part)).Concat(NearestNames.Of(key, Keys)).Distinct().ToList();
        return $"'{key}' cannot be adjusted while a run runs.{(near.Count == 0 ? "" : $" Did you mean {string.Join(" or ", near.Select(name => $"'{name}'"))}?")} " +
            $"These can: {string.Join(", ", Keys)}.";
    }

    private static double Number(string key, string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
        ? value : throw new SettingsException($"{key} is {text}; it must be a number.");

    private static int Whole(string key, string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
        ? value : throw new SettingsException($"{key} is {text}; it must be a whole number.");

    private static string Text(double? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "null";
}
