namespace Sightline.Advice;

/// <summary>One thing that limits a run, in plain words.</summary>
public sealed record RunAdvice
{
    /// <summary>What it is.</summary>
    public required RunCondition Condition { get; init; }

    /// <summary>The same in a few words, for a headline.</summary>
    public required string Title { get; init; }

    /// <summary>What that means for a newcomer, one or two sentences.</summary>
    public required string Explanation { get; init; }

    /// <summary>The numbers it was seen by, one sentence.</summary>
    public required string Evidence { get; init; }

    /// <summary>The command to try next.</summary>
    public required string Remedy { get; init; }

    /// <summary>The page that says more, such as <c>docs/stability.md</c>.</summary>
    public required string Page { get; init; }
}
