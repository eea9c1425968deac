using System.Text.Json.Serialization;

namespace Sightline.Runs;

/// <summary>What became of a request to a running run; the <c>control</c> of a <see cref="RunEvent"/>.</summary>
public sealed record RunControlEvent
{
    /// <summary>Of the request.</summary>
    public required string Id { get; init; }

    /// <summary>What was asked.</summary>
    public required ControlAction Action { get; init; }

    /// <summary>How far it has come.</summary>
    public required ControlPhase Phase { get; init; }

    /// <summary>Who asked: <c>user@host</c>.</summary>
    public required string By { get; init; }

    /// <summary>The settings asked for; null where none were.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AdjustableSettings? Settings { get; init; }

    /// <summary>Why it was refused, or what else there is to say; plain words.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }
}
