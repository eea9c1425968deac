using Sightline.Evaluation;

namespace Sightline.Runs;

/// <summary>What <see cref="RunReport"/> shows. Everything but the title and the time may be missing; its part is then left out.</summary>
public sealed record RunReportInput
{
    /// <summary>The page's heading, such as the run's name.</summary>
    public required string Title { get; init; }

    /// <summary>When the report is made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Model's catalogue name; null leaves it out.</summary>
    public string? Model { get; init; }

    /// <summary>The settings of the run, in groups, in the order shown.</summary>
    public IReadOnlyList<RunReportGroup> Settings { get; init; } = [];

    /// <summary>The lines of <c>metrics.jsonl</c>, in order. Figures that are null or not finite leave a gap in the curves.</summary>
    public IReadOnlyList<RunEvent> Events { get; init; } = [];

    /// <summary>The final figures; null where the run was not evaluated.</summary>
    public EvaluationResult? Evaluation { get; init; }

    /// <summary>What <see cref="Evaluation"/> was computed on: <c>test</c> or <c>validation</c>.</summary>
    public string Split { get; init; } = "test";

    /// <summary>The worst mistakes, worst first; the first 36 are shown.</summary>
    public IReadOnlyList<RunReportMistake> Mistakes { get; init; } = [];

    /// <summary>The pairs of classes confused most, with pictures; the first 4 are shown.</summary>
    public IReadOnlyList<RunReportPair> ConfusedPairs { get; init; } = [];

    /// <summary>Where the model found its answers; the first 10 are shown.</summary>
    public IReadOnlyList<RunReportExplanation> Explanations { get; init; } = [];

    /// <summary>Thresholds of each class; the best ones go into the report.</summary>
    public IReadOnlyList<ClassThresholds> Thresholds { get; init; } = [];

    /// <summary>The data; null leaves the part out.</summary>
    public RunReportData? Data { get; init; }

    /// <summary>Versions, machine, threads and the like, in the order shown.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>What the reader may run next.</summary>
    public IReadOnlyList<RunReportCommand> NextCommands { get; init; } = [];
}
