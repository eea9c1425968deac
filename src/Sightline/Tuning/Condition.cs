namespace Sightline.Tuning;

/// <summary>When a parameter is active: only where another, declared before it, has certain values.</summary>
public sealed record Condition
{
    /// <summary>The name of the parameter it depends on.</summary>
    public required string Parameter { get; init; }

    /// <summary>For a categorical parameter: the choices that make it true; null for a number.</summary>
    public IReadOnlyList<string>? Choices { get; init; }

    /// <summary>For a number: the smallest value that makes it true. Default: no bound.</summary>
    public double Low { get; init; } = double.NegativeInfinity;

    /// <summary>For a number: the largest value that makes it true. Default: no bound.</summary>
    public double High { get; init; } = double.PositiveInfinity;

    /// <summary>Active where a categorical parameter has one of these choices.</summary>
    public static Condition Is(string parameter, params string[] choices) => new() { Parameter = parameter, Choices = choices };

    /// <summary>Active where a number lies between two bounds, both included.</summary>
    public static Condition Between(string parameter, double low, double high) => new() { Parameter = parameter, Low = low, High = high };

    /// <summary>Whether it holds for a value of the parameter it depends on.</summary>
    internal bool Holds(ParameterValue value) => value.Choice is { } choice
        ? Choices is not null && Choices.Contains(choice, StringComparer.Ordinal)
        : Choices is null && value.Number >= Low && value.Number <= High;

    /// <summary>Whether two conditions are the same.</summary>
    public bool Equals(Condition? other) => other is not null && Parameter == other.Parameter && Low.Equals(other.Low)
        && High.Equals(other.High) && (Choices ?? []).SequenceEqual(other.Choices ?? []) && Choices is null == other.Choices is null;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Parameter, Low, High, Choices?.Count);
}
