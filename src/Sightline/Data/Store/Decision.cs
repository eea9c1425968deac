namespace Sightline.Data.Store;

/// <summary>One line of a data set's decision log. Lines are only ever added.</summary>
public sealed record Decision
{
    /// <summary>The act that it belongs to: 1, 2, 3 …; an act is made and undone as a whole.</summary>
    public int Batch { get; init; }

    /// <summary>When, UTC.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>What was decided; null for a line that undoes an act.</summary>
    public DecisionKind? Kind { get; init; }

    /// <summary>The picture's name; empty for a line that undoes an act.</summary>
    public string Image { get; init; } = "";

    /// <summary>SHA-256 of the picture, so that a decision outlives a renaming of the source; filled in by the log.</summary>
    public string? Sha256 { get; init; }

    /// <summary>For <see cref="DecisionKind.NotADuplicate"/>: the other picture; null means every picture of the finding.</summary>
    public string? Other { get; init; }

    /// <summary>For <see cref="DecisionKind.Relabel"/>: the class before; filled in by the log.</summary>
    public string? From { get; init; }

    /// <summary>For <see cref="DecisionKind.Relabel"/>: the class from now on.</summary>
    public string? To { get; init; }

    /// <summary>The kind of finding that led to it, such as <c>wrong-label</c>; null when none did.</summary>
    public string? Finding { get; init; }

    /// <summary>The act that this line undoes; null otherwise.</summary>
    public int? Undoes { get; init; }
}
