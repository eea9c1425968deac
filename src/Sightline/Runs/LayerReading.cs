using System.Text.Json.Serialization;

namespace Sightline.Runs;

/// <summary>One layer in one training step: how large its numbers are. In <c>metrics.jsonl</c>, in events of the kind <c>layers</c>.</summary>
public sealed record LayerReading
{
    /// <summary>The layer's name, as in the weights file.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Root of the mean square of what the layer gives, over the batch; where an activation works in place, after it. Null where the layer was
    /// not asked.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Activation { get; init; }

    /// <summary>Share of the layer's channels that are zero for every pixel of every picture of the batch, 0..1; null where none is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Dead { get; init; }

    /// <summary>
    /// Share of the layer's channels that were zero for every pixel of every picture at this reading and at the one before, 0..1; null where none was, and at
    /// the first reading.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? DeadOverInterval { get; init; }

    /// <summary>Norm of the gradient of the layer's parameters, before clipping; null for a layer that does not learn.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Gradient { get; init; }

    /// <summary>Norm of the layer's parameters before the step; null for a layer without any.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Weight { get; init; }

    /// <summary>Norm of the step's change of the parameters over <see cref="Weight"/>; about 0.001 is usual. Null for a layer that does not learn.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Update { get; init; }
}
